//! Probes and metrics, on a port of their own.
//!
//! Redis is no part of readiness: without it everything still works, and all replicas would
//! leave the load balancer at once.

use std::sync::atomic::Ordering;

use axum::{Router, extract::State, http::StatusCode, response::IntoResponse, routing::get};
use chat_contract::ops::{LIVEZ, METRICS, READYZ};

use crate::app::App;

/// The routes of the port for operators.
pub fn router(app: App) -> Router {
    Router::new()
        .route(LIVEZ, get(async || "alive\n"))
        .route(READYZ, get(ready))
        .route(METRICS, get(metrics))
        .with_state(app)
}

async fn ready(State(app): State<App>) -> (StatusCode, &'static str) {
    if app.lifecycle.draining.is_cancelled() {
        (StatusCode::SERVICE_UNAVAILABLE, "draining\n")
    } else if app.store_answers.load(Ordering::Relaxed) {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer\n")
    }
}

async fn metrics(State(app): State<App>) -> impl IntoResponse {
    app.metrics.redis_connected.set(i64::from(app.redis.is_connected()));
    app.metrics.render().map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
}
