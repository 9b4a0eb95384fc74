//! Shutdown, from the first signal on.
//!
//! The first signal drains: no new work is accepted, queued work is finished, sockets are moved.
//! After the time limit, or at a second signal, the rest is aborted.

use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Signals all tasks when to end, and tracks when they have.
#[derive(Clone, Default)]
pub(crate) struct Lifecycle {
    /// Cancelled at the first signal.
    pub draining: CancellationToken,
    /// Cancelled when all sockets have disconnected: the committer and the background tasks may
    /// end.
    pub stopping: CancellationToken,
    /// Every long-lived task.
    pub tasks: TaskTracker,
}

impl Lifecycle {
    /// Runs a task that ends by itself once `stopping` is cancelled.
    pub(crate) fn spawn<F>(&self, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.tasks.spawn(task);
    }

    /// Waits between two runs of a task. `false`: the server stops, and there is no next run.
    pub(crate) async fn pause(&self, interval: Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(interval) => !self.stopping.is_cancelled(),
            () = self.stopping.cancelled() => false,
        }
    }

    /// Stops the background tasks, waiting for at most `timeout`.
    pub(crate) async fn stop(&self, timeout: Duration) {
        self.stopping.cancel();
        self.tasks.close();
        if tokio::time::timeout(timeout, self.tasks.wait()).await.is_err() {
            tracing::warn!(tasks = self.tasks.len(), "tasks did not end in time and were aborted");
        }
    }
}

/// SIGTERM and SIGINT. Once this exists they no longer end the process by themselves.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Receives them from now on.
    pub(crate) fn listen() -> std::io::Result<Self> {
        let (terminate, interrupt) = (SignalKind::terminate(), SignalKind::interrupt());
        Ok(Self { terminate: signal(terminate)?, interrupt: signal(interrupt)? })
    }

    /// Waits for the next signal.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
