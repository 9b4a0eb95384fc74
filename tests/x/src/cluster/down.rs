//! `cargo x cluster down`.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context as _, Result};
use testbed::{process, progress};

use super::kind;

/// Ends the cluster.
pub(super) fn down(name: &str, dir: &Path) -> Result<()> {
    if !dir.exists() {
        progress::say("No cluster is up.");
        return Ok(());
    }
    let end = || match kind::kubeconfig(dir) {
        Some(_) => kind::down(name, dir),
        None => clear(dir),
    };
    progress::step("cluster", end, |()| "ended")
}

/// Ends what runs and removes what is left, however the last one ended.
pub(super) fn clear(dir: &Path) -> Result<()> {
    let grace = Duration::from_secs(30);
    // The supervisor first: it ends its parts in order.
    process::end(dir, "supervisor", grace)?;
    process::end_leftovers(dir, grace)?;
    bare_kube::cluster::clear(dir)?;
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", dir.display()))
        }
        _ => Ok(()),
    }
}
