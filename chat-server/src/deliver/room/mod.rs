//! A room that this server serves: its subscribers here, and its stream in order.

mod rooms;
mod subscribers;

use std::collections::{BTreeMap, VecDeque};

use chat_domain::id::{RoomId, Seq};
use parking_lot::Mutex;

use self::subscribers::Subscribers;
pub(super) use self::{rooms::Rooms, subscribers::Ticket};
use super::event::Batch;

/// See the module.
pub(super) struct Room {
    pub(super) id: RoomId,
    pub(super) state: Mutex<State>,
}

/// State that changes under one lock.
#[derive(Default)]
pub(super) struct State {
    /// Sockets that subscribe to the room here.
    pub(super) subscribers: Subscribers,
    /// The stream was queued up to here; `None` until the head was read.
    pub(super) cursor: Option<Seq>,
    /// The stream was taken out of the queue up to here, and users who left were removed.
    pub(super) taken: Seq,
    /// The sockets have got everything up to here.
    pub(super) delivered: Seq,
    /// Batches to deliver, in order and without a gap.
    queue: VecDeque<Batch>,
    /// Bytes in it.
    queue_bytes: usize,
    /// The queue was full: later batches are fetched from the store when it has room again.
    behind: bool,
    /// Batches that arrived before their predecessor, by their first number.
    early: BTreeMap<Seq, Batch>,
    /// A task is delivering.
    delivering: bool,
    /// A task is fetching a gap.
    fetching: bool,
    /// The head in the last heartbeat to the sockets.
    pub(super) notified: Seq,
    /// Heartbeats since the last subscriber left.
    pub(super) empty_beats: u32,
}

/// Tasks to start after accepting a batch.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Todo {
    /// Start the delivery.
    pub(super) deliver: bool,
    /// Fetch the gap.
    pub(super) fetch: bool,
}

/// Batches that may wait for a gap to be filled; beyond that, the fetch brings them anyway.
const EARLY: usize = 1_024;
/// Approximate limit of a room's queue, in bytes. The rest stays in the store.
const QUEUE_BYTES: usize = 8 * 1024 * 1024;

impl Room {
    pub(super) fn new(id: RoomId) -> Self {
        Self { id, state: Mutex::default() }
    }
}

