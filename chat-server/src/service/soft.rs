//! Writing down what is soft: read markers and drafts.

use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use crate::app::App;

const EVERY: Duration = Duration::from_secs(1);

/// Writes every second, and a last time at the end.
pub async fn run(app: App, stopping: CancellationToken) {
    loop {
        let stop = tokio::select! {
            () = tokio::time::sleep(EVERY) => false,
            () = stopping.cancelled() => true,
        };
        let began = Instant::now();
        let flushed = app.soft.flush(&app.store).await;
        app.metrics.job_done("write_soft_state", began, flushed.is_ok());
        if let Err(error) = flushed {
            tracing::warn!(%error, "read markers or drafts not written yet");
        }
        if stop {
            return;
        }
    }
}
