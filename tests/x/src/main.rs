//! The project's own command: `cargo x`.

mod bench;
mod check;
mod generate;
mod images;
mod kubernetes;
mod progress;
mod prove;
mod run;
mod setup;
mod test;

use std::{
    process::ExitCode,
    sync::{Arc, atomic::AtomicBool},
};

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use x::checkout::Checkout;

/// Runs, tests and measures the chat platform from its sources.
#[derive(Debug, Parser)]
#[command(name = "cargo x", bin_name = "cargo x", disable_help_subcommand = true)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Sets everything up and runs the product on this machine, until Ctrl-C.
    Run(run::RunArgs),
    /// Sets everything up and runs the tests: all rings, or one.
    Test(test::TestArgs),
    /// The quick loop: format, clippy, tidy and unit tests.
    Check,
    /// Runs the benchmarks in release mode.
    Bench(bench::BenchArgs),
    /// Proves in a Kubernetes what takes longer than a test may, in release mode.
    Prove(prove::ProveArgs),
    /// A Kubernetes on this machine, and the product in it.
    Cluster(kubernetes::ClusterArgs),
    /// Makes container images, without a container engine.
    Image(images::ImageArgs),
    /// Prints what is linked into a program, and into its page: a list in the format of `CycloneDX`.
    Sbom {
        /// `chat-server` or `chat-operator`.
        program: String,
    },
    /// Writes the generated files anew.
    Generate,
}

/// What every command gets.
struct World {
    checkout: Checkout,
    /// Set by Ctrl-C and by a request to end.
    interrupted: Arc<AtomicBool>,
}

fn main() -> ExitCode {
    match act(Line::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            progress::complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn act(line: Line) -> Result<()> {
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&interrupted))
            .context("cannot listen for signals")?;
    }
    let world = World { checkout: Checkout::find()?, interrupted };
    match line.command {
        Command::Run(args) => run::run(&world, &args),
        Command::Test(args) => test::test(&world, &args),
        Command::Check => check::check(&world),
        Command::Bench(args) => bench::bench(&world, &args),
        Command::Prove(args) => prove::prove(&world, &args),
        Command::Cluster(args) => kubernetes::cluster(&world, &args),
        Command::Image(args) => images::image(&world, &args),
        Command::Sbom { program } => {
            progress::say(images::list(&world, &program)?.trim_end());
            Ok(())
        }
        Command::Generate => generate::generate(&world),
    }
}
