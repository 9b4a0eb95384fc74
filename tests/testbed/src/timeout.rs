//! Waiting for something, with an end.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};

/// How long to wait for a part to be ready, and what ends the wait early.
#[derive(Debug, Clone)]
pub struct Timeout {
    limit: Duration,
    cancelled: Arc<AtomicBool>,
}

impl Timeout {
    /// Waits this long.
    #[must_use]
    pub fn new(limit: Duration) -> Self {
        Self { limit, cancelled: Arc::default() }
    }

    /// Waits this long, or until somebody sets the flag.
    #[must_use]
    pub fn until(limit: Duration, cancelled: Arc<AtomicBool>) -> Self {
        Self { limit, cancelled }
    }

    /// Has somebody set the flag.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// Asks again and again until the answer is yes.
    pub fn wait(&self, what: &str, mut ready: impl FnMut() -> Result<bool>) -> Result<()> {
        let end = Instant::now() + self.limit;
        while !ready()? {
            if self.is_cancelled() {
                bail!("interrupted while waiting for {what}");
            }
            if Instant::now() >= end {
                bail!("{what} was not ready after {} seconds", self.limit.as_secs());
            }
            thread::sleep(Duration::from_millis(15));
        }
        Ok(())
    }
}
