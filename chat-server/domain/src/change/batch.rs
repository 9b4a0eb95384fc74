//! A batch: from the current state and the proposed changes to the plan and the answers.
//!
//! Changes are decided one after the other, each on top of the previous ones.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::{Answer, Change, Head, Loaded, Member, NewHead, Plan, Rejected, Wanted};
use crate::{
    id::{RoomId, Seq, UserId},
    member::{Action, Role, may},
    message::{Message, SystemEvent},
    room::RoomKind,
};

/// The row that a change inserted or updated, or the existing one where nothing changed.
pub(super) type Changed = Result<Message, Rejected>;

/// One change to decide.
#[derive(Debug, Clone, Copy)]
pub struct Proposal<'a> {
    /// The room that is to change.
    pub room: RoomId,
    /// Who proposes it; ignored for a purge.
    pub actor: UserId,
    /// The change.
    pub change: &'a Change,
    /// When it was proposed.
    pub now: DateTime<Utc>,
    /// An earlier attempt was made, and it is unknown whether that was committed.
    pub uncertain: bool,
}

/// The state that is needed to decide these.
#[must_use]
pub fn wanted<'a>(proposals: impl Iterator<Item = Proposal<'a>>) -> Wanted {
    let mut rooms = HashSet::new();
    let mut members = HashSet::new();
    let mut clients = HashSet::new();
    let mut rows = HashSet::new();
    let mut titles = HashSet::new();
    let mut owners = HashSet::new();
    for ask in proposals {
        rooms.insert(ask.room);
        members.insert((ask.room, ask.actor));
        match ask.change {
            Change::Post { message, .. } => {
                clients.insert((ask.room, ask.actor, message.client_id));
                rows.extend(message.reply_to.map(|seq| (ask.room, seq)));
            }
            Change::Edit { seq, .. } | Change::Delete { seq } | Change::React { seq, .. } => {
                rows.insert((ask.room, *seq));
            }
            Change::Join(users) => members.extend(users.iter().map(|user| (ask.room, *user))),
            Change::Leave(user) | Change::SetRole(user, _) => {
                members.insert((ask.room, *user));
                owners.insert((ask.room, *user));
            }
            Change::Update { .. } => {
                titles.insert(ask.room);
            }
            Change::DeleteRoom | Change::Purge { .. } => {}
        }
    }
    let mut rooms: Vec<_> = rooms.into_iter().collect();
    rooms.sort_unstable();
    Wanted {
        rooms,
        members: members.into_iter().collect(),
        clients: clients.into_iter().collect(),
        rows: rows.into_iter().collect(),
        titles: titles.into_iter().collect(),
        owners: owners.into_iter().collect(),
        wait: false,
    }
}

/// The rows of one room that a batch inserted or updated.
#[derive(Debug, Clone, PartialEq)]
pub struct RoomChanges {
    /// Which room.
    pub room: RoomId,
    /// The two users of a direct room, the lower id first; `None` for other rooms.
    pub direct: Option<(UserId, UserId)>,
    /// Head before the batch.
    pub after: Seq,
    /// Head after it.
    pub up_to: Seq,
    /// Rows, whole, in order of their last change.
    pub rows: Vec<Message>,
}

/// The state of the rooms of a batch, before and after it.
#[derive(Debug, Default)]
pub struct RoomStates {
    /// Before; existing rooms.
    pub before: HashMap<RoomId, Head>,
    /// After; `None` for a deleted room.
    pub after: HashMap<RoomId, Option<Head>>,
    /// Affected users who are members after it.
    pub members: HashMap<(RoomId, UserId), Member>,
}

/// Result of a batch.
#[derive(Debug)]
pub struct Decided {
    /// What to write.
    pub plan: Plan,
    /// What to publish after the commit, in order of the rooms' ids.
    pub changes: Vec<RoomChanges>,
    /// State of the rooms before and after.
    pub rooms: RoomStates,
}

