//! What a server does by itself, again and again, until it stops.

use std::time::{Duration, Instant};

use chrono::Utc;

use crate::{
    app::App,
    mysql::Connection,
    redis::cache::Worker,
    service::{presence, retention, session, soft},
};

const SECOND: Duration = Duration::from_secs(1);
/// Each look is a request to a place that may count them.
const UPLOADS: Duration = Duration::from_secs(15);
const UPLOADS_AWAY: Duration = Duration::from_secs(3);
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
/// A store that takes longer for nothing at all is away.
const STORE_PATIENCE: Duration = Duration::from_secs(2);

/// Starts all of it.
pub fn start(app: &App) {
    app.lifecycle.spawn(watch_store(app.clone()));
    app.lifecycle.spawn(watch_uploads(app.clone()));
    every(app, "watch_sessions", SECOND / 2, watch_sessions);
    every(app, "watch_sockets", SECOND, watch_sockets);
    every(app, "forget_limits", MINUTE, async |app| {
        app.limits.forget_idle();
        true
    });
    every(app, "forget_sessions", HOUR, forget_sessions);
    if !app.config.retention.is_zero() {
        every(app, "purge_messages", retention::EVERY, purge_messages);
    }
    if app.tls.is_some() {
        every(app, "watch_certificate", SECOND * 10, watch_certificate);
    }
    start_cache_worker(app);
    let stopping = || app.lifecycle.stopping.clone();
    app.lifecycle.spawn(app.hub.clone().heartbeat(app.config.heartbeat, stopping()));
    app.lifecycle.spawn(app.hub.clone().watch_members(stopping()));
    app.lifecycle.spawn(app.hub.clone().watch_lagging(stopping()));
    app.lifecycle.spawn(soft::run(app.clone(), stopping()));
    app.lifecycle.spawn(presence::run(app.clone(), stopping()));
    let watched = app.clone();
    let stopping = app.lifecycle.stopping.clone();
    app.lifecycle.spawn(async move {
        tokio::select! {
            () = watched.redis.watch() => {}
            () = stopping.cancelled() => {}
        }
    });
}

/// Does `work` now and after each `interval`, one at a time, until the server stops. It says
/// whether it went well.
fn every<F>(
    app: &App,
    job: &'static str,
    interval: Duration,
    work: impl Fn(App) -> F + Send + 'static,
) where
    F: Future<Output = bool> + Send + 'static,
{
    let app = app.clone();
    let lifecycle = app.lifecycle.clone();
    lifecycle.spawn(async move {
        while !app.lifecycle.stopping.is_cancelled() {
            let began = Instant::now();
            let well = work(app.clone()).await;
            app.metrics.job_done(job, began, well);
            tokio::select! {
                () = tokio::time::sleep(interval) => {}
                () = app.lifecycle.stopping.cancelled() => {}
            }
        }
    });
}

/// Readiness follows the store; probes only read what is found here. It asks on a connection of
/// its own: a busy server is not an absent store.
async fn watch_store(app: App) {
    let mut connection = None;
    while !app.lifecycle.stopping.is_cancelled() {
        let answer = tokio::time::timeout(STORE_PATIENCE, ask_store(&app, &mut connection)).await;
        let answer = answer.unwrap_or_else(|_| Err("no answer in time".to_owned()));
        let address = app.store.address();
        let trouble = answer.as_ref().err().map(|error| format!("MySQL at {address}: {error}"));
        app.metrics.store_connected.set(i64::from(trouble.is_none()));
        let before = std::mem::replace(&mut *app.store_trouble.lock(), trouble).is_none();
        match answer {
            Ok(()) if !before => tracing::info!("store: {address} answers again"),
            Err(error) => {
                connection = None;
                if before {
                    tracing::error!("store: {address} does not answer: {error}");
                }
            }
            Ok(()) => {}
        }
        tokio::select! {
            () = tokio::time::sleep(SECOND) => {}
            () = app.lifecycle.stopping.cancelled() => {}
        }
    }
}

async fn ask_store(app: &App, kept: &mut Option<Connection>) -> Result<(), String> {
    // Taken out: where the question is dropped half-way, so is the connection.
    let mut connection = match kept.take() {
        Some(connection) => connection,
        None => app.store.connect().await.map_err(|error| error.to_string())?,
    };
    connection.ping().await.map_err(|error| error.to_string())?;
    *kept = Some(connection);
    Ok(())
}

/// Says when pictures cannot be kept any more, and when they can again.
async fn watch_uploads(app: App) {
    let mut told = None;
    while !app.lifecycle.stopping.is_cancelled() {
        let began = Instant::now();
        let trouble = app.files.check().await.err().map(|error| error.to_string());
        app.metrics.job_done("watch_uploads", began, trouble.is_none());
        match &trouble {
            Some(trouble) if told.as_ref() != Some(trouble) => {
                tracing::error!("pictures can be neither stored nor fetched: {trouble}");
            }
            None if told.is_some() => tracing::info!("pictures can be stored and fetched again"),
            _ => {}
        }
        let soon = app.files.trouble().is_some();
        told = trouble;
        tokio::select! {
            () = tokio::time::sleep(if soon { UPLOADS_AWAY } else { UPLOADS }) => {}
            () = app.lifecycle.stopping.cancelled() => {}
        }
    }
}

/// A certificate that was renewed is used without a start.
async fn watch_certificate(app: App) -> bool {
    let renew = move || app.tls.as_ref().is_none_or(|tls| tls.renew(Utc::now()));
    tokio::task::spawn_blocking(renew).await.unwrap_or(false)
}

async fn watch_sessions(app: App) -> bool {
    let watched = session::watch(&app).await;
    if let Err(error) = &watched {
        tracing::debug!(%error, "cannot ask which sessions ended");
    }
    watched.is_ok()
}

async fn watch_sockets(app: App) -> bool {
    let watched = session::watch_sockets(&app, Utc::now()).await;
    if let Err(error) = &watched {
        tracing::debug!(%error, "cannot ask which sessions expired");
    }
    watched.is_ok()
}

async fn forget_sessions(app: App) -> bool {
    let forgotten = app.store.forget_sessions(DAY * 7).await;
    match &forgotten {
        Ok(0) => {}
        Ok(forgotten) => tracing::info!(forgotten, "sessions that ended a week ago are gone"),
        Err(error) => tracing::debug!(%error, "old sessions stay for now"),
    }
    forgotten.is_ok()
}

async fn purge_messages(app: App) -> bool {
    let purged = retention::purge(&app, Utc::now()).await;
    if let Err(error) = &purged {
        tracing::debug!(%error, "old messages stay for now");
    }
    purged.is_ok()
}

fn start_cache_worker(app: &App) {
    let interval = app.config.cache_worker_interval;
    let mut worker = Worker::new(app.cache.clone(), interval);
    let metrics = app.metrics.clone();
    let stopping = app.lifecycle.stopping.clone();
    app.lifecycle.spawn(async move {
        while !stopping.is_cancelled() {
            let began = Instant::now();
            let turn = worker.tick().await;
            metrics.job_done("clean_cache", began, turn.is_ok());
            if let Err(error) = turn {
                tracing::debug!(%error, "the cache worker waits for Redis");
            }
            tokio::select! {
                () = tokio::time::sleep(interval) => {}
                () = stopping.cancelled() => {}
            }
        }
    });
}
