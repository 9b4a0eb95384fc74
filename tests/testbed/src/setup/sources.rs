//! Programs of other versions, built from their sources.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use super::build;
use crate::{Checkout, Invocation, progress};

/// Builds a program of the sources that `unpack` writes into a folder, and keeps it at `kept`; what
/// is there already is taken. It is built as this checkout's is, in a target folder of its own: for
/// Cargo the two programs are one, and which of their files is newer says nothing. The sources and
/// what Cargo left are removed, because they take gigabytes.
pub fn program(
    invocation: &Invocation,
    (name, version): (&str, &str),
    kept: &Path,
    release: bool,
    unpack: impl FnOnce(&Path) -> Result<()>,
) -> Result<PathBuf> {
    if kept.exists() {
        return Ok(kept.to_owned());
    }
    progress::announce("build", &format!("{name} of {version}; it is kept"));
    let root = kept.with_extension("sources");
    if root.exists() {
        fs::remove_dir_all(&root)?;
    }
    fs::create_dir_all(&root).with_context(|| format!("cannot make {}", root.display()))?;
    unpack(&root)?;
    let there = Checkout { target: root.join("target"), root: root.clone() };
    let there = Invocation { checkout: there, ..invocation.clone() };
    let copied = build::binary(&there, name, release).and_then(|program| {
        // Renamed when complete, so that half a program is never taken for one.
        let half = kept.with_extension("half");
        fs::copy(program, &half)?;
        Ok(fs::rename(half, kept)?)
    });
    fs::remove_dir_all(&root)?;
    copied.map(|()| kept.to_owned())
}
