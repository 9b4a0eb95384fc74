//! Probes and metrics, on a port of their own.

use axum::{Json, Router, extract::State, http::StatusCode, response::IntoResponse, routing::get};
use chat_contract::ops::{LIVEZ, METRICS, PodStatus, READYZ, STATUSZ};

use crate::service::{
    App,
    health::{self, Readiness},
};

/// The routes of the port for operators.
pub(crate) fn router(app: App) -> Router {
    Router::new()
        .route(LIVEZ, get(async || "alive\n"))
        .route(READYZ, get(ready))
        .route(METRICS, get(metrics))
        .route(STATUSZ, get(status))
        .with_state(app)
}

async fn ready(State(app): State<App>) -> (StatusCode, String) {
    let unready = |why: &str| (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n"));
    match health::readiness(&app) {
        Readiness::Draining => unready("draining"),
        Readiness::NoStore => unready("the store does not answer"),
        Readiness::WithoutUploads(problem) => {
            (StatusCode::OK, format!("ready, but for pictures: {problem}\n"))
        }
        Readiness::Ready => (StatusCode::OK, "ready\n".to_owned()),
    }
}

async fn metrics(State(app): State<App>) -> impl IntoResponse {
    health::refresh_gauges(&app);
    app.metrics.render().map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
}

async fn status(State(app): State<App>) -> Json<PodStatus> {
    Json(health::pod_status(&app))
}
