//! Probes and metrics, on a port of their own.
//!
//! Redis is no part of readiness: without it everything still works, and all replicas would
//! leave the load balancer at once. Nor is the place of uploaded files: people chat without it.
//! What is wrong with it is only told.

use axum::{Json, Router, extract::State, http::StatusCode, response::IntoResponse, routing::get};
use chat_contract::ops::{LIVEZ, METRICS, PodStatus, READYZ, STATUSZ};

use crate::app::App;

/// The routes of the port for operators.
pub fn router(app: App) -> Router {
    Router::new()
        .route(LIVEZ, get(async || "alive\n"))
        .route(READYZ, get(ready))
        .route(METRICS, get(metrics))
        .route(STATUSZ, get(status))
        .with_state(app)
}

async fn ready(State(app): State<App>) -> (StatusCode, String) {
    if app.lifecycle.draining.is_cancelled() {
        (StatusCode::SERVICE_UNAVAILABLE, "draining\n".to_owned())
    } else if app.store_trouble.lock().is_some() {
        (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer\n".to_owned())
    } else if let Some(trouble) = app.files.trouble() {
        (StatusCode::OK, format!("ready, but for pictures: {trouble}\n"))
    } else {
        (StatusCode::OK, "ready\n".to_owned())
    }
}

async fn metrics(State(app): State<App>) -> impl IntoResponse {
    app.metrics.redis_connected.set(i64::from(app.redis.is_connected()));
    app.metrics.uploads_connected.set(i64::from(app.files.trouble().is_none()));
    app.metrics.render().map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
}

async fn status(State(app): State<App>) -> Json<PodStatus> {
    Json(PodStatus {
        sockets: app.metrics.sockets.get().try_into().unwrap_or_default(),
        draining: app.lifecycle.draining.is_cancelled(),
        store_trouble: app.store_trouble.lock().clone(),
        broker_trouble: app.redis.trouble(),
        uploads_trouble: app.files.trouble(),
    })
}
