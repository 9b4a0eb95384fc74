//! `chat-operator`: reconciles `ChatCluster`s, or prints their `CustomResourceDefinition`.

use std::{io::stderr, process::ExitCode};

use clap::Parser;
use operator::{
    crd,
    runtime::{self, Config},
};
use tracing_subscriber::EnvFilter;

/// Turns `ChatCluster` resources into chat servers and what they need.
#[derive(Parser)]
#[command(name = "chat-operator", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Reconcile `ChatCluster`s until SIGTERM.
    Run(Config),
    /// Print the `CustomResourceDefinition` of `ChatCluster`.
    Crd,
}

// It waits nearly all the time: more threads would only use memory.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Run(config) => run(config).await,
        Command::Crd => crd::yaml().map(|yaml| print!("{yaml}")).map_err(Into::into),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("chat-operator: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(config: Config) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.log)
        .map_err(|error| anyhow::anyhow!("--log: {error}; for example: info,operator=debug"))?;
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_env_filter(filter)
        .with_writer(stderr)
        .init();
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        anyhow::bail!("a TLS provider is installed already");
    }
    runtime::run(config).await
}
