//! The images of the product, and of the stores that tests run it with.
//!
//! Invariant: an image is made anew when what it is made from has changed, and only then.

mod stores;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};
use testbed::{
    Invocation, program, progress,
    setup::{build, packages, page},
};

use crate::{
    node::PAUSE,
    oci::{Dockerfile, Settings, layout, root, sbom},
};

/// How an image is made.
#[derive(Debug, Clone, Copy)]
enum Recipe {
    /// From the last stage of the Dockerfile in this folder: a program of the workspace, perhaps
    /// with a page.
    Program(&'static str),
    /// From packages of Debian.
    Store(&'static stores::Store),
    /// From a C program of one file: the image's name.
    Small(&'static str),
}

const IMAGES: [(&str, Recipe); 7] = [
    ("chat-server", Recipe::Program("chat-server")),
    ("chat-operator", Recipe::Program("operator")),
    ("mysql", Recipe::Store(&stores::MYSQL)),
    ("redis", Recipe::Store(&stores::REDIS)),
    ("prometheus", Recipe::Store(&stores::PROMETHEUS)),
    // The first process of every pod.
    ("pause", Recipe::Small(PAUSE)),
    // A server that does not come up, for tests.
    ("broken", Recipe::Small("chat-platform/broken:1")),
];

/// Names of all images.
#[must_use]
pub fn names() -> Vec<&'static str> {
    IMAGES.iter().map(|(name, _)| *name).collect()
}

/// Makes all images: a cluster has them from its beginning.
pub fn all(invocation: &Invocation, release: bool) -> Result<Vec<PathBuf>> {
    make(invocation, &IMAGES.map(|(name, _)| name), release)
}

/// Makes these images and says where their files are.
pub fn make(invocation: &Invocation, names: &[&str], release: bool) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for (name, recipe) in IMAGES.iter().filter(|(name, _)| names.contains(name)) {
        files.push(match recipe {
            Recipe::Program(folder) => of_program(invocation, name, folder, release)?,
            Recipe::Store(store) => stores::make(invocation, store)?,
            Recipe::Small(image) => of_c(invocation, name, image)?,
        });
    }
    Ok(files)
}

/// The image of a program that the workspace builds, as its Dockerfile says.
fn of_program(invocation: &Invocation, name: &str, folder: &str, release: bool) -> Result<PathBuf> {
    packages::install(invocation, &[packages::CERTIFICATES])?;
    let text = fs::read_to_string(invocation.checkout.path(&format!("{folder}/Dockerfile")))?;
    let file = Dockerfile::parse(&text).with_context(|| format!("{folder}/Dockerfile"))?;
    let program = build::binary(invocation, name, release)?;
    if file.copies.iter().any(|copy| copy.stage == "page") {
        page::build(invocation)?;
    }
    let to = place(invocation, name)?;
    let image = tag(name);
    progress::step(
        "image",
        || {
            let dir = fresh(&to.with_extension("root"))?;
            root::base(&dir)?;
            for copy in &file.copies {
                match copy.stage.as_str() {
                    "program" if copy.from.ends_with(sbom::ENDING) => {
                        root::add_text(&dir, &list(invocation, name)?, &copy.to)?;
                    }
                    "program" => root::add_program(&dir, &program, &copy.to)?,
                    "page" => {
                        let page = invocation.checkout.path("frontend/dist");
                        root::add_folder(&dir, &page, &copy.to)?;
                    }
                    stage => bail!("{folder}/Dockerfile copies from an unknown stage `{stage}`"),
                }
            }
            let settings = file.settings_with(&[("REVISION", &revision(invocation))])?;
            layout::write(&dir, &settings, &[format!("docker.io/library/{image}")], &to)?;
            Ok(fs::remove_dir_all(&dir)?)
        },
        |()| image.clone(),
    )?;
    Ok(to)
}

/// What is linked into a program, and in the page that its image has.
pub fn list(invocation: &Invocation, name: &str) -> Result<String> {
    let found = IMAGES.iter().find(|(known, _)| *known == name);
    let Some((_, Recipe::Program(folder))) = found else {
        bail!("{name} is no program of ours; there are chat-server and chat-operator");
    };
    let text = fs::read_to_string(invocation.checkout.path(&format!("{folder}/Dockerfile")))?;
    let has_page = Dockerfile::parse(&text)?.copies.iter().any(|copy| copy.stage == "page");
    sbom::of(&invocation.checkout, name, has_page)
}

/// The commit that is built, and whether it was built as it is.
fn revision(invocation: &Invocation) -> String {
    let mut git = Command::new("git");
    git.args(["describe", "--always", "--abbrev=40", "--exclude=*", "--dirty"]);
    let said = program::output(git.current_dir(&invocation.checkout.root));
    // Sources without their history, or without git.
    said.map_or_else(|_| "unknown".to_owned(), |said| said.trim().to_owned())
}

/// What charts and samples call the image of a program.
#[must_use]
pub fn tag(name: &str) -> String {
    format!("{name}:{}", env!("CARGO_PKG_VERSION"))
}

fn of_c(invocation: &Invocation, name: &str, image: &str) -> Result<PathBuf> {
    let to = place(invocation, name)?;
    let source =
        invocation.checkout.path(&format!("tests/bare-kube/image-sources/{name}/{name}.c"));
    if !is_newer(&to, &source) {
        let dir = fresh(&to.with_extension("root"))?;
        let mut cc = Command::new("cc");
        cc.args(["-Os", "-static", "-s", "-Wall", "-Werror", "-o"]).arg(dir.join(name));
        program::output(cc.arg(source)).with_context(|| format!("{name} does not build"))?;
        let settings = Settings {
            user: root::USER.to_owned(),
            entry: vec![format!("/{name}")],
            ..Settings::default()
        };
        layout::write(&dir, &settings, &[format!("docker.io/{image}")], &to)?;
        fs::remove_dir_all(&dir)?;
    }
    Ok(to)
}

fn place(invocation: &Invocation, name: &str) -> Result<PathBuf> {
    let dir = invocation.checkout.data("images");
    fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    Ok(dir.join(format!("{name}.tar")))
}

fn fresh(dir: &Path) -> Result<PathBuf> {
    let _ = fs::remove_dir_all(dir);
    fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    Ok(dir.to_owned())
}

fn is_newer(file: &Path, than: &Path) -> bool {
    let changed = |path: &Path| fs::metadata(path).and_then(|about| about.modified()).ok();
    changed(file).is_some_and(|file| changed(than).is_some_and(|than| file > than))
}
