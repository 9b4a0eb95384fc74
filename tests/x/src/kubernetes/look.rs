//! Looking at a cluster.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, bail};
use x::stack::{process::last_words, program};

use super::kubeconfig;
use crate::{
    World,
    progress::say,
    setup::kubernetes::{self, CONTROL_PLANE, HELM},
};

/// `cargo x cluster status`.
pub(super) fn status(world: &World, dir: &Path) -> Result<()> {
    let config = kubeconfig(dir)?;
    let programs = kubernetes::programs(world, &[&CONTROL_PLANE])?;
    for what in ["nodes", "pods"] {
        let mut kubectl = programs.command("kubectl")?;
        kubectl.arg("--kubeconfig").arg(&config).args(["get", what, "--all-namespaces"]);
        say(program::output(&mut kubectl)?.trim_end());
    }
    Ok(())
}

/// `cargo x cluster logs`.
pub(super) fn logs(dir: &Path, part: Option<&str>) -> Result<()> {
    let Some(part) = part else {
        let mut parts: Vec<String> = Vec::new();
        for entry in fs::read_dir(dir).context("no cluster is up")? {
            let file = entry?.path();
            if file.extension().is_some_and(|ending| ending == "log") {
                parts.extend(file.file_stem().map(|name| name.to_string_lossy().into_owned()));
            }
        }
        parts.sort();
        say(&parts.join("\n"));
        return Ok(());
    };
    let log = dir.join(format!("{part}.log"));
    if !log.is_file() {
        bail!("no part is called {part}; see: cargo x cluster logs");
    }
    say(&format!("{}:\n{}", log.display(), last_words(&log)));
    Ok(())
}

/// `cargo x cluster env`.
pub(super) fn env(world: &World, dir: &Path) -> Result<()> {
    let programs = kubernetes::programs(world, &[&CONTROL_PLANE, &HELM])?;
    let dirs = std::env::join_paths(programs.dirs())?;
    say(&format!("export KUBECONFIG={}", kubeconfig(dir)?.display()));
    say(&format!("export PATH={}:$PATH", dirs.display()));
    Ok(())
}
