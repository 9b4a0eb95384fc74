//! `cargo x prove`: builds everything with optimisations and hands over to the proofs, the program
//! `prove` in `tests/prove`.

use std::process::Command;

use anyhow::{Result, bail};
use bare_kube::toolchain;
use clap::Args;
use testbed::{
    Invocation,
    setup::{build, tool},
};

use crate::test::{Stage, cluster_env};

/// Arguments of `cargo x prove`.
#[derive(Debug, Args)]
pub(crate) struct ProveArgs {
    /// Only this proof; all of them if left out.
    name: Option<String>,
    /// Without optimisations, for who works on a proof.
    #[arg(long)]
    debug: bool,
}

/// Runs the proofs. They say what they saw and leave `target/x/prove/NAME.json` behind.
pub(crate) fn prove(invocation: &Invocation, args: &ProveArgs) -> Result<()> {
    let release = !args.debug;
    let program = build::binary(invocation, "prove", release)?;
    let stage = Stage::new(invocation, release)?;
    let mut command = Command::new(program);
    let toolchains: Vec<_> = toolchain::WHOLE.into_iter().chain([&toolchain::KWOK]).collect();
    command.args(&args.name).envs(cluster_env(invocation, &stage, &toolchains, release)?);
    command.env("CHAT_TEST_OPERATOR", build::binary(invocation, "chat-operator", release)?);
    command.env("CHAT_PROOF_RESULTS", invocation.checkout.data("prove"));
    // An error says where it comes from in words.
    command.env("RUST_LIB_BACKTRACE", "0");
    let passed = tool::show(invocation, &mut command)?.success();
    stage.end(passed)?;
    if !passed {
        bail!("a promise is not kept");
    }
    Ok(())
}
