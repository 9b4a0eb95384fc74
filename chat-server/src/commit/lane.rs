//! One lane: commits the queued changes, one transaction after the other.
//!
//! A room that another server has locked is skipped. After some attempts a transaction beside the
//! lane waits for it, so that other rooms do not wait. Changes of that room that arrive meanwhile
//! are held back, in order.

use std::collections::HashSet;

use chat_domain::id::RoomId;
use tokio::{sync::mpsc, task::JoinSet};
use tokio_util::sync::CancellationToken;

use super::{
    QUEUE, Request,
    worker::{PASSES, Worker},
};

/// Concurrent transactions beside the lane. Each takes all rooms that have to be waited for at that
/// time.
const ASIDE: usize = 4;

/// See the module.
pub(super) struct Lane {
    queue: mpsc::Receiver<Request>,
    batch: usize,
    worker: Worker,
    /// Taken from the queue and not yet committed; the skipped ones first.
    held: Vec<Request>,
    /// Transactions beside the lane; each returns the rooms that it waited for.
    aside: JoinSet<Vec<RoomId>>,
    /// Rooms that those transactions wait for.
    waited: HashSet<RoomId>,
}

impl Lane {
    pub(super) fn new(queue: mpsc::Receiver<Request>, batch: usize, worker: Worker) -> Self {
        let (held, aside, waited) = (Vec::new(), JoinSet::new(), HashSet::new());
        Self { queue, batch, worker, held, aside, waited }
    }

    /// Runs until the server stops and the queue is empty.
    pub(super) async fn run(mut self, stopping: CancellationToken) {
        while self.gather(&stopping).await {
            let ready = self.take_ready();
            let mut passed = self.worker.work(ready, false).await;
            let overdue = passed.iter().filter(|request| request.passed >= PASSES);
            self.waited.extend(overdue.map(|request| request.room));
            // The skipped changes go first, then those that arrived since.
            passed.append(&mut self.held);
            self.held = passed;
        }
    }

    /// Waits until something can be committed; `false`: the queue is closed and empty.
    async fn gather(&mut self, stopping: &CancellationToken) -> bool {
        loop {
            self.step_aside();
            let behind = self.held.iter().filter(|r| self.waited.contains(&r.room)).count();
            let ready = self.held.len() - behind;
            // As many changes may be held back as the queue may hold.
            let free = if behind < QUEUE { self.batch.saturating_sub(ready) } else { 0 };
            if ready > 0 {
                self.held.extend(std::iter::from_fn(|| self.queue.try_recv().ok()).take(free));
                return true;
            }
            let ended = self.queue.is_closed() && self.queue.is_empty();
            if ended && self.held.is_empty() && self.aside.is_empty() {
                return false;
            }
            tokio::select! {
                biased;
                Some(rooms) = self.aside.join_next() => match rooms {
                    Ok(rooms) => self.waited.retain(|room| !rooms.contains(room)),
                    Err(error) => std::panic::resume_unwind(error.into_panic()),
                },
                _ = self.queue.recv_many(&mut self.held, free), if free > 0 && !ended => {}
                // The changes in the queue are still committed.
                () = stopping.cancelled(), if !self.queue.is_closed() => self.queue.close(),
            }
        }
    }

    /// Waits beside the lane for the rooms that were skipped too often.
    fn step_aside(&mut self) {
        while let Some(done) = self.aside.try_join_next() {
            match done {
                Ok(rooms) => self.waited.retain(|room| !rooms.contains(room)),
                Err(error) => std::panic::resume_unwind(error.into_panic()),
            }
        }
        if self.waited.is_empty() || self.aside.len() >= ASIDE {
            return;
        }
        let overdue = self.held.iter().filter(|request| request.passed >= PASSES);
        let overdue: HashSet<RoomId> = overdue.map(|request| request.room).collect();
        if overdue.is_empty() {
            return;
        }
        let requests = self.held.extract_if(.., |request| overdue.contains(&request.room));
        let requests: Vec<_> = requests.take(self.batch).collect();
        let mut worker = self.worker.beside();
        self.aside.spawn(async move {
            worker.work(requests, true).await;
            overdue.into_iter().collect()
        });
    }

    /// The next batch: all changes that are not held back.
    fn take_ready(&mut self) -> Vec<Request> {
        if self.waited.is_empty() && self.held.len() <= self.batch {
            return std::mem::take(&mut self.held);
        }
        let ready = self.held.extract_if(.., |request| !self.waited.contains(&request.room));
        ready.take(self.batch).collect()
    }
}
