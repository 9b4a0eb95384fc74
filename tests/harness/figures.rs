//! Programs that people call with a name, and that leave figures: the benchmarks and the proofs.

use std::{env, fs, path::PathBuf};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

/// The one that is wanted by its name, or all in their order. `what` is one of them.
pub fn chosen<'a, T>(
    what: &str,
    all: &'a [T],
    name: impl Fn(&T) -> &str,
    wanted: Option<&str>,
) -> Result<Vec<&'a T>> {
    let chosen: Vec<&T> =
        all.iter().filter(|one| wanted.is_none_or(|wanted| wanted == name(one))).collect();
    if chosen.is_empty() {
        let names: Vec<&str> = all.iter().map(name).collect();
        bail!("there is no such {what}; there are: {}", names.join(", "));
    }
    Ok(chosen)
}

/// Leaves figures as `NAME.json` in the folder that a variable names; without it, here.
pub fn leave(variable: &str, name: &str, figures: &Value) -> Result<()> {
    let folder = PathBuf::from(env::var(variable).unwrap_or_else(|_| ".".to_owned()));
    fs::create_dir_all(&folder)?;
    let file = folder.join(format!("{name}.json"));
    fs::write(&file, serde_json::to_string_pretty(figures)?)
        .with_context(|| format!("cannot write {}", file.display()))
}
