//! Probes and metrics.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{Router, extract::State, http::StatusCode, routing::get};

use crate::metrics::Metrics;

/// What the probes look at.
#[derive(Clone)]
pub struct Admin {
    /// All metrics.
    pub metrics: Metrics,
    /// Does the API answer, and is the kind known there.
    pub ready: Arc<AtomicBool>,
}

/// The routes.
pub fn router(admin: Admin) -> Router {
    Router::new()
        .route("/livez", get(async || "alive\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(admin)
}

async fn ready(State(admin): State<Admin>) -> (StatusCode, &'static str) {
    if admin.ready.load(Ordering::Relaxed) {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the API does not know ChatCluster\n")
    }
}

async fn metrics(State(admin): State<Admin>) -> Result<String, (StatusCode, String)> {
    let wrong = |error: prometheus::Error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string());
    admin.metrics.render().map_err(wrong)
}
