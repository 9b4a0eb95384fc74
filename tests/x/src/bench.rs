//! `cargo x bench`: builds everything with optimisations and hands over to the benchmarks, the
//! program `bench` in `tests/bench`.

use std::process::Command;

use anyhow::{Result, bail};
use clap::Args;

use crate::{
    World,
    setup::{build, tool},
    test::Stage,
};

/// What `cargo x bench` can be told.
#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// Only this benchmark; all of them if left out.
    name: Option<String>,
    /// What the benchmark program itself is told, behind `--`.
    #[arg(last = true)]
    more: Vec<String>,
}

/// Runs the benchmarks. They print tables and leave `target/x/bench/NAME.json` behind.
pub(crate) fn bench(world: &World, args: &BenchArgs) -> Result<()> {
    let program = build::binary(world, "bench", true)?;
    let mut stage = Stage::new(world, true)?;
    stage.stores()?;
    let mut command = Command::new(program);
    command.args(&args.name).args(&args.more).envs(stage.told());
    command.env("CHAT_BENCH_RESULTS", world.checkout.data("bench"));
    let passed = tool::show(world, &mut command)?.success();
    stage.end(passed)?;
    if !passed {
        bail!("a benchmark failed");
    }
    Ok(())
}
