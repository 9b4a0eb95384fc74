//! The committer's transaction: one round trip to lock and read, one to write and commit; or both
//! in one, which fails where a room is not as it was thought to be.

mod load;
mod store;

use std::collections::HashMap;

use chat_domain::{
    id::{ClientId, RoomId, Seq, UserId},
    member::Role,
    message::Message,
    room::{History, RoomKind},
};
use chrono::{DateTime, Utc};

pub use self::{
    load::{load, there},
    store::{release, store, store_if_unchanged},
};

/// What a batch needs to know before it can decide. Lists in any order, without doubles.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Rooms to lock, in order of id.
    pub rooms: Vec<RoomId>,
    /// Whose membership matters.
    pub members: Vec<(RoomId, UserId)>,
    /// Client ids that may be known.
    pub clients: Vec<(RoomId, UserId, ClientId)>,
    /// Messages to change or to answer.
    pub rows: Vec<(RoomId, Seq)>,
    /// Rooms whose name and topic matter.
    pub titles: Vec<RoomId>,
    /// Members who may cease to own their room.
    pub owners: Vec<(RoomId, UserId)>,
    /// Wait for locks instead of leaving locked rooms out.
    pub wait: bool,
}

/// A locked room.
#[derive(Debug, Clone, Copy)]
pub struct Head {
    /// What sort of room.
    pub kind: RoomKind,
    /// What later members see.
    pub history: History,
    /// Number of the last change.
    pub head: Seq,
    /// Messages written, ever.
    pub posts: u64,
    /// What is not above it was purged.
    pub floor: Seq,
    /// Is it a direct room: between whom.
    pub direct: Option<(UserId, UserId)>,
}

/// A member, as far as decisions go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// As what.
    pub role: Role,
    /// Sees what has a higher seq.
    pub visible_from: Seq,
}

/// How a room is called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Title {
    /// Its name.
    pub name: Option<String>,
    /// What it is for.
    pub topic: Option<String>,
}

/// What is so, under the locks.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The rooms that were locked; `None` for one that was deleted. What is missing is locked by
    /// another server, or was never there.
    pub heads: HashMap<RoomId, Option<Head>>,
    /// Those who are members.
    pub members: HashMap<(RoomId, UserId), Member>,
    /// Messages of known client ids, with the digest of what was sent first.
    pub known: HashMap<(RoomId, UserId, ClientId), (Message, u64)>,
    /// Messages asked for.
    pub rows: HashMap<(RoomId, Seq), Message>,
    /// Names and topics asked for.
    pub titles: HashMap<RoomId, Title>,
    /// All members of rooms of which an owner was asked for, who came first first.
    pub standing: HashMap<RoomId, Vec<(UserId, Role)>>,
}

/// What to write.
#[derive(Debug, Default)]
pub struct Plan {
    /// New messages, with their digest.
    pub inserts: Vec<(Message, Option<u64>)>,
    /// Messages that changed.
    pub updates: Vec<Message>,
    /// New counters, in order of the rooms' ids.
    pub heads: Vec<NewHead>,
    /// New members.
    pub joins: Vec<NewMember>,
    /// Members who go, before the new ones come.
    pub leaves: Vec<(RoomId, UserId)>,
    /// New roles.
    pub roles: Vec<(RoomId, UserId, Role)>,
    /// New names: room, name, and its folded form where it must be unique.
    pub names: Vec<(RoomId, String, Option<String>)>,
    /// New topics.
    pub topics: Vec<(RoomId, Option<String>)>,
    /// New floors.
    pub floors: Vec<(RoomId, Seq)>,
    /// Rooms to delete.
    pub deleted: Vec<(RoomId, DateTime<Utc>)>,
}

/// A room's counters before and after.
#[derive(Debug, Clone, Copy)]
pub struct NewHead {
    /// The room.
    pub room: RoomId,
    /// As it was when the batch was decided.
    pub before: Head,
    /// As it will be.
    pub after: Head,
}

/// A member who comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMember {
    /// The room.
    pub room: RoomId,
    /// Who.
    pub user: UserId,
    /// As what.
    pub role: Role,
    /// Sees what has a higher seq.
    pub visible_from: Seq,
    /// Everything up to here counts as read.
    pub read_seq: Seq,
    /// The ordinal there.
    pub read_ordinal: u64,
    /// Since when.
    pub joined_at: DateTime<Utc>,
}

impl Plan {
    /// Is there nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }
}