impl State {
    /// Accepts a batch of this or another server, in any order, possibly twice.
    pub(super) fn accept(&mut self, batch: Batch) -> Todo {
        match self.cursor {
            Some(cursor) if batch.up_to <= cursor => Todo::default(),
            Some(_) if self.is_full() => {
                self.behind = true;
                Todo::default()
            }
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

    /// The head was read: the stream starts here.
    pub(super) fn open(&mut self, head: Seq) -> Todo {
        if self.cursor.is_none() {
            self.cursor = Some(head);
            self.taken = head;
            self.delivered = head;
        }
        self.take_early();
        self.todo()
    }

    /// Compares the stream with the head in the store.
    pub(super) fn compare(&mut self, head: Seq) -> Todo {
        match self.cursor {
            None => self.open(head),
            Some(cursor) if head > cursor => {
                self.behind = true;
                self.todo()
            }
            Some(_) => Todo::default(),
        }
    }

    /// Takes all queued batches, for the one task that delivers; with none, that task ends.
    pub(super) fn take(&mut self) -> Option<(Vec<Batch>, Todo)> {
        self.delivering = !self.queue.is_empty();
        self.taken = self.queue.back()?.up_to;
        self.queue_bytes = 0;
        let batches = self.queue.drain(..).collect();
        Some((batches, self.todo()))
    }

    /// Number of queued batches.
    pub(super) fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// Whether the fetching task may read another page: the queue has room.
    pub(super) fn may_fetch(&mut self) -> bool {
        // All rows committed by now are in this page or the next one.
        self.behind = self.is_full();
        !self.behind
    }

    /// The fetching task has ended; `gave_up`: it could not read. The heartbeat retries a gap that
    /// remains.
    pub(super) fn fetched(&mut self, gave_up: bool) -> Todo {
        let again = self.behind && !gave_up;
        self.fetching = false;
        let todo = self.todo();
        self.fetching = todo.fetch && again;
        Todo { fetch: self.fetching, ..todo }
    }

    fn is_full(&self) -> bool {
        self.queue_bytes >= QUEUE_BYTES
    }

    fn append(&mut self, cursor: Seq, mut batch: Batch) {
        if batch.after < cursor {
            // The beginning was queued already.
            batch.rows.retain(|row| row.changed_seq > cursor);
            batch.after = cursor;
        }
        self.cursor = Some(batch.up_to);
        self.queue_bytes += batch.bytes();
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
        let gap = self.behind || !self.early.is_empty();
        let fetch = self.cursor.is_some() && gap && !self.fetching && !self.is_full();
        self.delivering |= deliver;
        self.fetching |= fetch;
        Todo { deliver, fetch }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::deliver::row::{Effect, Row};

    fn batch(after: Seq, up_to: Seq) -> Batch {
        Batch { after, up_to, rows: Vec::new(), trace: None }
    }

    proptest! {
        /// In whatever order and however often batches arrive, the queue is the stream from its
        /// start on, without a gap, and no batch that can be queued is held back.
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
            // The next batch has not arrived, or it would be queued.
            prop_assert!(!come.iter().any(|(after, up_to)| *after <= cursor && *up_to > cursor));
        }
    }

    #[test]
    fn a_gap_is_fetched_once() {
        let mut state = State::default();
        state.open(5);
        assert_eq!(state.accept(batch(7, 8)), Todo { deliver: false, fetch: true });
        assert_eq!(state.accept(batch(8, 9)), Todo::default());
        assert_eq!(state.accept(batch(5, 7)), Todo { deliver: true, fetch: false });
        assert_eq!(state.cursor, Some(9));
    }

    /// Beyond the limit nothing is lost: the rest is fetched once the queue has room.
    #[test]
    fn a_full_queue_ends_and_loses_nothing() {
        let mut state = State::default();
        state.open(5);
        let text = format!("\"{}\"", "x".repeat(QUEUE_BYTES));
        let json = serde_json::value::RawValue::from_string(text).unwrap();
        let (effect, json) = (Effect::None, json.into());
        let row = Row { seq: 6, changed_seq: 6, new: true, effect, json };
        let large = Batch { rows: vec![row], ..batch(5, 6) };
        assert_eq!(state.accept(large), Todo { deliver: true, fetch: false });
        for up_to in 7..5_000 {
            assert_eq!(state.accept(batch(up_to - 1, up_to)), Todo::default());
        }
        assert_eq!(state.compare(5_000), Todo::default(), "no room for what would be fetched");
        assert!(state.queue.len() == 1 && state.early.is_empty());

        let (taken, todo) = state.take().unwrap();
        assert_eq!((taken.len(), todo), (1, Todo { deliver: false, fetch: true }));
        assert!(state.may_fetch());
        state.accept(batch(6, 5_000));
        assert_eq!(state.fetched(false), Todo::default(), "all is there");
        assert_eq!(state.take().unwrap().0[0].after, 6);
        assert!(state.take().is_none());
    }

    /// A page that arrived while the queue was full was not queued, and is read again.
    #[test]
    fn a_fetch_waits_for_room() {
        let mut state = State::default();
        state.open(5);
        assert_eq!(state.compare(9), Todo { deliver: false, fetch: true });
        state.queue_bytes = QUEUE_BYTES;
        assert!(!state.may_fetch());
        assert_eq!(state.fetched(false), Todo::default());
        state.queue_bytes = 0;
        assert_eq!(state.accept(batch(5, 6)), Todo { deliver: true, fetch: true });
    }

    #[test]
    fn a_lost_last_event_is_found_by_comparing() {
        let mut state = State::default();
        state.open(5);
        assert_eq!(state.compare(5), Todo::default());
        assert_eq!(state.compare(6), Todo { deliver: false, fetch: true });
    }
}
