//! The changes that a lane has taken from its queue and not yet committed.

use std::collections::HashSet;

use chat_domain::id::RoomId;

use super::{QUEUE, Request, worker::PASSES};

/// See the module.
pub(super) struct Held {
    /// Changes in one transaction, at most.
    batch: usize,
    /// The skipped ones first.
    requests: Vec<Request>,
    /// Rooms that transactions beside the lane wait for. Their changes are not ready.
    waited: HashSet<RoomId>,
}

impl Held {
    pub(super) fn new(batch: usize) -> Self {
        Self { batch, requests: Vec::new(), waited: HashSet::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.requests.is_empty()
    }

    /// Whether something can be committed.
    pub(super) fn is_ready(&self) -> bool {
        self.ready() > 0
    }

    fn ready(&self) -> usize {
        self.requests.iter().filter(|request| !self.waited.contains(&request.room)).count()
    }

    /// How many more changes may be taken from the queue: what is missing to a batch, and none
    /// where as many are held back as the queue may hold.
    pub(super) fn free(&self) -> usize {
        let ready = self.ready();
        let is_full = self.requests.len() - ready >= QUEUE;
        if is_full { 0 } else { self.batch.saturating_sub(ready) }
    }

    /// Where the lane puts what it takes from the queue.
    pub(super) fn end(&mut self) -> &mut Vec<Request> {
        &mut self.requests
    }

    /// The next batch: changes whose rooms nobody waits for.
    pub(super) fn take_ready(&mut self) -> Vec<Request> {
        let ready = self.requests.extract_if(.., |request| !self.waited.contains(&request.room));
        ready.take(self.batch).collect()
    }

    /// Changes that were skipped: they come before those that arrived since. Rooms that were
    /// skipped too often have to be waited for.
    pub(super) fn put_first(&mut self, mut skipped: Vec<Request>) {
        self.waited.extend(skipped.iter().filter(|one| is_overdue(one)).map(|one| one.room));
        skipped.append(&mut self.requests);
        self.requests = skipped;
    }

    /// The rooms that have changes which were skipped too often, and a batch of the changes of these
    /// rooms.
    pub(super) fn take_overdue(&mut self) -> Option<(Vec<RoomId>, Vec<Request>)> {
        let rooms: HashSet<_> =
            self.requests.iter().filter(|one| is_overdue(one)).map(|one| one.room).collect();
        if rooms.is_empty() {
            return None;
        }
        let requests = self.requests.extract_if(.., |request| rooms.contains(&request.room));
        let requests = requests.take(self.batch).collect();
        Some((rooms.into_iter().collect(), requests))
    }

    /// A transaction beside the lane has ended.
    pub(super) fn waited_for(&mut self, rooms: &[RoomId]) {
        self.waited.retain(|room| !rooms.contains(room));
    }
}

fn is_overdue(request: &Request) -> bool {
    request.passed >= PASSES
}

#[cfg(test)]
mod tests {
    use chat_domain::{change::Change, id::UserId};
    use tokio::sync::oneshot;
    use tracing::Span;

    use super::*;

    /// A change of a room that was skipped so often; its number is its actor.
    fn change(room: u64, number: u64, passed: u32) -> Request {
        Request {
            room: RoomId(room),
            actor: UserId(number),
            change: Change::DeleteRoom,
            now: chrono::DateTime::UNIX_EPOCH,
            arrived: tokio::time::Instant::now(),
            passed,
            uncertain: false,
            span: Span::none(),
            reply: oneshot::channel().0,
        }
    }

    fn numbers(requests: &[Request]) -> Vec<u64> {
        requests.iter().map(|request| request.actor.0).collect()
    }

    /// Holds changes of rooms, numbered from 1 on.
    fn held(batch: usize, rooms: &[u64]) -> Held {
        let mut held = Held::new(batch);
        held.end().extend((1..).zip(rooms).map(|(number, room)| change(*room, number, 0)));
        held
    }

    #[test]
    fn a_batch_is_filled_and_taken_in_order() {
        let mut held = held(3, &[1, 2, 1, 3]);
        assert_eq!(held.free(), 0);
        assert_eq!(numbers(&held.take_ready()), [1, 2, 3]);
        assert_eq!((held.free(), held.is_ready()), (2, true));
        assert_eq!(numbers(&held.take_ready()), [4]);
        assert_eq!((held.free(), held.is_ready(), held.is_empty()), (3, false, true));
    }

    #[test]
    fn skipped_changes_come_first() {
        let mut held = held(9, &[1, 2]);
        held.put_first(vec![change(3, 8, 1), change(3, 9, PASSES - 1)]);
        assert!(held.take_overdue().is_none());
        assert_eq!(numbers(&held.take_ready()), [8, 9, 1, 2]);
    }

    #[test]
    fn a_room_that_is_waited_for_holds_its_changes_back_until_it_was_reached() {
        let mut held = held(2, &[5, 6, 5]);
        held.put_first(vec![change(5, 7, PASSES), change(5, 8, 1), change(5, 9, 1)]);
        // Room 6 alone is ready.
        assert_eq!((held.free(), held.is_ready()), (1, true));
        let (rooms, waiting) = held.take_overdue().unwrap();
        assert_eq!((rooms, numbers(&waiting)), (vec![RoomId(5)], vec![7, 8]));
        assert!(held.take_overdue().is_none(), "somebody waits for it already");
        assert_eq!(numbers(&held.take_ready()), [2]);
        assert_eq!((held.is_ready(), held.is_empty()), (false, false));
        held.waited_for(&[RoomId(6)]);
        assert!(!held.is_ready());
        held.waited_for(&[RoomId(5)]);
        assert_eq!(numbers(&held.take_ready()), [9, 1]);
        assert_eq!(numbers(&held.take_ready()), [3]);
    }

    #[test]
    fn what_is_held_back_is_bounded() {
        let mut held = held(4, &vec![5; QUEUE - 1]);
        held.waited.insert(RoomId(5));
        assert_eq!(held.free(), 4);
        held.end().push(change(5, 0, 0));
        assert_eq!(held.free(), 0);
    }
}
