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
    /// Rooms that were skipped too often, until a transaction beside the lane has waited for them.
    /// Their changes are not ready.
    waited: HashSet<RoomId>,
    /// Those of them that no transaction waits for yet.
    overdue: HashSet<RoomId>,
}

impl Held {
    pub(super) fn new(batch: usize) -> Self {
        Self { batch, requests: Vec::new(), waited: HashSet::new(), overdue: HashSet::new() }
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
        for request in skipped.iter().filter(|request| request.passed >= PASSES) {
            self.waited.insert(request.room);
            self.overdue.insert(request.room);
        }
        skipped.append(&mut self.requests);
        self.requests = skipped;
    }

    /// The next batch of changes of overdue rooms, and these rooms. What is left of them stays until
    /// they were waited for: two transactions at once could commit it first.
    pub(super) fn take_overdue(&mut self) -> Option<(Vec<RoomId>, Vec<Request>)> {
        let requests = self.requests.extract_if(.., |one| self.overdue.contains(&one.room));
        let requests: Vec<_> = requests.take(self.batch).collect();
        let rooms: HashSet<_> = requests.iter().map(|request| request.room).collect();
        self.overdue.retain(|room| !rooms.contains(room));
        (!rooms.is_empty()).then(|| (rooms.into_iter().collect(), requests))
    }

    /// A transaction beside the lane has ended.
    pub(super) fn waited_for(&mut self, rooms: &[RoomId]) {
        self.waited.retain(|room| !rooms.contains(room));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chat_domain::{change::Change, id::UserId};
    use proptest::{collection::vec, prelude::*};
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
    fn changes_of_a_room_never_pass_each_other_where_more_are_overdue_than_a_batch_takes() {
        let mut held = Held::new(2);
        held.put_first(vec![change(6, 2, PASSES), change(6, 3, PASSES)]);
        held.put_first(vec![change(5, 1, PASSES)]);
        let (_, waiting) = held.take_overdue().unwrap();
        assert_eq!(numbers(&waiting), [1, 2]);
        assert!(held.take_overdue().is_none(), "change 3 waits until change 2 is committed");
        held.waited_for(&[RoomId(5)]);
        assert!(!held.is_ready() && held.take_overdue().is_none());
        held.waited_for(&[RoomId(6)]);
        assert!(held.take_overdue().is_none(), "the lane takes it: its room was reached");
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

    /// What happens to a lane.
    #[derive(Debug, Clone)]
    enum Step {
        /// A change of this room arrives.
        Arrive(u64),
        /// The lane commits a batch; another server has locked the rooms of which the bit is set.
        Commit(u8),
        /// A transaction beside the lane begins.
        Begin,
        /// The oldest or the newest of them ends.
        End(bool),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            3 => (0..4_u64).prop_map(Step::Arrive),
            2 => (0..16_u8).prop_map(Step::Commit),
            1 => Just(Step::Begin),
            1 => any::<bool>().prop_map(Step::End),
        ];
        vec(step, 1..300)
    }

    /// The changes of each room that were committed, in order.
    #[derive(Default)]
    struct Committed(BTreeMap<u64, Vec<u64>>);

    impl Committed {
        fn add(&mut self, requests: &[Request]) {
            for request in requests {
                self.0.entry(request.room.0).or_default().push(request.actor.0);
            }
        }
    }

    proptest! {
        #[test]
        fn each_room_has_one_transaction_at_a_time_and_one_order(steps in steps()) {
            let mut held = Held::new(2);
            let mut beside: Vec<(Vec<RoomId>, Vec<Request>)> = Vec::new();
            let mut committed = Committed::default();
            let mut arrived = 0;
            // In the end nothing is locked, and all is committed.
            let rest = [Step::End(true), Step::Begin, Step::Commit(0)];
            let rest = rest.iter().cycle().take(3 * (steps.len() + 1)).cloned();
            for step in steps.into_iter().chain(rest) {
                let is_waited = |request: &Request| {
                    beside.iter().any(|(rooms, _)| rooms.contains(&request.room))
                };
                match step {
                    Step::Arrive(room) => {
                        arrived += 1;
                        held.end().push(change(room, arrived, 0));
                    }
                    Step::Commit(locked) => {
                        let ready = held.take_ready();
                        prop_assert!(!ready.iter().any(is_waited));
                        let is_locked = |one: &Request| locked & (1 << one.room.0) != 0;
                        let (mut skipped, done): (Vec<_>, Vec<_>) =
                            ready.into_iter().partition(is_locked);
                        for request in &mut skipped {
                            request.passed += 1;
                        }
                        committed.add(&done);
                        held.put_first(skipped);
                    }
                    Step::Begin => {
                        if let Some((rooms, requests)) = held.take_overdue() {
                            prop_assert!(!requests.iter().any(is_waited));
                            beside.push((rooms, requests));
                        }
                    }
                    Step::End(oldest) if !beside.is_empty() => {
                        let at = if oldest { 0 } else { beside.len() - 1 };
                        let (rooms, requests) = beside.remove(at);
                        committed.add(&requests);
                        held.waited_for(&rooms);
                    }
                    Step::End(_) => {}
                }
            }
            let numbers = committed.0.values();
            prop_assert!(numbers.clone().all(|numbers| numbers.is_sorted()));
            prop_assert_eq!(numbers.map(Vec::len).sum::<usize>() as u64, arrived);
            prop_assert!(held.is_empty());
        }
    }
}