/// The state of a batch while it is decided.
#[derive(Debug)]
pub struct Batch {
    pub(super) loaded: Loaded,
    /// Counters before the batch.
    before: HashMap<RoomId, Head>,
    /// Rooms deleted in this batch.
    pub(super) gone: HashSet<RoomId>,
    /// Rows inserted or updated, by place; `true`: inserted in this batch, with the digest of what
    /// was sent.
    pub(super) touched: BTreeMap<(RoomId, Seq), (bool, Option<u64>)>,
    pub(super) plan: Plan,
}

impl Batch {
    /// An empty batch on top of the loaded state.
    #[must_use]
    pub fn new(loaded: Loaded) -> Self {
        let before =
            loaded.heads.iter().filter_map(|(room, head)| Some((*room, (*head)?))).collect();
        Self {
            loaded,
            before,
            gone: HashSet::new(),
            touched: BTreeMap::new(),
            plan: Plan::default(),
        }
    }

    /// Whether this room is locked by us, or known to be deleted.
    #[must_use]
    pub fn has(&self, room: RoomId) -> bool {
        self.loaded.heads.contains_key(&room)
    }

    /// Decides one change, on top of the previous ones.
    ///
    /// # Errors
    ///
    /// Each [`Change`] says what it may be rejected with. A rejected change leaves the batch as it
    /// was. Never [`Rejected::NameTaken`] and [`Rejected::Unavailable`]: only the store knows.
    pub fn decide(&mut self, ask: &Proposal<'_>) -> Answer {
        if ask.uncertain && self.is_so(ask) {
            return Ok(None);
        }
        let head = self.head(ask.room)?;
        let role = self.member(ask.room, ask.actor).map(|member| member.role);
        match (ask.change, role) {
            (Change::Purge { up_to }, _) => Ok(self.purge(ask, *up_to)),
            (Change::Join(users), None) => self.join_by_oneself(ask, head, users).map(Some),
            (_, None) => Err(Rejected::NotMember),
            (Change::Post { message, mentions }, Some(_)) => {
                self.post(ask, message, mentions).map(Some)
            }
            (Change::Edit { seq, content, mentions }, Some(_)) => {
                self.edit(ask, *seq, content, mentions).map(Some)
            }
            (Change::Delete { seq }, Some(role)) => {
                self.delete(ask, *seq, role, head.kind).map(Some)
            }
            (Change::React { seq, emoji, on }, Some(_)) => {
                self.react(ask, *seq, emoji, *on).map(Some)
            }
            (Change::Join(users), Some(role)) => {
                allow(role, head.kind, Action::Invite, "your role may not add people here")?;
                self.join(ask, users).map(Some)
            }
            (Change::Leave(user), Some(role)) => self.leave(ask, *user, role, head.kind).map(Some),
            (Change::SetRole(user, new), Some(role)) => {
                self.set_role(ask, *user, *new, role, head.kind).map(Some)
            }
            (Change::Update { name, topic }, Some(role)) => {
                self.update(ask, name.as_deref(), topic.as_ref(), role, head.kind)
            }
            (Change::DeleteRoom, Some(role)) => self.delete_room(ask, role, head.kind),
        }
    }

    /// Whether the state is already as the change would make it: then the uncertain earlier attempt
    /// was committed, and is not repeated. Other changes are idempotent by their own rules.
    fn is_so(&self, ask: &Proposal<'_>) -> bool {
        let role = |user| self.member(ask.room, user).map(|member| member.role);
        match ask.change {
            Change::Join(users) => users.iter().all(|user| role(*user).is_some()),
            Change::Leave(user) => role(*user).is_none(),
            Change::SetRole(user, new) => role(*user) == Some(*new),
            Change::DeleteRoom => self.head(ask.room).is_err(),
            _ => false,
        }
    }

    pub(super) fn member(&self, room: RoomId, user: UserId) -> Option<Member> {
        self.loaded.members.get(&(room, user)).copied()
    }

