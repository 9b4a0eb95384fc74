//! Proofs that take longer than a test may and need a Kubernetes; `cargo x prove` builds them with
//! optimisations and runs them.
//!
//! A proof is a file of this folder; it stands in [`ALL`] under the name that people type. It fails
//! where a promise breaks, and leaves its figures in the folder that `CHAT_PROOF_RESULTS` names.

mod first;
mod fleet;
mod upgrade;

use std::{env, fs, path::PathBuf};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

type Proof = (&'static str, fn() -> Result<()>);

/// All proofs.
const ALL: &[Proof] =
    &[("upgrade", upgrade::upgrade), ("first", first::first), ("fleet", fleet::fleet)];

fn main() -> Result<()> {
    let wanted = env::args().nth(1);
    let chosen: Vec<&Proof> = ALL
        .iter()
        .filter(|(name, _)| wanted.as_deref().is_none_or(|wanted| wanted == *name))
        .collect();
    if chosen.is_empty() {
        let names: Vec<&str> = ALL.iter().map(|(name, _)| *name).collect();
        bail!("there is no such proof; there are: {}", names.join(", "));
    }
    chosen.into_iter().try_for_each(|(_, run)| run())
}

/// Leaves the figures of a proof.
fn leave(name: &str, figures: &Value) -> Result<()> {
    let folder = PathBuf::from(env::var("CHAT_PROOF_RESULTS").unwrap_or_else(|_| ".".to_owned()));
    fs::create_dir_all(&folder)?;
    let file = folder.join(format!("{name}.json"));
    fs::write(&file, serde_json::to_string_pretty(figures)?)
        .with_context(|| format!("cannot write {}", file.display()))
}
