//! Optimistic heads: the state of rooms after the last batches, with which a batch of plain
//! messages is decided without reading from the store.
//!
//! Most rooms are written through one server for a while. That server knows the counters and the
//! members, and saves one of two round trips.
//!
//! Invariant: remembered state is never trusted. The transaction carries the counter on which it
//! was decided and fails as a whole where the room has another one; every change of a membership
//! increments that counter, too.

use std::collections::HashMap;

use super::{Change, Head, Loaded, Member, Proposal, RoomStates};
use crate::id::{RoomId, UserId};

/// Maximum of remembered rooms and members, some 10 MB. Beyond that all are dropped.
const ENTRIES_MAX: usize = 131_072;

/// Heads and members that one task remembers from one batch to the next.
#[derive(Debug, Default)]
pub struct OptimisticHeads {
    rooms: HashMap<RoomId, Room>,
    entries: usize,
}

#[derive(Debug)]
struct Room {
    head: Head,
    members: HashMap<UserId, Member>,
    /// No other server wrote between the last two batches: an attempt is worthwhile.
    alone: bool,
}

impl OptimisticHeads {
    /// The remembered state, if all proposals are new messages without `reply_to`, of known users
    /// in known rooms.
    #[must_use]
    pub fn loaded<'a>(&self, proposals: impl Iterator<Item = Proposal<'a>>) -> Option<Loaded> {
        let mut loaded = Loaded::default();
        for proposal in proposals {
            let Change::Post { message, .. } = proposal.change else { return None };
            let room = self.rooms.get(&proposal.room)?;
            if message.reply_to.is_some() || !room.alone {
                return None;
            }
            let member = *room.members.get(&proposal.actor)?;
            loaded.heads.insert(proposal.room, Some(room.head));
            loaded.members.insert((proposal.room, proposal.actor), member);
        }
        Some(loaded)
    }

    /// Remembers the state after a committed batch.
    pub fn keep(&mut self, states: RoomStates) {
        if self.entries > ENTRIES_MAX {
            *self = Self::default();
        }
        for (id, after) in states.after {
            let (Some(before), Some(after)) = (states.before.get(&id), after) else {
                self.rooms.remove(&id);
                continue;
            };
            let room = self.rooms.entry(id).or_insert_with(|| {
                self.entries += 1;
                Room { head: after, members: HashMap::new(), alone: false }
            });
            room.alone = room.head.head == before.head;
            // Any change but a new message may have changed the members.
            if !room.alone || after.head - before.head != after.posts - before.posts {
                room.members.clear();
            }
            room.head = after;
        }
        for ((id, user), member) in states.members {
            if let Some(room) = self.rooms.get_mut(&id) {
                self.entries += usize::from(room.members.insert(user, member).is_none());
            }
        }
    }

    /// Drops these rooms: their state is unknown, or was not the remembered one.
    pub fn forget(&mut self, rooms: impl Iterator<Item = RoomId>) {
        for room in rooms {
            self.rooms.remove(&room);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        id::ClientId,
        member::Role,
        message::NewMessage,
        room::{History, RoomKind},
    };

    const ROOM: RoomId = RoomId(1);
    const MEMBER: Member = Member { role: Role::Member, visible_from: 0 };

    fn head(head: u64, posts: u64) -> Head {
        let (kind, history) = (RoomKind::Public, History::All);
        Head { kind, history, head, posts, purged_up_to: 0, direct: None }
    }

    fn post(reply_to: Option<u64>) -> Change {
        let client_id = ClientId::from_u128(1);
        let message = NewMessage { client_id, content: "text".into(), reply_to, image: None };
        Change::Post { message, mentions: Vec::new() }
    }

    fn loaded(heads: &OptimisticHeads, actor: u64, change: &Change) -> Option<Loaded> {
        let (now, uncertain) = (chrono::DateTime::UNIX_EPOCH, false);
        let proposal = Proposal { room: ROOM, actor: UserId(actor), change, now, uncertain };
        heads.loaded(std::iter::once(proposal))
    }

    /// A batch which found the room in one state and left it in another, with these members.
    fn left(before: Head, after: Option<Head>, members: &[u64]) -> RoomStates {
        RoomStates {
            before: [(ROOM, before)].into(),
            after: [(ROOM, after)].into(),
            members: members.iter().map(|user| ((ROOM, UserId(*user)), MEMBER)).collect(),
        }
    }

    /// User 1 wrote twice, and nobody in between.
    fn alone() -> OptimisticHeads {
        let mut heads = OptimisticHeads::default();
        heads.keep(left(head(4, 4), Some(head(5, 5)), &[1]));
        assert!(loaded(&heads, 1, &post(None)).is_none(), "once is not enough to go by");
        heads.keep(left(head(5, 5), Some(head(6, 6)), &[1]));
        heads
    }

    #[test]
    fn who_was_there_stays_where_only_messages_came() {
        let mut heads = alone();
        heads.keep(left(head(6, 6), Some(head(8, 8)), &[]));
        assert!(loaded(&heads, 1, &post(None)).is_some());
        heads.keep(left(head(8, 8), Some(head(10, 9)), &[]));
        assert!(loaded(&heads, 1, &post(None)).is_none(), "the other change may be a leave");
    }

    #[test]
    fn with_too_many_rooms_all_are_dropped() {
        let rooms = || (2..).map(RoomId).take(ENTRIES_MAX);
        let mut heads = alone();
        heads.keep(RoomStates {
            before: rooms().map(|room| (room, head(1, 1))).collect(),
            after: rooms().map(|room| (room, Some(head(2, 2)))).collect(),
            members: HashMap::new(),
        });
        heads.keep(left(head(6, 6), Some(head(7, 7)), &[]));
        assert_eq!(heads.rooms.len(), 1);
        assert!(loaded(&heads, 1, &post(None)).is_none());
    }

    #[test]
    fn who_writes_alone_is_remembered_for_plain_messages_alone() {
        let mut heads = alone();
        let known = loaded(&heads, 1, &post(None)).unwrap();
        assert_eq!(known.heads[&ROOM].unwrap().head, 6);
        assert!(loaded(&heads, 1, &post(Some(2))).is_none(), "is there such a message?");
        assert!(loaded(&heads, 2, &post(None)).is_none(), "is 2 a member?");
        assert!(loaded(&heads, 1, &Change::Delete { seq: 1 }).is_none());

        heads.keep(left(head(6, 6), Some(head(7, 7)), &[2]));
        assert!(loaded(&heads, 1, &post(None)).is_some());
        assert!(loaded(&heads, 2, &post(None)).is_some());
    }

    #[test]
    fn another_server_at_work_is_noticed() {
        let mut heads = alone();
        heads.keep(left(head(9, 9), Some(head(10, 10)), &[1]));
        assert!(loaded(&heads, 1, &post(None)).is_none());
        heads.keep(left(head(10, 10), Some(head(11, 11)), &[2]));
        assert!(loaded(&heads, 2, &post(None)).is_some());
        assert!(loaded(&heads, 1, &post(None)).is_some(), "read again since");

        heads.forget(std::iter::once(ROOM));
        assert!(loaded(&heads, 1, &post(None)).is_none());
    }

    #[test]
    fn a_change_of_members_is_asked_for_anew() {
        let mut heads = alone();
        // 1 removed by 2: the batch left only 2 in it.
        heads.keep(left(head(6, 6), Some(head(7, 6)), &[2]));
        assert!(loaded(&heads, 1, &post(None)).is_none());
        assert!(loaded(&heads, 2, &post(None)).is_some());
        heads.keep(left(head(7, 6), None, &[2]));
        assert!(loaded(&heads, 2, &post(None)).is_none(), "the room is gone");
    }

    #[test]
    fn what_is_remembered_has_an_end() {
        let mut heads = OptimisticHeads::default();
        for n in 0..ENTRIES_MAX as u64 {
            heads.keep(left(head(n, n), Some(head(n + 1, n + 1)), &[n]));
        }
        assert!(heads.entries >= ENTRIES_MAX);
        heads.keep(left(head(0, 0), Some(head(1, 1)), &[1]));
        heads.keep(left(head(1, 1), Some(head(2, 2)), &[1]));
        assert!(heads.entries < 10);
    }
}
