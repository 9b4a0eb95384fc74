//! From the first signal to the end.
//!
//! The first signal drains: no new work, what is queued gets done, sockets are moved. When the
//! time for that is over, or at a second signal, what is left is cut off.

use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Tells all tasks when to end, and knows when they have.
#[derive(Clone, Default)]
pub(crate) struct Lifecycle {
    /// Cancelled at the first signal.
    pub draining: CancellationToken,
    /// Cancelled when the sockets are gone: the committer and the background tasks may end.
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

    /// Waits between two turns of a task. `false`: the server stops, and there is no next turn.
    pub(crate) async fn pause(&self, interval: Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(interval) => !self.stopping.is_cancelled(),
            () = self.stopping.cancelled() => false,
        }
    }

    /// Ends the background tasks, at most `timeout` long.
    pub(crate) async fn stop(&self, timeout: Duration) {
        self.stopping.cancel();
        self.tasks.close();
        if tokio::time::timeout(timeout, self.tasks.wait()).await.is_err() {
            tracing::warn!(tasks = self.tasks.len(), "tasks did not end in time and are cut off");
        }
    }
}

/// SIGTERM and SIGINT. From when this is there they no longer end the process by themselves.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Hears them from now on.
    pub(crate) fn listen() -> std::io::Result<Self> {
        let (terminate, interrupt) = (SignalKind::terminate(), SignalKind::interrupt());
        Ok(Self { terminate: signal(terminate)?, interrupt: signal(interrupt)? })
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
