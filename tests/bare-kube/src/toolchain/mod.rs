//! The programs of a Kubernetes, built from their published Go modules: a bare machine has no
//! container engine, and nothing here needs one.
//!
//! A toolchain is a folder of programs that are built together and kept in the cache, under a name that
//! changes with their versions. Only what a caller asks for is built.

mod definitions;
mod list;

use std::{
    collections::hash_map::DefaultHasher,
    fs::{self, File, TryLockError},
    hash::{Hash as _, Hasher as _},
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use testbed::{Invocation, Timeout, program, progress, setup::tool};

use self::list::Source;
pub use self::{
    definitions::definitions,
    list::{ALL, CONTROL_PLANE, HELM, HELM_4, KWOK, RENDER, Toolchain, WHOLE},
};
use crate::Programs;

/// The module that holds most of it.
const MODULE: &str = "tests/bare-kube/go";

/// How long another build may take, on a busy machine.
const LOCK_TIMEOUT: Duration = Duration::from_hours(1);

/// Builds what is missing of these toolchains and says where the programs are.
pub fn programs(invocation: &Invocation, toolchains: &[&Toolchain]) -> Result<Programs> {
    let mut dirs = Vec::new();
    for toolchain in toolchains {
        let dir = place(invocation, toolchain)?;
        if !dir.is_dir() {
            build(invocation, toolchain, &dir)?;
        }
        dirs.push(dir);
    }
    Ok(Programs::new(dirs))
}

/// `kubectl` and `helm`: those of the machine, or ours.
pub fn clients(invocation: &Invocation) -> Result<Programs> {
    let folder = |name| Some(program::find(name)?.parent()?.to_owned());
    match (folder("kubectl"), folder("helm")) {
        (Some(kubectl), Some(helm)) => Ok(Programs::new(vec![kubectl, helm])),
        _ => programs(invocation, &[&CONTROL_PLANE, &HELM]),
    }
}

fn place(invocation: &Invocation, toolchain: &Toolchain) -> Result<PathBuf> {
    let key = match toolchain.source {
        Source::Published(version) => version.to_owned(),
        Source::Module => format!("{:016x}", state_of(&invocation.checkout.path(MODULE))?),
    };
    Ok(invocation.checkout.cache().join("kubernetes").join(format!("{}-{key}", toolchain.name)))
}

fn build(invocation: &Invocation, toolchain: &Toolchain, dir: &Path) -> Result<()> {
    if program::find("go").is_none() {
        bail!(
            "Kubernetes is built from its sources and Go is not installed; install Go 1.21 or \
             newer (https://go.dev/dl), then start again"
        );
    }
    let above = dir.parent().context("the cache has no folder")?;
    fs::create_dir_all(above).with_context(|| format!("cannot make {}", above.display()))?;
    // Two runs at once would do the same minutes of work twice, on the same processors.
    let lock = File::create(above.join("lock"))?;
    let timeout = Timeout::until(LOCK_TIMEOUT, Arc::clone(&invocation.interrupted));
    timeout.wait("another build of the programs of Kubernetes", || match lock.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error.into()),
    })?;
    if dir.is_dir() {
        return Ok(());
    }
    progress::announce(
        "programs",
        &format!("{}; the first time takes {}", toolchain.name, toolchain.takes),
    );
    // Renamed when complete, so that an interrupted build is never taken for a toolchain.
    let half = dir.with_extension("half");
    let _ = fs::remove_dir_all(&half);
    fs::create_dir_all(&half)?;
    let log = invocation.checkout.data("go.log");
    let mut go = go(invocation, toolchain, &half)?;
    progress::step(
        "programs",
        || {
            tool::quietly(invocation, &mut go, &log)
                .with_context(|| format!("cannot build {}", toolchain.name))?;
            rename(toolchain, &half)?;
            fs::rename(&half, dir)?;
            forget_older(dir, toolchain)
        },
        |()| toolchain.programs.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", "),
    )
}

fn go(invocation: &Invocation, toolchain: &Toolchain, into: &Path) -> Result<Command> {
    let module = invocation.checkout.path(MODULE);
    let versions = fs::read_to_string(module.join("go.mod"))?;
    let mut go = Command::new("go");
    go.env("CGO_ENABLED", "0").env("GOFLAGS", "").env("GOWORK", "off");
    // Gigabytes, and of use only while programs are built; what is kept is the programs.
    go.env("GOCACHE", invocation.checkout.data("go-build"));
    match toolchain.source {
        Source::Module => {
            go.current_dir(&module).args(["build", "-mod=readonly", "-o"]).arg(into);
        }
        Source::Published(_) => {
            go.arg("install").env("GOBIN", into);
        }
    }
    go.args(["-trimpath", "-buildvcs=false", "-ldflags", &list::linker_flags(&versions)?]);
    for (_, package) in toolchain.programs {
        match toolchain.source {
            Source::Module => go.arg(package),
            Source::Published(version) => go.arg(format!("{package}@{version}")),
        };
    }
    Ok(go)
}

/// Go names a program after its package; two generations of one program want two names.
fn rename(toolchain: &Toolchain, dir: &Path) -> Result<()> {
    for (name, package) in toolchain.programs {
        let built = package.rsplit('/').next().unwrap_or(package);
        if built != *name {
            fs::rename(dir.join(built), dir.join(name))?;
        }
    }
    Ok(())
}

/// Another version of the same toolchain is hundreds of megabytes; after a week nobody asks for it again.
fn forget_older(dir: &Path, toolchain: &Toolchain) -> Result<()> {
    let start = format!("{}-", toolchain.name);
    for entry in fs::read_dir(dir.parent().unwrap_or(dir))? {
        let other = entry?.path();
        let name = other.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let age = fs::metadata(&other)?.modified()?.elapsed().unwrap_or_default();
        if other != dir && name.starts_with(&start) && age > Duration::from_hours(7 * 24) {
            let _ = fs::remove_dir_all(&other);
        }
    }
    Ok(())
}

/// What the module's programs are made from.
fn state_of(module: &Path) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    for file in ["go.mod", "go.sum", "coredns/main.go", "etcd/main.go"] {
        fs::read(module.join(file))
            .with_context(|| format!("{MODULE}/{file} is missing"))?
            .hash(&mut hasher);
    }
    Ok(hasher.finish())
}
