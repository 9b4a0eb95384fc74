//! `cargo x bench`: builds everything with optimisations and hands over to the benchmarks, the
//! program `bench` in `tests/bench`.

use std::process::Command;

use anyhow::{Result, bail};
use clap::Args;
use testbed::{
    Invocation,
    setup::{build, tool},
};

use crate::test::Stage;

/// Arguments of `cargo x bench`.
#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// Only this benchmark; all of them if left out.
    name: Option<String>,
    /// Arguments of the benchmark program, after `--`.
    #[arg(last = true)]
    more: Vec<String>,
}

/// Runs the benchmarks. They print tables and leave `target/x/bench/NAME.json` behind.
pub(crate) fn bench(invocation: &Invocation, args: &BenchArgs) -> Result<()> {
    let program = build::binary(invocation, "bench", true)?;
    let mut stage = Stage::new(invocation, true)?;
    stage.stores()?;
    let mut command = Command::new(program);
    command.args(&args.name).args(&args.more).envs(stage.env());
    command.env("CHAT_BENCH_RESULTS", invocation.checkout.data("bench"));
    let passed = tool::show(invocation, &mut command)?.success();
    stage.end(passed)?;
    if !passed {
        bail!("a benchmark failed");
    }
    Ok(())
}
