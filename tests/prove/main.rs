//! Proofs that take longer than a test may and need a Kubernetes; `cargo x prove` builds them with
//! optimisations and runs them.
//!
//! A proof is a file of this folder; it stands in [`ALL`] under the name that people type. It fails
//! where a promise breaks, and leaves its figures in the folder that `CHAT_PROOF_RESULTS` names.

mod first;
mod fleet;
mod upgrade;

use anyhow::Result;
use harness::figures::{self, Named};
use serde_json::Value;

/// All proofs.
const ALL: &[Named] =
    &[("upgrade", upgrade::upgrade), ("first", first::first), ("fleet", fleet::fleet)];

fn main() -> Result<()> {
    figures::run("proof", ALL)
}

/// Leaves the figures of a proof.
fn leave(name: &str, figures: &Value) -> Result<()> {
    figures::leave("CHAT_PROOF_RESULTS", name, figures)
}
