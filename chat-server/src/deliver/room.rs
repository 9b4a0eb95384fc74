//! One room as this server serves it: who hears it here, and its stream in order.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, atomic::Ordering},
};

use chat_domain::id::{RoomId, Seq};
use parking_lot::Mutex;

use super::{conn::Conn, event::Batch};

/// See the module.
pub(super) struct Room {
    pub(super) id: RoomId,
    pub(super) state: Mutex<State>,
}

/// What must change together.
#[derive(Default)]
pub(super) struct State {
    /// Who hears the room here.
    pub(super) conns: Vec<Arc<Conn>>,
    /// Up to here the stream has been queued; `None` until the head was read.
    pub(super) cursor: Option<Seq>,
    /// Up to here the sockets have been given everything.
    pub(super) delivered: Seq,
    /// In order, without a gap, waiting to be delivered.
    pub(super) queue: VecDeque<Batch>,
    /// Came before their predecessor, by where they begin.
    early: BTreeMap<Seq, Batch>,
    /// A task is delivering.
    pub(super) delivering: bool,
    /// A task is fetching a hole.
    pub(super) fetching: bool,
    /// The head that the sockets were last told of in a heartbeat.
    pub(super) told: Seq,
    /// Heartbeats since somebody was last here.
    pub(super) empty_beats: u32,
}

/// The socket was closed meanwhile.
#[derive(Debug)]
pub(super) struct Gone;

/// What accepting a batch calls for.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Todo {
    /// Start a task that delivers.
    pub(super) deliver: bool,
    /// Start a task that fetches the hole.
    pub(super) fetch: bool,
}

/// Batches that may wait for a hole to be filled; with more, fetching brings them all anyway.
const EARLY: usize = 1_024;

impl Room {
    pub(super) fn new(id: RoomId) -> Self {
        Self { id, state: Mutex::default() }
    }

    /// Puts a socket in; the answer is the cursor from which on it hears everything, where it is
    /// known already.
    pub(super) fn add(&self, conn: &Arc<Conn>) -> Result<Option<Seq>, Gone> {
        let mut state = self.state.lock();
        if conn.closed.load(Ordering::Acquire) {
            return Err(Gone);
        }
        if !state.conns.iter().any(|other| Arc::ptr_eq(other, conn)) {
            state.conns.push(conn.clone());
            conn.rooms.lock().push(self.id);
        }
        Ok(state.cursor)
    }
}

impl State {
    /// A batch has come, from here or from elsewhere, once or twice, in order or not.
    pub(super) fn accept(&mut self, batch: Batch) -> Todo {
        match self.cursor {
            Some(cursor) if batch.up_to <= cursor => Todo::default(),
            Some(cursor) if batch.after <= cursor => {
                self.append(cursor, batch);
                self.take_early();
                self.todo()
            }
            _ => {
                let known = self.early.get(&batch.after).map_or(0, |early| early.up_to);
                if batch.up_to > known {
                    self.early.insert(batch.after, batch);
                }
                if self.early.len() > EARLY {
                    self.early.pop_last();
                }
                self.todo()
            }
        }
    }

    /// The head was read: the stream begins here.
    pub(super) fn open(&mut self, head: Seq) -> Todo {
        if self.cursor.is_none() {
            self.cursor = Some(head);
            self.delivered = head;
        }
        self.take_early();
        self.todo()
    }

    /// The store says that the head is here.
    pub(super) fn compare(&mut self, head: Seq) -> Todo {
        match self.cursor {
            None => self.open(head),
            Some(cursor) if head > cursor && !self.fetching => {
                self.fetching = true;
                Todo { deliver: false, fetch: true }
            }
            Some(_) => Todo::default(),
        }
    }

    /// The fetching task is done.
    pub(super) fn fetched(&mut self) -> Todo {
        self.fetching = false;
        self.todo()
    }

    fn append(&mut self, cursor: Seq, mut batch: Batch) {
        if batch.after < cursor {
            // The beginning is known already.
            batch.rows.retain(|row| row.changed_seq > cursor);
            batch.after = cursor;
        }
        self.cursor = Some(batch.up_to);
        self.queue.push_back(batch);
    }

    fn take_early(&mut self) {
        while let (Some(cursor), Some(first)) = (self.cursor, self.early.first_entry()) {
            if *first.key() > cursor {
                return;
            }
            let batch = first.remove();
            if batch.up_to > cursor {
                self.append(cursor, batch);
            }
        }
    }

    fn todo(&mut self) -> Todo {
        let deliver = !self.queue.is_empty() && !self.delivering;
        let fetch = self.cursor.is_some() && !self.early.is_empty() && !self.fetching;
        self.delivering |= deliver;
        self.fetching |= fetch;
        Todo { deliver, fetch }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn batch(after: Seq, up_to: Seq) -> Batch {
        Batch { after, up_to, rows: Vec::new(), trace: None }
    }

    proptest! {
        /// Whatever the order and however often batches come, what is queued is the stream from
        /// the opening on, without a gap, and no batch that can be queued is held back.
        #[test]
        fn the_queue_is_gapless(
            sizes in prop::collection::vec(1..4_u64, 1..20),
            order in prop::collection::vec(any::<prop::sample::Index>(), 0..60),
            opened in 0..5_u64,
        ) {
            let mut batches = Vec::new();
            let mut head = 0;
            for size in sizes {
                batches.push((head, head + size));
                head += size;
            }
            let mut state = State::default();
            let mut come = std::collections::BTreeSet::new();
            for (step, index) in order.iter().enumerate() {
                if step == 3 {
                    state.open(opened.min(head));
                }
                let (after, up_to) = batches[index.index(batches.len())];
                come.insert((after, up_to));
                state.accept(batch(after, up_to));
            }
            let Some(cursor) = state.cursor else { return Ok(()) };
            let mut at = opened.min(head);
            for queued in &state.queue {
                prop_assert_eq!(queued.after, at);
                prop_assert!(queued.up_to > at);
                at = queued.up_to;
            }
            prop_assert_eq!(at, cursor);
            // The next piece has not come, or it would be queued.
            prop_assert!(!come.iter().any(|(after, up_to)| *after <= cursor && *up_to > cursor));
        }
    }

    #[test]
    fn a_hole_is_fetched_once() {
        let mut state = State::default();
        state.open(5);
        assert_eq!(state.accept(batch(7, 8)), Todo { deliver: false, fetch: true });
        assert_eq!(state.accept(batch(8, 9)), Todo::default());
        assert_eq!(state.accept(batch(5, 7)), Todo { deliver: true, fetch: false });
        assert_eq!(state.cursor, Some(9));
    }

    #[test]
    fn a_lost_last_event_is_found_by_comparing() {
        let mut state = State::default();
        state.open(5);
        assert_eq!(state.compare(5), Todo::default());
        assert_eq!(state.compare(6), Todo { deliver: false, fetch: true });
    }
}
