//! Health of the server and its dependencies: for probes, for the operator, for the log.
//!
//! Readiness does not depend on Redis: without it everything still works, and all servers would
//! leave the load balancer at once. Nor does it depend on the upload storage. Problems of these are
//! only reported.

use std::time::Duration;

use chat_contract::ops::PodStatus;
use parking_lot::Mutex;

use super::App;
use crate::mysql::{Probe, Store};

/// A store that does not answer the probe within this time is unavailable.
const STORE_TIMEOUT: Duration = Duration::from_secs(2);
/// Each check of the uploads is a request to a storage that may charge for it.
const UPLOADS_INTERVAL: Duration = Duration::from_secs(15);
const UPLOADS_INTERVAL_WHILE_FAILING: Duration = Duration::from_secs(3);

/// Results of the last checks.
pub(super) struct Health {
    store: tokio::sync::Mutex<Probe>,
    /// Why the store did not answer the last probe; `None` where it did.
    store_problem: Mutex<Option<String>>,
    /// The problem of the uploads that was logged last.
    logged_uploads_problem: Mutex<Option<String>>,
}

impl Health {
    pub(super) fn new(store: &Store) -> Self {
        Self {
            store: tokio::sync::Mutex::new(Probe::new(store)),
            store_problem: Mutex::default(),
            logged_uploads_problem: Mutex::default(),
        }
    }
}

/// Readiness of this server for clients.
pub(crate) enum Readiness {
    /// It is shutting down.
    Draining,
    /// The store did not answer the last probe.
    NoStore,
    /// Everything but pictures works; the cause.
    WithoutUploads(String),
    Ready,
}

/// Reads the results of the background checks; does no I/O.
pub(crate) fn readiness(app: &App) -> Readiness {
    if app.lifecycle.draining.is_cancelled() {
        Readiness::Draining
    } else if app.health.store_problem.lock().is_some() {
        Readiness::NoStore
    } else {
        app.files.problem().map_or(Readiness::Ready, Readiness::WithoutUploads)
    }
}

/// The same, with the load of the server, for the operator.
pub(crate) fn pod_status(app: &App) -> PodStatus {
    PodStatus {
        sockets: app.metrics.sockets.get().try_into().unwrap_or_default(),
        draining: app.lifecycle.draining.is_cancelled(),
        mysql_problem: app.health.store_problem.lock().clone(),
        redis_problem: app.redis.problem(),
        uploads_problem: app.files.problem(),
    }
}

/// Updates the gauges that no event updates.
pub(crate) fn refresh_gauges(app: &App) {
    app.metrics.redis_connected.set(i64::from(app.redis.is_connected()));
    app.metrics.uploads_connected.set(i64::from(app.files.problem().is_none()));
}

/// Probes the store, which determines readiness; logs a changed result.
pub(crate) async fn check_store(app: &App) {
    let mut probe = app.health.store.lock().await;
    let answer = match tokio::time::timeout(STORE_TIMEOUT, probe.ask()).await {
        Ok(answer) => answer.map_err(|error| error.to_string()),
        Err(_) => Err("no answer in time".to_owned()),
    };
    let address = app.store.address();
    let problem = answer.as_ref().err().map(|error| format!("MySQL at {address}: {error}"));
    app.metrics.mysql_connected.set(i64::from(problem.is_none()));
    let answered_before =
        std::mem::replace(&mut *app.health.store_problem.lock(), problem).is_none();
    match answer {
        Ok(()) if !answered_before => tracing::info!("store: {address} answers again"),
        Err(error) if answered_before => {
            tracing::error!("store: {address} does not answer: {error}");
        }
        _ => {}
    }
}

/// Checks whether pictures can be stored and fetched; logs a changed result. `false`: no.
pub(crate) async fn check_uploads(app: &App) -> bool {
    let problem = app.files.check().await.err().map(|error| error.to_string());
    let works = problem.is_none();
    let logged = std::mem::replace(&mut *app.health.logged_uploads_problem.lock(), problem.clone());
    match problem {
        Some(problem) if logged.as_ref() != Some(&problem) => {
            tracing::error!("pictures can be neither stored nor fetched: {problem}");
        }
        None if logged.is_some() => tracing::info!("pictures can be stored and fetched again"),
        _ => {}
    }
    works
}

/// Time until the next [`check_uploads`]: shorter while it fails.
pub(crate) fn uploads_interval(app: &App) -> Duration {
    let fails = app.files.problem().is_some();
    if fails { UPLOADS_INTERVAL_WHILE_FAILING } else { UPLOADS_INTERVAL }
}

/// Watches the connections to Redis. Never returns.
pub(crate) async fn watch_redis(app: &App) {
    app.redis.watch().await;
}
