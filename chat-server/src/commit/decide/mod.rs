//! Pure: what is so, and what is wanted, becomes what to write and what to answer.
//!
//! Requests are decided one after the other, each on top of the ones before it in the batch.

mod member;
mod message;
mod room;

use std::collections::{BTreeMap, HashMap, HashSet};

use chat_domain::{
    id::{RoomId, Seq, UserId},
    member::{Action, Role, may},
    message::{Message, SystemEvent},
    room::RoomKind,
};
use chrono::{DateTime, Utc};

use super::{Answer, Change, Refused, recall::Left};
use crate::mysql::commit::{Head, Loaded, Member, NewHead, Plan, Wanted};

/// The row that a change made, or that was so already.
type Changed = Result<Message, Refused>;

/// One change to decide.
pub(super) struct Ask<'a> {
    pub(super) room: RoomId,
    pub(super) actor: UserId,
    pub(super) change: &'a Change,
    pub(super) now: DateTime<Utc>,
    /// It was tried before, and whether that was committed nobody knows.
    pub(super) uncertain: bool,
}

/// What must be known to decide these.
pub(super) fn wanted<'a>(asks: impl Iterator<Item = Ask<'a>>) -> Wanted {
    let mut rooms = HashSet::new();
    let mut members = HashSet::new();
    let mut clients = HashSet::new();
    let mut rows = HashSet::new();
    let mut titles = HashSet::new();
    let mut owners = HashSet::new();
    for ask in asks {
        rooms.insert(ask.room);
        members.insert((ask.room, ask.actor));
        match ask.change {
            Change::Post { draft, .. } => {
                clients.insert((ask.room, ask.actor, draft.client_id));
                rows.extend(draft.reply_to.map(|seq| (ask.room, seq)));
            }
            Change::Edit { seq, .. } | Change::Delete { seq } | Change::React { seq, .. } => {
                rows.insert((ask.room, *seq));
            }
            Change::Join(users) => members.extend(users.iter().map(|user| (ask.room, *user))),
            Change::Leave(user) | Change::SetRole(user, _) => {
                members.insert((ask.room, *user));
                owners.insert((ask.room, *user));
            }
            Change::Rename { .. } | Change::SetTopic(_) => {
                titles.insert(ask.room);
            }
            Change::DeleteRoom | Change::Purge { .. } => {}
        }
    }
    let mut rooms: Vec<_> = rooms.into_iter().collect();
    // Every batch of every server locks in the same order.
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

/// The rows of one room that a batch made or changed.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct RoomChanges {
    /// Head before the batch.
    pub(super) after: Seq,
    /// Head after it.
    pub(super) up_to: Seq,
    /// Is it a direct room: between whom.
    pub(super) direct: Option<(UserId, UserId)>,
    /// Rows in order of their last change.
    pub(super) rows: Vec<Message>,
}

/// The state of the batch while it is decided.
pub(super) struct Batch {
    loaded: Loaded,
    /// Counters before the batch.
    before: HashMap<RoomId, Head>,
    /// Rooms deleted in this batch.
    gone: HashSet<RoomId>,
    /// Rows made or changed, by place; `true`: made in this batch.
    touched: BTreeMap<(RoomId, Seq), (bool, Option<u64>)>,
    plan: Plan,
}

