//! The project's own command: `cargo x`.

mod audit;
mod bench;
mod check;
mod cluster;
mod generate;
mod image;
mod mutants;
mod prove;
mod run;
mod test;

use std::{
    process::ExitCode,
    sync::{Arc, atomic::AtomicBool},
};

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use testbed::{Checkout, Invocation, progress};

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
    /// The quick loop: format, clippy, dependencies, tidy and unit tests.
    Check,
    /// Licences, sources and duplicate versions of dependencies, and advisories against them.
    Audit(audit::AuditArgs),
    /// Runs the benchmarks in release mode.
    Bench(bench::BenchArgs),
    /// Proves in a Kubernetes what takes longer than a test may, in release mode.
    Prove(prove::ProveArgs),
    /// A Kubernetes on this machine, and the product in it.
    Cluster(cluster::ClusterArgs),
    /// Makes container images, without a container engine.
    Image(image::ImageArgs),
    /// Prints what is linked into a program, and into its page: a list in the format of `CycloneDX`.
    Sbom {
        /// `chat-server` or `chat-operator`.
        program: String,
    },
    /// Writes the generated files anew.
    Generate,
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
    let invocation = Invocation { checkout: Checkout::find()?, interrupted };
    match line.command {
        Command::Run(args) => run::run(&invocation, &args),
        Command::Test(args) => test::test(&invocation, &args),
        Command::Check => check::check(&invocation),
        Command::Audit(args) => audit::audit(&invocation, &args),
        Command::Bench(args) => bench::bench(&invocation, &args),
        Command::Prove(args) => prove::prove(&invocation, &args),
        Command::Cluster(args) => cluster::cluster(&invocation, &args),
        Command::Image(args) => image::image(&invocation, &args),
        Command::Sbom { program } => image::sbom(&invocation, &program),
        Command::Generate => generate::generate(&invocation),
    }
}
