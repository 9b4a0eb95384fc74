//! The files of an image that holds one program and what it cannot do without: the same that the
//! usual smallest base images hold.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, chown},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};
use testbed::program;

/// The user that programs in images run as.
pub const USER: &str = "65532:65532";
const CERTIFICATES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// Makes the folders, users and certificates that a program expects.
pub fn base(root: &Path) -> Result<()> {
    for dir in ["etc/ssl/certs", "home/nonroot", "tmp", "usr/lib", "usr/local/bin"] {
        fs::create_dir_all(root.join(dir))
            .with_context(|| format!("cannot make {}", root.display()))?;
    }
    fs::set_permissions(root.join("tmp"), fs::Permissions::from_mode(0o1777))?;
    // As in the usual base images: it is where a program may write without a volume.
    chown(root.join("home/nonroot"), Some(65532), Some(65532))
        .context("only root can give files of an image away; become root, then start again")?;
    fs::write(
        root.join("etc/passwd"),
        "root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n",
    )?;
    fs::write(root.join("etc/group"), "root:x:0:\nnonroot:x:65532:\n")?;
    fs::write(root.join("etc/nsswitch.conf"), "hosts: files dns\n")?;
    fs::copy(CERTIFICATES, root.join(&CERTIFICATES[1..]))
        .context("this machine has no certificates; install ca-certificates")?;
    Ok(())
}

/// Adds a program without what only a debugger reads, and the libraries that it names.
pub fn add_program(root: &Path, program: &Path, to: &str) -> Result<()> {
    let place = inside(root, to)?;
    let mut strip = Command::new("strip");
    program::output(strip.arg("-o").arg(&place).arg(program))?;
    for library in libraries(program)? {
        let place = inside(root, &library.display().to_string())?;
        fs::copy(&library, &place).with_context(|| format!("cannot copy {}", library.display()))?;
    }
    Ok(())
}

/// Adds a folder.
pub fn add_folder(root: &Path, folder: &Path, to: &str) -> Result<()> {
    let place = inside(root, to)?;
    let mut copy = Command::new("cp");
    copy.args(["-r", "--no-target-directory"]).arg(folder).arg(place);
    program::output(&mut copy)?;
    Ok(())
}

/// Adds a file with this text.
pub fn add_text(root: &Path, text: &str, to: &str) -> Result<()> {
    Ok(fs::write(inside(root, to)?, text)?)
}

fn inside(root: &Path, path: &str) -> Result<PathBuf> {
    let place = root.join(path.trim_start_matches('/'));
    if let Some(above) = place.parent() {
        fs::create_dir_all(above)?;
    }
    Ok(place)
}

/// What the loader would load: `libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x...)`, and itself.
fn libraries(program: &Path) -> Result<Vec<PathBuf>> {
    let said = program::output(Command::new("ldd").arg(program))?;
    let paths = said.lines().filter_map(|line| {
        let path = line.split_once("=> ").map_or(line, |(_, path)| path).trim();
        path.starts_with('/').then(|| path.split(' ').next().map(PathBuf::from)).flatten()
    });
    Ok(paths.collect())
}
