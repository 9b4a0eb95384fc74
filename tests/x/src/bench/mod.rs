//! `cargo x bench`: builds everything with optimisations and hands over to the benchmarks, the
//! program `bench` in `tests/bench`.

mod compare;
mod revision;

use std::{path::PathBuf, process::Command};

use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use testbed::{
    Invocation,
    setup::{build, tool},
};

use self::compare::CompareArgs;
use crate::test::Stage;

/// What `cargo x bench` can be told.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct BenchArgs {
    /// Only this benchmark; all of them if left out.
    name: Option<String>,
    #[command(subcommand)]
    command: Option<BenchCommand>,
}

#[derive(Debug, Subcommand)]
enum BenchCommand {
    /// Compares this checkout's server with that of another revision; fails where it is worse.
    Compare(CompareArgs),
}

/// Runs the benchmarks. They print tables and leave `target/x/bench/NAME.json` behind.
pub(crate) fn bench(invocation: &Invocation, args: &BenchArgs) -> Result<()> {
    if let Some(BenchCommand::Compare(args)) = &args.command {
        return compare::compare(invocation, args);
    }
    let program = build::binary(invocation, "bench", true)?;
    let mut command = Command::new(program);
    if !run(invocation, command.args(&args.name))? {
        bail!("a benchmark failed");
    }
    Ok(())
}

/// Folder of what benchmarks leave.
fn results(invocation: &Invocation) -> PathBuf {
    invocation.checkout.data("bench")
}

/// Runs the program with stores of its own; says whether it passed.
fn run(invocation: &Invocation, command: &mut Command) -> Result<bool> {
    let mut stage = Stage::new(invocation, true)?;
    stage.stores()?;
    command.envs(stage.env()).env("CHAT_BENCH_RESULTS", results(invocation));
    // An error says where it comes from in words.
    command.env("RUST_LIB_BACKTRACE", "0");
    let passed = tool::show(invocation, command)?.success();
    stage.end(passed)?;
    Ok(passed)
}
