//! What an administrator does at the command line.

use std::io::{BufRead, IsTerminal};

use anyhow::{Context, bail};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use chat_contract::config::{ServerConfig, parse_duration};
use chrono::Utc;

use crate::run::{administration, cache_admin};

/// A command of the administration.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Make an account that may use the administration.
    CreateAdmin {
        /// Its username.
        #[arg(long)]
        username: String,
        /// Its email.
        #[arg(long)]
        email: String,
        /// Read the password from standard input; otherwise one is made and printed.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Wrap the SHA-256 password hashes of imported accounts in Argon2id.
    WrapImported,
    /// Look after the cache.
    #[command(subcommand)]
    Cache(CacheCommand),
}

/// What to do with the cache.
#[derive(Debug, clap::Subcommand)]
pub enum CacheCommand {
    /// Print the value of a key; a list, such as a window, as a JSON array.
    Get {
        /// `message:...`, `messages:...` or `room:...`
        key: String,
    },
    /// Set the value of a key.
    Set {
        /// `message:...`, `messages:...` or `room:...`
        key: String,
        /// The value.
        value: String,
        /// Time to live, such as `5s`; without it, that of the key's class.
        #[arg(long)]
        ttl: Option<String>,
    },
    /// Delete a key.
    Delete {
        /// `message:...`, `messages:...` or `room:...`
        key: String,
    },
    /// Print the keys that match a pattern, one a line.
    List {
        /// A pattern of Redis.
        #[arg(default_value = "*")]
        pattern: String,
    },
    /// Delete all keys of the cache; sessions stay.
    Clear,
}

/// Does it; what to print.
pub async fn run(config: &ServerConfig, command: Command) -> anyhow::Result<String> {
    match command {
        Command::CreateAdmin { username, email, password_stdin } => {
            create_admin(config, username, email, password_stdin).await
        }
        Command::WrapImported => {
            let wrapped = administration(config).await?.wrap_imported().await?;
            Ok(format!("{wrapped} passwords wrapped"))
        }
        Command::Cache(command) => run_cache(config, command).await,
    }
}

async fn create_admin(
    config: &ServerConfig,
    username: String,
    email: String,
    password_stdin: bool,
) -> anyhow::Result<String> {
    let password = if password_stdin {
        read_password()?
    } else {
        URL_SAFE_NO_PAD.encode(crate::random::bytes::<15>())
    };
    let accounts = administration(config).await?;
    let printed = if password_stdin { String::new() } else { format!("\npassword: {password}") };
    accounts.create_admin(username.clone(), email, password, Utc::now()).await?;
    Ok(format!("{username} may use the administration{printed}"))
}

fn read_password() -> anyhow::Result<String> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        bail!("--password-stdin reads the password from a file or a pipe, not from a terminal");
    }
    let mut line = String::new();
    stdin.lock().read_line(&mut line).context("cannot read the password")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

async fn run_cache(config: &ServerConfig, command: CacheCommand) -> anyhow::Result<String> {
    let cache = cache_admin(config).await?;
    Ok(match command {
        CacheCommand::Get { key } => String::from_utf8_lossy(&cache.get(&key).await?).into_owned(),
        CacheCommand::Set { key, value, ttl } => {
            let read = |text: String| parse_duration(&text).context("--ttl is a time such as 5s");
            let ttl = ttl.map(read).transpose()?;
            cache.set(&key, Bytes::from(value), ttl).await?;
            format!("set {key}")
        }
        CacheCommand::Delete { key } => {
            cache.delete(&key).await?;
            format!("deleted {key}")
        }
        CacheCommand::List { pattern } => cache.keys(&pattern).await?.join("\n"),
        CacheCommand::Clear => format!("{} keys deleted", cache.clear().await?),
    })
}
