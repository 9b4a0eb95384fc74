//! Programs that people call with a name, and that leave figures: the benchmarks and the proofs.

use std::{env, fs, path::PathBuf};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

/// Something to run, under the name that people type.
pub type Named = (&'static str, fn() -> Result<()>);

/// Runs the one that the first argument names, or all in their order. `what` is one of them.
pub fn run(what: &str, all: &[Named]) -> Result<()> {
    let wanted = env::args().nth(1);
    let chosen: Vec<&Named> = all
        .iter()
        .filter(|(name, _)| wanted.as_deref().is_none_or(|wanted| wanted == *name))
        .collect();
    if chosen.is_empty() {
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        bail!("there is no such {what}; there are: {}", names.join(", "));
    }
    chosen.into_iter().try_for_each(|(_, run)| run())
}

/// Leaves figures as `NAME.json` in the folder that a variable names; without it, here.
pub fn leave(variable: &str, name: &str, figures: &Value) -> Result<()> {
    let folder = PathBuf::from(env::var(variable).unwrap_or_else(|_| ".".to_owned()));
    fs::create_dir_all(&folder)?;
    let file = folder.join(format!("{name}.json"));
    fs::write(&file, serde_json::to_string_pretty(figures)?)
        .with_context(|| format!("cannot write {}", file.display()))
}
