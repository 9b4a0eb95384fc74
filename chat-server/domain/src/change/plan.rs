//! The state that a batch needs, and the plan of what to write.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::{
    id::{ClientId, RoomId, Seq, UserId},
    member::Role,
    message::Message,
    room::{History, RoomKind},
};

/// The state that a batch needs before it can be decided. No list has duplicates.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Rooms to lock, in order of id: every batch of every server locks in the same order.
    pub rooms: Vec<RoomId>,
    /// Whose membership matters.
    pub members: Vec<(RoomId, UserId)>,
    /// Client ids that may have been used before.
    pub clients: Vec<(RoomId, UserId, ClientId)>,
    /// Messages to update or to answer.
    pub rows: Vec<(RoomId, Seq)>,
    /// Rooms whose name and topic matter.
    pub titles: Vec<RoomId>,
    /// Members who may cease to own their room.
    pub owners: Vec<(RoomId, UserId)>,
    /// `true`: wait for locks; `false`: skip rooms that another server has locked.
    pub wait: bool,
}

/// A locked room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// What sort of room.
    pub kind: RoomKind,
    /// What later members see.
    pub history: History,
    /// Number of the last change.
    pub head: Seq,
    /// Messages that users wrote, ever.
    pub posts: u64,
    /// Everything up to here was purged; 0 where nothing was.
    pub purged_up_to: Seq,
    /// The two users of a direct room, the lower id first; `None` for other rooms.
    pub direct: Option<(UserId, UserId)>,
}

/// A member, as far as decisions depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Their role.
    pub role: Role,
    /// They see messages with a higher seq than this.
    pub visible_from: Seq,
}

/// Name and topic of a room.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Title {
    /// Its name; groups and direct rooms may have none.
    pub name: Option<String>,
    /// What it is for.
    pub topic: Option<String>,
}

/// The state under the locks.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The rooms that were locked; `None` for one that was deleted. A missing room is locked by
    /// another server, or never existed.
    pub heads: HashMap<RoomId, Option<Head>>,
    /// Those who are members.
    pub members: HashMap<(RoomId, UserId), Member>,
    /// Messages of known client ids, with the digest of what was sent first.
    pub known: HashMap<(RoomId, UserId, ClientId), (Message, u64)>,
    /// Requested messages.
    pub rows: HashMap<(RoomId, Seq), Message>,
    /// Requested names and topics.
    pub titles: HashMap<RoomId, Title>,
    /// All members of rooms of which an owner was requested, in the order in which they joined.
    pub rosters: HashMap<RoomId, Vec<(UserId, Role)>>,
}

/// What to write, in one transaction.
#[derive(Debug, Default)]
pub struct Plan {
    /// New messages, with the digest of what was sent; system messages have none.
    pub inserts: Vec<(Message, Option<u64>)>,
    /// Messages that changed.
    pub updates: Vec<Message>,
    /// New counters, in order of the rooms' ids.
    pub heads: Vec<NewHead>,
    /// New members.
    pub joins: Vec<NewMember>,
    /// Members who leave; written before the joins.
    pub leaves: Vec<(RoomId, UserId)>,
    /// New roles.
    pub roles: Vec<(RoomId, UserId, Role)>,
    /// New names: room, name, and its folded form where it must be unique.
    pub names: Vec<(RoomId, String, Option<String>)>,
    /// New topics.
    pub topics: Vec<(RoomId, Option<String>)>,
    /// Up to where rooms are purged.
    pub purges: Vec<(RoomId, Seq)>,
    /// Rooms to delete, and when that was requested.
    pub deleted: Vec<(RoomId, DateTime<Utc>)>,
}

impl Plan {
    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }
}

/// A room's counters before and after.
#[derive(Debug, Clone, Copy)]
pub struct NewHead {
    /// Which room.
    pub room: RoomId,
    /// As it was when the batch was decided.
    pub before: Head,
    /// As it will be.
    pub after: Head,
}

/// A new member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMember {
    /// Which room.
    pub room: RoomId,
    /// Which user.
    pub user: UserId,
    /// Their role.
    pub role: Role,
    /// They see messages with a higher seq than this.
    pub visible_from: Seq,
    /// Everything up to here counts as read.
    pub read_seq: Seq,
    /// How many messages users had written up to there.
    pub read_ordinal: u64,
    /// When they joined.
    pub joined_at: DateTime<Utc>,
}
