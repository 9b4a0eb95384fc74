//! Log output. It goes to standard error: standard output belongs to what a command prints.

use std::io::{IsTerminal, stderr};

use chat_contract::config::{LogFormat, ServerConfig};
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Starts the log. Filters that cannot be read are an error, not silence.
pub fn init(config: &ServerConfig) -> anyhow::Result<()> {
    // The Redis client tells of each attempt to connect; `redis::watch` tells once.
    let filter = EnvFilter::try_new(format!("fred=off,{}", config.log)).map_err(|error| {
        anyhow::anyhow!("CHAT_LOG: {error}; for example: info,chat_server=debug")
    })?;
    let registry = tracing_subscriber::registry().with(filter);
    match config.log_format {
        LogFormat::Json => {
            registry.with(fmt::layer().json().flatten_event(true).with_writer(stderr)).init();
        }
        LogFormat::Text => {
            let layer = fmt::layer().with_target(false).with_writer(stderr);
            registry.with(layer.with_ansi(stderr().is_terminal())).init();
        }
    }
    Ok(())
}