impl Batch {
    pub(super) fn new(loaded: Loaded) -> Self {
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

    /// Is this room locked by us, or known to be gone.
    pub(super) fn has(&self, room: RoomId) -> bool {
        self.loaded.heads.contains_key(&room)
    }

    /// Decides one change.
    pub(super) fn decide(&mut self, ask: &Ask<'_>) -> Answer {
        if ask.uncertain && self.is_so(ask) {
            return Ok(None);
        }
        let head = self.head(ask.room)?;
        let role = self.member(ask.room, ask.actor).map(|member| member.role);
        match (ask.change, role) {
            (Change::Purge { up_to }, _) => Ok(self.purge(ask, *up_to)),
            (Change::Join(users), None) => self.join_by_oneself(ask, head, users).map(Some),
            (_, None) => Err(Refused::NotMember),
            (Change::Post { draft, mentions }, Some(_)) => {
                self.post(ask, draft, mentions).map(Some)
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
            (Change::Rename { name }, Some(role)) => self.rename(ask, name, role, head.kind),
            (Change::SetTopic(topic), Some(role)) => {
                self.set_topic(ask, topic.as_ref(), role, head.kind)
            }
            (Change::DeleteRoom, Some(role)) => self.delete_room(ask, role, head.kind),
        }
    }

    /// Are things as the change would make them: then the attempt before, of which nobody knows,
    /// was committed, and is not made a second time. Of other changes their own rules say so.
    fn is_so(&self, ask: &Ask<'_>) -> bool {
        let role = |user| self.member(ask.room, user).map(|member| member.role);
        match ask.change {
            Change::Join(users) => users.iter().all(|user| role(*user).is_some()),
            Change::Leave(user) => role(*user).is_none(),
            Change::SetRole(user, new) => role(*user) == Some(*new),
            Change::DeleteRoom => self.head(ask.room).is_err(),
            _ => false,
        }
    }

    fn member(&self, room: RoomId, user: UserId) -> Option<Member> {
        self.loaded.members.get(&(room, user)).copied()
    }

    /// The room as it stands now in the batch.
    fn head(&self, room: RoomId) -> Result<Head, Refused> {
        let head = self.loaded.heads.get(&room).copied().flatten();
        head.filter(|_| !self.gone.contains(&room)).ok_or(Refused::NoRoom)
    }

    /// A system message.
    fn tell(&mut self, ask: &Ask<'_>, event: SystemEvent) -> Message {
        let message = self.add(ask, false, |message| message.system = Some(event));
        self.touched.insert((ask.room, message.seq), (true, None));
        message
    }

    /// A new row with the next number.
    fn add(&mut self, ask: &Ask<'_>, is_post: bool, fill: impl FnOnce(&mut Message)) -> Message {
        let (seq, ordinal) = self.next(ask.room, is_post);
        let mut message = Message {
            room: ask.room,
            seq,
            changed_seq: seq,
            ordinal,
            sender: ask.actor,
            client_id: None,
            content: String::new(),
            reply_to: None,
            image: None,
            mentions: Vec::new(),
            reactions: Vec::new(),
            system: None,
            created_at: ask.now,
            edited_at: None,
            deleted_at: None,
        };
        fill(&mut message);
        self.loaded.rows.insert((ask.room, seq), message.clone());
        message
    }

    /// A row changes and takes the next number.
    fn change(&mut self, ask: &Ask<'_>, seq: Seq, apply: impl FnOnce(&mut Message)) -> Message {
        let (number, _) = self.next(ask.room, false);
        self.touched.entry((ask.room, seq)).or_insert((false, None));
        let Some(message) = self.loaded.rows.get_mut(&(ask.room, seq)) else {
            unreachable!("only rows that were read are changed")
        };
        apply(message);
        message.changed_seq = number;
        let message = message.clone();
        // A retry that comes later in the batch gets the row as it is now.
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

    /// What to write, what each room will have to be told, and how the rooms are left.
    pub(super) fn finish(mut self) -> (Plan, Vec<(RoomId, RoomChanges)>, Left) {
        let mut told: BTreeMap<RoomId, RoomChanges> = BTreeMap::new();
        for ((room, seq), (made, digest)) in &self.touched {
            let Some(message) = self.loaded.rows.remove(&(*room, *seq)) else { continue };
            told.entry(*room).or_default().rows.push(message.clone());
            if *made {
                self.plan.inserts.push((message, *digest));
            } else {
                self.plan.updates.push(message);
            }
        }
        for (room, before) in &self.before {
            let Some(Some(after)) = self.loaded.heads.get(room).copied() else { continue };
            let gone = self.gone.contains(room);
            if after.head > before.head || gone {
                self.plan.heads.push(NewHead { room: *room, before: *before, after });
            }
            if gone {
                self.loaded.heads.insert(*room, None);
            }
            if let Some(changes) = told.get_mut(room) {
                (changes.after, changes.up_to) = (before.head, after.head);
                changes.direct = before.direct;
                changes.rows.sort_unstable_by_key(|row| row.changed_seq);
            }
        }
        // Every batch of every server locks in the same order.
        self.plan.heads.sort_unstable_by_key(|head| head.room);
        let (after, members) = (self.loaded.heads, self.loaded.members);
        (self.plan, told.into_iter().collect(), Left { before: self.before, after, members })
    }
}

fn allow(role: Role, kind: RoomKind, action: Action, why: &'static str) -> Result<(), Refused> {
    if may(role, kind, action) { Ok(()) } else { Err(Refused::Forbidden(why)) }
}

#[cfg(test)]
mod tests;
