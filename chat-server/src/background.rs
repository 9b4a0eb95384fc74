//! What a server does by itself, again and again, until it stops.

use std::{sync::atomic::Ordering, time::Duration};

use crate::{
    app::App,
    redis::cache::Worker,
    service::{marker, presence, session},
};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

/// Starts all of it.
pub fn start(app: &App) {
    every(app, SECOND, ask_store);
    every(app, SECOND / 2, watch_sessions);
    every(app, MINUTE, async |app| app.limits.forget_idle());
    every(app, HOUR, forget_sessions);
    start_cache_worker(app);
    let stopping = || app.lifecycle.stopping.clone();
    app.lifecycle.spawn(app.hub.clone().heartbeat(app.config.heartbeat, stopping()));
    app.lifecycle.spawn(app.hub.clone().watch_members(stopping()));
    app.lifecycle.spawn(app.hub.clone().watch_lagging(stopping()));
    app.lifecycle.spawn(marker::run(app.clone(), stopping()));
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

/// Does `work` now and after each `interval`, one at a time, until the server stops.
fn every<F>(app: &App, interval: Duration, work: impl Fn(App) -> F + Send + 'static)
where
    F: Future<Output = ()> + Send + 'static,
{
    let app = app.clone();
    let lifecycle = app.lifecycle.clone();
    lifecycle.spawn(async move {
        while !app.lifecycle.stopping.is_cancelled() {
            work(app.clone()).await;
            tokio::select! {
                () = tokio::time::sleep(interval) => {}
                () = app.lifecycle.stopping.cancelled() => {}
            }
        }
    });
}

/// Readiness follows the store; probes only read what was found here.
async fn ask_store(app: App) {
    let answer = app.store.ping().await;
    let answers = answer.is_ok();
    let before = app.store_answers.swap(answers, Ordering::Relaxed);
    match answer {
        Ok(()) if !before => tracing::info!("store: {} answers again", app.store.address()),
        Err(error) if before => {
            let address = app.store.address();
            tracing::error!(%error, "store: {address} does not answer; nothing can be sent");
        }
        _ => {}
    }
}

async fn watch_sessions(app: App) {
    if let Err(error) = session::watch(&app).await {
        tracing::debug!(%error, "cannot ask which sessions ended");
    }
}

async fn forget_sessions(app: App) {
    match app.store.forget_sessions(DAY * 7).await {
        Ok(0) => {}
        Ok(forgotten) => tracing::info!(forgotten, "sessions that ended a week ago are gone"),
        Err(error) => tracing::debug!(%error, "old sessions stay for now"),
    }
}

fn start_cache_worker(app: &App) {
    let interval = app.config.cache_worker_interval;
    let mut worker = Worker::new(app.cache.clone(), interval);
    let stopping = app.lifecycle.stopping.clone();
    app.lifecycle.spawn(async move {
        while !stopping.is_cancelled() {
            if let Err(error) = worker.tick().await {
                tracing::debug!(%error, "the cache worker waits for Redis");
            }
            tokio::select! {
                () = tokio::time::sleep(interval) => {}
                () = stopping.cancelled() => {}
            }
        }
    });
}
