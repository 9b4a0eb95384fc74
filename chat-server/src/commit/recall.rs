//! Rooms as this lane left them: what a batch of plain messages need not ask the store for.
//!
//! Most rooms are written through one server for a while. Then the lane knows the counters and
//! who may write, and one round trip does the work of two.
//!
//! Invariant: what is recalled is never taken for true. The transaction carries the counter that
//! it was decided on and fails as a whole where the room has another one; and whatever changes a
//! membership moves that counter too.

use std::collections::HashMap;

use chat_domain::id::{RoomId, UserId};

use super::{Change, Request};
use crate::mysql::commit::{Head, Loaded, Member};

/// Rooms and members that one lane recalls at most, some 10 MB. Then it begins anew.
const ENTRIES_MAX: usize = 131_072;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Recall {
    rooms: HashMap<RoomId, Room>,
    entries: usize,
}

#[derive(Debug)]
struct Room {
    head: Head,
    members: HashMap<UserId, Member>,
    /// Nobody else wrote between the last two batches of this lane: an attempt is worth it.
    alone: bool,
}

/// The rooms of a batch, before and after it.
#[derive(Debug, Default)]
pub(super) struct Left {
    /// Before; rooms that were there.
    pub(super) before: HashMap<RoomId, Head>,
    /// After; `None` for one that is gone.
    pub(super) after: HashMap<RoomId, Option<Head>>,
    /// Members after it, of whom it concerned.
    pub(super) members: HashMap<(RoomId, UserId), Member>,
}

impl Recall {
    /// What the store would say, where all that is asked for are new messages which answer no
    /// other, by people and in rooms that are known.
    pub(super) fn loaded(&self, requests: &[Request]) -> Option<Loaded> {
        let mut loaded = Loaded::default();
        for request in requests {
            let Change::Post { draft, .. } = &request.change else { return None };
            let room = self.rooms.get(&request.room)?;
            if draft.reply_to.is_some() || !room.alone {
                return None;
            }
            let member = *room.members.get(&request.actor)?;
            loaded.heads.insert(request.room, Some(room.head));
            loaded.members.insert((request.room, request.actor), member);
        }
        Some(loaded)
    }

    /// Keeps what a committed batch left.
    pub(super) fn keep(&mut self, left: Left) {
        if self.entries > ENTRIES_MAX {
            *self = Self::default();
        }
        for (id, after) in left.after {
            let (Some(before), Some(after)) = (left.before.get(&id), after) else {
                self.rooms.remove(&id);
                continue;
            };
            let room = self.rooms.entry(id).or_insert_with(|| {
                self.entries += 1;
                Room { head: after, members: HashMap::new(), alone: false }
            });
            room.alone = room.head.head == before.head;
            // Anything but new messages may have changed who is a member.
            if !room.alone || after.head - before.head != after.posts - before.posts {
                room.members.clear();
            }
            room.head = after;
        }
        for ((id, user), member) in left.members {
            if let Some(room) = self.rooms.get_mut(&id) {
                self.entries += usize::from(room.members.insert(user, member).is_none());
            }
        }
    }

    /// Forgets the rooms of these: what became of them is unknown, or was not what was recalled.
    pub(super) fn forget(&mut self, requests: &[Request]) {
        for request in requests {
            self.rooms.remove(&request.room);
        }
    }
}

#[cfg(test)]
mod tests {
    use chat_domain::{
        id::ClientId,
        member::Role,
        message::Draft,
        room::{History, RoomKind},
    };
    use tokio::sync::oneshot;

    use super::*;

    const ROOM: RoomId = RoomId(1);
    const MEMBER: Member = Member { role: Role::Member, visible_from: 0 };

    fn head(head: u64, posts: u64) -> Head {
        let (kind, history) = (RoomKind::Public, History::All);
        Head { kind, history, head, posts, floor: 0, direct: None }
    }

    fn post(actor: u64, reply_to: Option<u64>) -> [Request; 1] {
        let client_id = ClientId::from_u128(1);
        let draft = Draft { client_id, content: "text".into(), reply_to, image: None };
        let change = Change::Post { draft, mentions: Vec::new() };
        request(actor, change)
    }

    fn request(actor: u64, change: Change) -> [Request; 1] {
        let (now, arrived) = (chrono::DateTime::UNIX_EPOCH, tokio::time::Instant::now());
        let reply = oneshot::channel().0;
        [Request {
            room: ROOM,
            actor: UserId(actor),
            change,
            now,
            arrived,
            passed: 0,
            uncertain: false,
            span: tracing::Span::none(),
            reply,
        }]
    }

    /// A batch which found the room in one state and left it in another, with these members.
    fn left(before: Head, after: Option<Head>, members: &[u64]) -> Left {
        Left {
            before: [(ROOM, before)].into(),
            after: [(ROOM, after)].into(),
            members: members.iter().map(|user| ((ROOM, UserId(*user)), MEMBER)).collect(),
        }
    }

    /// User 1 wrote twice with nobody between.
    fn alone() -> Recall {
        let mut recall = Recall::default();
        recall.keep(left(head(4, 4), Some(head(5, 5)), &[1]));
        assert!(recall.loaded(&post(1, None)).is_none(), "once is not enough to go by");
        recall.keep(left(head(5, 5), Some(head(6, 6)), &[1]));
        recall
    }

    #[test]
    fn who_writes_alone_is_recalled_for_plain_messages_alone() {
        let mut recall = alone();
        let loaded = recall.loaded(&post(1, None)).unwrap();
        assert_eq!(loaded.heads[&ROOM].unwrap().head, 6);
        assert!(recall.loaded(&post(1, Some(2))).is_none(), "is there such a message?");
        assert!(recall.loaded(&post(2, None)).is_none(), "is 2 a member?");
        assert!(recall.loaded(&request(1, Change::Delete { seq: 1 })).is_none());

        recall.keep(left(head(6, 6), Some(head(7, 7)), &[2]));
        assert!(recall.loaded(&post(1, None)).is_some());
        assert!(recall.loaded(&post(2, None)).is_some());
    }

    #[test]
    fn another_server_at_work_is_noticed() {
        let mut recall = alone();
        recall.keep(left(head(9, 9), Some(head(10, 10)), &[1]));
        assert!(recall.loaded(&post(1, None)).is_none());
        recall.keep(left(head(10, 10), Some(head(11, 11)), &[2]));
        assert!(recall.loaded(&post(2, None)).is_some());
        assert!(recall.loaded(&post(1, None)).is_some(), "read again since");

        recall.forget(&post(1, None));
        assert!(recall.loaded(&post(1, None)).is_none());
    }

    #[test]
    fn a_change_of_members_is_asked_for_anew() {
        let mut recall = alone();
        // 1 removed by 2: the batch left only 2 in it.
        recall.keep(left(head(6, 6), Some(head(7, 6)), &[2]));
        assert!(recall.loaded(&post(1, None)).is_none());
        assert!(recall.loaded(&post(2, None)).is_some());
        recall.keep(left(head(7, 6), None, &[2]));
        assert!(recall.loaded(&post(2, None)).is_none(), "the room is gone");
    }

    #[test]
    fn what_is_recalled_has_an_end() {
        let mut recall = Recall::default();
        for n in 0..ENTRIES_MAX as u64 {
            recall.keep(left(head(n, n), Some(head(n + 1, n + 1)), &[n]));
        }
        assert!(recall.entries >= ENTRIES_MAX);
        recall.keep(left(head(0, 0), Some(head(1, 1)), &[1]));
        recall.keep(left(head(1, 1), Some(head(2, 2)), &[1]));
        assert!(recall.entries < 10);
    }
}
