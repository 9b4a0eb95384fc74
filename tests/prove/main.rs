//! Proofs that take longer than a test may and need a Kubernetes; `cargo x prove` builds them with
//! optimisations and runs them.
//!
//! A proof is a file of this folder; [`ALL`] has its name on the command line. It fails where a
//! promise is broken, and writes its results to the folder that `CHAT_PROOF_RESULTS` names.

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
