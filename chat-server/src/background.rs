//! Periodic tasks of a server: which use case runs, and how often.

use std::time::{Duration, Instant};

use chrono::Utc;

use crate::service::{
    App, cache::Cleaner, connection, health, message::retention, presence, rate_limit, session,
    soft_state,
};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// Starts all periodic tasks.
pub(crate) fn start(app: &App) {
    every(app, "watch_sessions", SECOND / 2, async |app| session::watch(&app).await);
    every(app, "watch_sockets", SECOND, async |app| session::watch_sockets(&app, Utc::now()).await);
    every(app, "forget_limits", MINUTE, async |app| {
        rate_limit::forget_idle(&app);
        true
    });
    every(app, "forget_sessions", HOUR, async |app| session::forget_old(&app).await);
    every(app, "tell_presence", presence::renewal(), async |app| presence::renew(&app).await);
    if !app.config.retention.is_zero() {
        every(app, "purge_messages", retention::INTERVAL, async |app| {
            retention::purge(&app, Utc::now()).await
        });
    }
    if app.tls.is_some() {
        every(app, "watch_certificate", SECOND * 10, renew_certificate);
    }
    app.lifecycle.spawn(check_store(app.clone()));
    app.lifecycle.spawn(check_uploads(app.clone()));
    app.lifecycle.spawn(clean_cache(app.clone()));
    app.lifecycle.spawn(write_soft_state(app.clone()));
    app.lifecycle.spawn(watch_redis(app.clone()));
    connection::watch(app);
}

/// Runs `work` now and after each `interval`, never twice at once, until the server stops. `work`
/// returns whether it succeeded.
fn every<F>(
    app: &App,
    task: &'static str,
    interval: Duration,
    work: impl Fn(App) -> F + Send + 'static,
) where
    F: Future<Output = bool> + Send + 'static,
{
    let app = app.clone();
    let lifecycle = app.lifecycle.clone();
    lifecycle.spawn(async move {
        loop {
            measured(&app, task, work(app.clone())).await;
            if !app.lifecycle.pause(interval).await {
                return;
            }
        }
    });
}

async fn measured(app: &App, task: &'static str, work: impl Future<Output = bool>) {
    let began = Instant::now();
    let well = work.await;
    app.metrics.task_done(task, began, well);
}

async fn check_store(app: App) {
    loop {
        health::check_store(&app).await;
        if !app.lifecycle.pause(SECOND).await {
            return;
        }
    }
}

async fn check_uploads(app: App) {
    loop {
        measured(&app, "watch_uploads", health::check_uploads(&app)).await;
        if !app.lifecycle.pause(health::uploads_interval(&app)).await {
            return;
        }
    }
}

async fn clean_cache(app: App) {
    let mut cleaner = Cleaner::new(&app);
    loop {
        measured(&app, "clean_cache", cleaner.clean()).await;
        if !app.lifecycle.pause(app.config.cache_worker_interval).await {
            return;
        }
    }
}

/// Writes every second, and once more when the server stops.
async fn write_soft_state(app: App) {
    loop {
        let goes_on = app.lifecycle.pause(SECOND).await;
        measured(&app, "write_soft_state", soft_state::write(&app)).await;
        if !goes_on {
            return;
        }
    }
}

async fn watch_redis(app: App) {
    tokio::select! {
        () = health::watch_redis(&app) => {}
        () = app.lifecycle.stopping.cancelled() => {}
    }
}

/// Reloads a renewed certificate without a restart.
async fn renew_certificate(app: App) -> bool {
    let renew = move || app.tls.as_ref().is_none_or(|tls| tls.renew(Utc::now()));
    tokio::task::spawn_blocking(renew).await.unwrap_or(false)
}
