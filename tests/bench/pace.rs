//! A precise timer. A timer of tokio is up to two milliseconds late, since it counts whole ones and
//! rounds up; where an answer takes one millisecond, that would be most of the figure. A thread
//! that the kernel wakes is some 0.1 ms late.

use std::{thread, time::Duration};

use tokio::{
    sync::mpsc::{self, UnboundedReceiver},
    time::Instant,
};

/// So many turns, the first one at `start`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    pub(crate) start: Instant,
    pub(crate) every: Duration,
    pub(crate) count: u64,
}

impl Pace {
    /// When a turn is due, the first one being 0.
    pub(crate) fn due(&self, turn: u64) -> Instant {
        self.start + self.every.mul_f64(turn as f64)
    }

    /// The turns, each as soon as it is due; nothing more after the last one.
    pub(crate) fn turns(self) -> UnboundedReceiver<u64> {
        let (due, turns) = mpsc::unbounded_channel();
        thread::spawn(move || {
            for turn in 0..self.count {
                thread::sleep(self.due(turn).saturating_duration_since(Instant::now()));
                if due.send(turn).is_err() {
                    return;
                }
            }
        });
        turns
    }
}
