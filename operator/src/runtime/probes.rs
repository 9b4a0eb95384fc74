//! The HTTP server for probes and metrics.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{Router, extract::State, http::StatusCode, routing::get};

use super::metrics::Metrics;

/// What the probes report.
#[derive(Clone)]
pub(super) struct Probes {
    /// All metrics.
    pub(super) metrics: Metrics,
    /// Does the API answer, and is the kind known there.
    pub(super) ready: Arc<AtomicBool>,
}

/// `/livez`, `/readyz` and `/metrics`.
pub(super) fn router(probes: Probes) -> Router {
    Router::new()
        .route("/livez", get(async || "alive\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(probes)
}

async fn ready(State(probes): State<Probes>) -> (StatusCode, &'static str) {
    if probes.ready.load(Ordering::Relaxed) {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the Kubernetes API does not know ChatCluster\n")
    }
}

async fn metrics(State(probes): State<Probes>) -> Result<String, (StatusCode, String)> {
    let wrong = |error: prometheus::Error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string());
    probes.metrics.render().map_err(wrong)
}
