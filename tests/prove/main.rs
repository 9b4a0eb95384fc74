//! Proofs that take longer than a test may and need a Kubernetes; `cargo x prove` builds them with
//! optimisations and runs them.
//!
//! A proof is a file of this folder; [`ALL`] has its name on the command line. It fails where a
//! promise is broken, and writes its results to the folder that `CHAT_PROOF_RESULTS` names.

mod first;
mod fleet;
mod upgrade;

use std::env;

use anyhow::Result;
use harness::figures;
use serde_json::Value;

/// A proof, under the name that people type.
type Proof = (&'static str, fn() -> Result<()>);

/// All proofs.
const ALL: &[Proof] =
    &[("upgrade", upgrade::upgrade), ("first", first::first), ("fleet", fleet::fleet)];

fn main() -> Result<()> {
    let wanted = env::args().nth(1);
    let chosen = figures::chosen("proof", ALL, |(name, _)| name, wanted.as_deref())?;
    chosen.into_iter().try_for_each(|(_, prove)| prove())
}

/// Leaves the figures of a proof.
fn leave(name: &str, figures: &Value) -> Result<()> {
    figures::leave("CHAT_PROOF_RESULTS", name, figures)
}
