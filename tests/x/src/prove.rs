//! `cargo x prove`: builds everything with optimisations and hands over to the proofs, the program
//! `prove` in `tests/prove`.

use std::process::Command;

use anyhow::{Result, bail};
use clap::Args;

use crate::{
    World,
    setup::{build, kubernetes, tool},
    test::{Stage, cluster_told},
};

/// What `cargo x prove` can be told.
#[derive(Debug, Args)]
pub(crate) struct ProveArgs {
    /// Only this proof; all of them if left out.
    name: Option<String>,
    /// Without optimisations, for who works on a proof.
    #[arg(long)]
    debug: bool,
}

/// Runs the proofs. They say what they saw and leave `target/x/prove/NAME.json` behind.
pub(crate) fn prove(world: &World, args: &ProveArgs) -> Result<()> {
    let release = !args.debug;
    let program = build::binary(world, "prove", release)?;
    let stage = Stage::new(world, release)?;
    let mut command = Command::new(program);
    let kits: Vec<_> = kubernetes::WHOLE.into_iter().chain([&kubernetes::KWOK]).collect();
    command.args(&args.name).envs(cluster_told(world, &stage, &kits, release)?);
    command.env("CHAT_TEST_OPERATOR", build::binary(world, "chat-operator", release)?);
    command.env("CHAT_PROOF_RESULTS", world.checkout.data("prove"));
    // An error says where it comes from in words.
    command.env("RUST_LIB_BACKTRACE", "0");
    let passed = tool::show(world, &mut command)?.success();
    stage.end(passed)?;
    if !passed {
        bail!("a promise is not kept");
    }
    Ok(())
}
