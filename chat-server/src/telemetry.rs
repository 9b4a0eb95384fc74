//! Log output.

use chat_contract::config::{LogFormat, ServerConfig};
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Starts the log. Filters that cannot be read are an error, not silence.
pub fn init(config: &ServerConfig) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.log).map_err(|error| {
        anyhow::anyhow!("CHAT_LOG: {error}; for example: info,chat_server=debug")
    })?;
    let registry = tracing_subscriber::registry().with(filter);
    match config.log_format {
        LogFormat::Json => registry.with(fmt::layer().json().flatten_event(true)).init(),
        LogFormat::Text => registry.with(fmt::layer().with_target(false)).init(),
    }
    Ok(())
}
