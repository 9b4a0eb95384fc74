//! One lane: commits the queued changes, one transaction after the other.
//!
//! A room that another server has locked is skipped. After some attempts a transaction beside the
//! lane waits for it, so that other rooms do not wait. Changes of that room that arrive meanwhile
//! are held back, in order.

use chat_domain::id::RoomId;
use tokio::{
    sync::mpsc,
    task::{JoinError, JoinSet},
};
use tokio_util::sync::CancellationToken;

use super::{Request, held::Held, worker::Worker};

/// Concurrent transactions beside the lane. Each takes all rooms that have to be waited for at that
/// time.
const ASIDE: usize = 4;

/// See the module.
pub(super) struct Lane {
    queue: mpsc::Receiver<Request>,
    held: Held,
    worker: Worker,
    /// Transactions beside the lane; each returns the rooms that it waited for.
    aside: JoinSet<Vec<RoomId>>,
}

impl Lane {
    pub(super) fn new(queue: mpsc::Receiver<Request>, batch: usize, worker: Worker) -> Self {
        Self { queue, held: Held::new(batch), worker, aside: JoinSet::new() }
    }

    /// Runs until the server stops and the queue is empty.
    pub(super) async fn run(mut self, stopping: CancellationToken) {
        while self.gather(&stopping).await {
            let skipped = self.worker.work(self.held.take_ready(), false).await;
            self.held.put_first(skipped);
        }
    }

    /// Waits until something can be committed; `false`: the queue is closed and empty.
    async fn gather(&mut self, stopping: &CancellationToken) -> bool {
        loop {
            self.step_aside();
            let free = self.held.free();
            if self.held.is_ready() {
                let more = std::iter::from_fn(|| self.queue.try_recv().ok());
                self.held.end().extend(more.take(free));
                return true;
            }
            let ended = self.queue.is_closed() && self.queue.is_empty();
            if ended && self.held.is_empty() && self.aside.is_empty() {
                return false;
            }
            tokio::select! {
                biased;
                Some(done) = self.aside.join_next() => self.stepped_aside(done),
                _ = self.queue.recv_many(self.held.end(), free), if free > 0 && !ended => {}
                // The changes in the queue are still committed.
                () = stopping.cancelled(), if !self.queue.is_closed() => self.queue.close(),
            }
        }
    }

    /// Waits beside the lane for the rooms that were skipped too often.
    fn step_aside(&mut self) {
        while let Some(done) = self.aside.try_join_next() {
            self.stepped_aside(done);
        }
        if self.aside.len() >= ASIDE {
            return;
        }
        if let Some((rooms, requests)) = self.held.take_overdue() {
            let mut worker = self.worker.beside();
            self.aside.spawn(async move {
                worker.work(requests, true).await;
                rooms
            });
        }
    }

    fn stepped_aside(&mut self, done: Result<Vec<RoomId>, JoinError>) {
        match done {
            Ok(rooms) => self.held.waited_for(&rooms),
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}
