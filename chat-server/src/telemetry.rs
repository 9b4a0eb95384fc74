//! Logs and traces. Logs go to standard error, because standard output is for the output of
//! commands. Traces go to a collector, if configured.

use std::io::{IsTerminal, stderr};

use anyhow::Context;
use chat_contract::config::{LogFormat, ServerConfig};
use opentelemetry::{KeyValue, trace::TracerProvider};
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tracing_subscriber::{
    EnvFilter, Layer, filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt,
};

use crate::trace;

/// Exports the remaining spans when the program ends.
#[derive(Debug)]
pub struct Telemetry {
    exporter: Option<SdkTracerProvider>,
}

impl Telemetry {
    /// Starts logging, and tracing where a collector is configured; must be called inside the
    /// runtime. An invalid filter is an error.
    pub fn start(config: &ServerConfig) -> anyhow::Result<Self> {
        let exporter = exporter(config)?;
        let traces = exporter.as_ref().map(|exporter| {
            tracing_opentelemetry::layer()
                .with_tracer(exporter.tracer("chat-server"))
                .with_location(false)
                .with_threads(false)
                .with_filter(Targets::new().with_target(trace::TARGET, tracing::Level::INFO))
        });
        let registry = tracing_subscriber::registry().with(traces);
        let filter = filter(&config.log)?;
        match config.log_format {
            LogFormat::Json => {
                let layer = fmt::layer().json().flatten_event(true).with_writer(stderr);
                registry.with(layer.with_filter(filter)).init();
            }
            LogFormat::Text => {
                let layer = fmt::layer().with_target(false).with_writer(stderr);
                registry.with(layer.with_ansi(stderr().is_terminal()).with_filter(filter)).init();
            }
        }
        Ok(Self { exporter })
    }

    /// Exports the remaining spans.
    pub async fn end(self) {
        let Some(exporter) = self.exporter else { return };
        // It blocks on the collector, so it runs outside the runtime's threads.
        let ended = tokio::task::spawn_blocking(move || exporter.shutdown()).await;
        if let Ok(Err(error)) = ended {
            tracing::warn!(%error, "the last traces were not exported");
        }
    }
}

fn filter(log: &str) -> anyhow::Result<EnvFilter> {
    // The Redis client logs each attempt to connect; `redis::watch` logs once.
    EnvFilter::try_new(format!("fred=off,{log},{}=off", trace::TARGET))
        .map_err(|error| anyhow::anyhow!("CHAT_LOG: {error}; for example: info,chat_server=debug"))
}

fn exporter(config: &ServerConfig) -> anyhow::Result<Option<SdkTracerProvider>> {
    if config.otlp_endpoint.is_empty() {
        return Ok(None);
    }
    let exporter = SpanExporter::builder()
        .with_tonic()
        .with_endpoint(&config.otlp_endpoint)
        .build()
        .context("CHAT_OTLP_ENDPOINT cannot be used")?;
    let resource = Resource::builder()
        .with_service_name("chat-server")
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_attribute(KeyValue::new("service.instance.id", config.replica_url.clone()))
        .build();
    let provider =
        SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build();
    Ok(Some(provider))
}
