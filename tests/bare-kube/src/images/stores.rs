//! Images of stores, from packages of Debian: no registry is asked. They keep to the contract of
//! the official images of the same names, and stand in for them in tests.

use std::{
    collections::hash_map::DefaultHasher,
    fs,
    hash::{Hash as _, Hasher as _},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};
use testbed::{
    Invocation, program,
    progress::{self, complain},
    setup::{packages, tool},
};

use super::fresh;
use crate::oci::{Settings, layout};

/// A store, and what its image is made from.
#[derive(Debug)]
pub(super) struct Store {
    name: &'static str,
    /// Names of the image; the official one's too, because it is what people write.
    images: &'static [&'static str],
    /// Suites of Debian and packages, the best first.
    from: &'static [(&'static str, &'static str)],
    /// Number of the user, as in the official image.
    user: u32,
    data: &'static str,
    run: &'static str,
    port: &'static str,
    program: &'static str,
}

/// Debian's stable release has no MySQL; its unstable one has.
pub(super) const MYSQL: Store = Store {
    name: "mysql",
    images: &["docker.io/library/mysql:8.4", "docker.io/chat-platform/mysql:dev"],
    from: &[
        ("sid", "mysql-server-core,mysql-client-core"),
        ("bookworm", "mariadb-server-core,mariadb-client-core"),
    ],
    user: 999,
    data: "var/lib/mysql",
    run: "var/run/mysqld",
    port: "3306",
    program: "mysqld",
};

pub(super) const REDIS: Store = Store {
    name: "redis",
    images: &["docker.io/library/redis:7.4", "docker.io/chat-platform/redis:dev"],
    from: &[("bookworm", "redis-server,redis-tools")],
    user: 999,
    data: "data",
    run: "run/redis",
    port: "6379",
    program: "redis-server",
};

/// Not a store of the product; it keeps what it saw.
pub(super) const PROMETHEUS: Store = Store {
    name: "prometheus",
    images: &["docker.io/prom/prometheus:v2.53.5"],
    from: &[("bookworm", "prometheus")],
    user: 65534,
    data: "prometheus",
    run: "run/prometheus",
    port: "9090",
    program: "prometheus",
};

/// What the entry point needs besides.
const SHELL: &str = "dash,coreutils,sed";

/// Makes the image where it is not in the cache.
pub(super) fn make(invocation: &Invocation, store: &Store) -> Result<PathBuf> {
    let entry = invocation
        .checkout
        .path(&format!("tests/bare-kube/image-sources/{}/entrypoint.sh", store.name));
    let key = format!("images/{:016x}", state_of(store, &entry)?);
    let cache = invocation.checkout.cache().join(key);
    let to = cache.join(format!("{}.tar", store.name));
    if to.is_file() {
        return Ok(to);
    }
    fs::create_dir_all(&cache).with_context(|| format!("cannot make {}", cache.display()))?;
    packages::install(invocation, &[packages::MMDEBSTRAP])?;
    progress::step(
        "image",
        || {
            let root = cache.join(format!("{}.root", store.name));
            let version = fill(invocation, store, &root)?;
            furnish(store, &root, &entry)?;
            let names: Vec<String> = store.images.iter().map(|name| (*name).to_owned()).collect();
            layout::write(&root, &settings(store), &names, &to)?;
            fs::remove_dir_all(&root)?;
            Ok(version)
        },
        |version| format!("{}, from Debian {version}", store.name),
    )?;
    Ok(to)
}

/// What the image is made from; times say nothing in a fresh clone.
fn state_of(store: &Store, entry: &Path) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    fs::read(entry).with_context(|| format!("{} is missing", entry.display()))?.hash(&mut hasher);
    format!("{store:?}").hash(&mut hasher);
    Ok(hasher.finish())
}

/// Unpacks the packages and says from which suite they are.
fn fill(invocation: &Invocation, store: &Store, root: &Path) -> Result<&'static str> {
    let mut failed = None;
    for (suite, packages) in store.from {
        fresh(root)?;
        let mut debian = Command::new("mmdebstrap");
        debian.args(["--variant=extract", "--quiet"]);
        debian.arg(format!("--include={packages},{SHELL},ca-certificates"));
        // A mirror may be some days behind; what it holds is signed all the same.
        debian.arg(r#"--aptopt=Acquire::Check-Valid-Until "false""#);
        debian.arg(suite).arg(root);
        let log = invocation.checkout.data(&format!("image-{}.log", store.name));
        match tool::quietly(invocation, &mut debian, &log) {
            Ok(()) => {
                if let Some(error) = failed {
                    complain(&format!("{error:#}; going on with {packages} of {suite}"));
                }
                return Ok(suite);
            }
            Err(error) => {
                failed = Some(error.context(format!("cannot have {packages} of {suite}")));
            }
        }
    }
    Err(failed.context("no suite to take it from")?)
}

/// What the scripts of packages would have done, as far as the server needs it.
fn furnish(store: &Store, root: &Path, entry: &Path) -> Result<()> {
    let Store { user, data, run, name, .. } = store;
    for (link, to) in
        [("bin", "usr/bin"), ("sbin", "usr/sbin"), ("lib", "usr/lib"), ("lib64", "usr/lib64")]
    {
        if !root.join(link).exists() {
            std::os::unix::fs::symlink(to, root.join(link))?;
        }
    }
    let mut shell = Command::new("ln");
    program::output(shell.args(["-sf", "dash"]).arg(root.join("usr/bin/sh")))?;
    for dir in ["tmp", "etc", data, run] {
        fs::create_dir_all(root.join(dir))?;
    }
    let owner = format!("{user}:{user}");
    let own = |dir: &str, mode: &str| -> Result<()> {
        program::output(Command::new("chown").arg(&owner).arg(root.join(dir)))?;
        program::output(Command::new("chmod").arg(mode).arg(root.join(dir)))?;
        Ok(())
    };
    own("tmp", "1777")?;
    own(data, "0777")?;
    own(run, "0777")?;
    let line = format!("root:x:0:0::/root:/bin/sh\n{name}:x:{user}:{user}::/{data}:/bin/sh\n");
    fs::write(root.join("etc/passwd"), line)?;
    fs::write(root.join("etc/group"), format!("root:x:0:\n{name}:x:{user}:\n"))?;
    let place = root.join("usr/local/bin/docker-entrypoint.sh");
    fs::create_dir_all(root.join("usr/local/bin"))?;
    fs::copy(entry, &place)?;
    program::output(Command::new("chmod").arg("0755").arg(place))?;
    // Nobody reads them in a container, and they are a third of it.
    for dir in ["usr/share/doc", "usr/share/man", "usr/share/locale", "var/lib/apt", "var/cache"] {
        let _ = fs::remove_dir_all(root.join(dir));
    }
    Ok(())
}

fn settings(store: &Store) -> Settings {
    Settings {
        user: format!("{0}:{0}", store.user),
        dir: format!("/{}", store.data),
        ports: vec![store.port.to_owned()],
        entry: vec!["docker-entrypoint.sh".to_owned()],
        command: vec![store.program.to_owned()],
        ..Settings::default()
    }
}
