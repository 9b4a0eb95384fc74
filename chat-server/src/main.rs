//! `chat-server`: serve, migrate, check the configuration, administer.
//!
//! The only reader of the environment.

use std::process::ExitCode;

use chat_contract::config::ServerConfig;
use chat_server::{admin, http, run, telemetry::Telemetry};
use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The exit code of a wrong configuration.
const WRONG_CONFIGURATION: u8 = 2;

/// A chat server. It is configured by variables that begin with `CHAT_`, also from a file `.env`.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Serve the API, the page and the sockets until SIGTERM.
    Serve,
    /// Bring the store's schema up to date.
    Migrate,
    /// Say whether the configuration can be used, and what it is, without the secrets.
    CheckConfig,
    /// Print the `OpenAPI` document.
    Openapi,
    /// Print the `AsyncAPI` document of the socket's commands and events.
    Asyncapi,
    /// Administer.
    #[command(subcommand)]
    Admin(admin::Command),
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Err(error) = dotenvy::dotenv()
        && !error.not_found()
    {
        eprintln!("chat-server: .env: {error}");
        return ExitCode::from(WRONG_CONFIGURATION);
    }
    match arguments.command {
        Command::Openapi => return finish(print(&http::openapi())),
        Command::Asyncapi => return finish(print(&http::asyncapi())),
        _ => {}
    }
    let config = match ServerConfig::from_vars(&|name| std::env::var(name).ok()) {
        Ok(config) => config,
        Err(problems) => {
            eprintln!("chat-server: the configuration cannot be used:");
            for problem in &problems {
                eprintln!("  {problem}");
            }
            return ExitCode::from(WRONG_CONFIGURATION);
        }
    };
    let telemetry = match Telemetry::start(&config) {
        Ok(telemetry) => telemetry,
        Err(error) => {
            eprintln!("chat-server: {error:#}");
            return ExitCode::from(WRONG_CONFIGURATION);
        }
    };
    for (former, name) in ServerConfig::former_names_in_use(&|name| std::env::var(name).ok()) {
        tracing::warn!("{former} is now {name}; the former name is read until 0.3");
    }
    let result = dispatch(arguments.command, config).await;
    telemetry.end().await;
    finish(result)
}

async fn dispatch(command: Command, config: ServerConfig) -> anyhow::Result<()> {
    match command {
        Command::Serve => run::serve(config).await,
        Command::Migrate => run::migrate(&config).await,
        Command::CheckConfig => {
            println!("{config:#?}");
            run::check(&config)
        }
        Command::Openapi => print(&http::openapi()),
        Command::Asyncapi => print(&http::asyncapi()),
        Command::Admin(command) => {
            println!("{}", admin::run(&config, command).await?);
            Ok(())
        }
    }
}

fn print(document: &impl serde::Serialize) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(document)?);
    Ok(())
}

fn finish(result: anyhow::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("chat-server: {error:#}");
            ExitCode::FAILURE
        }
    }
}