    /// The current state of the room in the batch.
    pub(super) fn head(&self, room: RoomId) -> Result<Head, Rejected> {
        let head = self.loaded.heads.get(&room).copied().flatten();
        head.filter(|_| !self.gone.contains(&room)).ok_or(Rejected::NoRoom)
    }

    /// A new system message.
    pub(super) fn add_system(&mut self, ask: &Proposal<'_>, event: SystemEvent) -> Message {
        let message = self.add(ask, false, |message| message.system = Some(event));
        self.touched.insert((ask.room, message.seq), (true, None));
        message
    }

    /// A new row with the next number.
    pub(super) fn add(
        &mut self,
        ask: &Proposal<'_>,
        is_post: bool,
        fill: impl FnOnce(&mut Message),
    ) -> Message {
        let (seq, ordinal) = self.next(ask.room, is_post);
        let mut message = Message::new(ask.room, seq, ordinal, ask.actor, ask.now);
        fill(&mut message);
        self.loaded.rows.insert((ask.room, seq), message.clone());
        message
    }

    /// Updates a row, which takes the next number.
    pub(super) fn change(
        &mut self,
        ask: &Proposal<'_>,
        seq: Seq,
        apply: impl FnOnce(&mut Message),
    ) -> Message {
        let (number, _) = self.next(ask.room, false);
        self.touched.entry((ask.room, seq)).or_insert((false, None));
        let Some(message) = self.loaded.rows.get_mut(&(ask.room, seq)) else {
            unreachable!("only rows that were read are changed")
        };
        apply(message);
        message.changed_seq = number;
        let message = message.clone();
        // A later retry in the batch gets the updated row.
        if let Some(id) = message.client_id
            && let Some(known) = self.loaded.known.get_mut(&(ask.room, message.sender, id))
        {
            known.0 = message.clone();
        }
        message
    }

    fn next(&mut self, room: RoomId, is_post: bool) -> (Seq, u64) {
        let Some(Some(head)) = self.loaded.heads.get_mut(&room) else {
            unreachable!("only locked rooms change")
        };
        head.head += 1;
        head.posts += u64::from(is_post);
        (head.head, head.posts)
    }

    /// Finishes the batch.
    #[must_use]
    pub fn finish(mut self) -> Decided {
        let mut rows: BTreeMap<RoomId, Vec<Message>> = BTreeMap::new();
        for ((room, seq), (made, digest)) in &self.touched {
            let Some(message) = self.loaded.rows.remove(&(*room, *seq)) else { continue };
            rows.entry(*room).or_default().push(message.clone());
            if *made {
                self.plan.inserts.push((message, *digest));
            } else {
                self.plan.updates.push(message);
            }
        }
        let mut changes = Vec::with_capacity(rows.len());
        for (room, before) in &self.before {
            let Some(Some(after)) = self.loaded.heads.get(room).copied() else { continue };
            let gone = self.gone.contains(room);
            if after.head > before.head || gone {
                self.plan.heads.push(NewHead { room: *room, before: *before, after });
            }
            if gone {
                self.loaded.heads.insert(*room, None);
            }
            if let Some(mut rows) = rows.remove(room) {
                rows.sort_unstable_by_key(|row| row.changed_seq);
                let (direct, after, up_to) = (before.direct, before.head, after.head);
                changes.push(RoomChanges { room: *room, direct, after, up_to, rows });
            }
        }
        changes.sort_unstable_by_key(|changes| changes.room);
        // Every batch of every server locks in the same order.
        self.plan.heads.sort_unstable_by_key(|head| head.room);
        let (after, members) = (self.loaded.heads, self.loaded.members);
        let rooms = RoomStates { before: self.before, after, members };
        Decided { plan: self.plan, changes, rooms }
    }
}

pub(super) fn allow(
    role: Role,
    kind: RoomKind,
    action: Action,
    why: &'static str,
) -> Result<(), Rejected> {
    if may(role, kind, action) { Ok(()) } else { Err(Rejected::Forbidden(why)) }
}
