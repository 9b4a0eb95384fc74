//! Pure: what is so, and what is wanted, becomes what to write and what to answer.
//!
//! Requests are decided one after the other, each on top of the ones before it in the batch.

use std::collections::{BTreeMap, HashMap, HashSet};

use chat_domain::{
    id::{RoomId, Seq, UserId},
    member::{self, Action, Role},
    message::{self, Draft, Message, SystemEvent},
    room::{History, RoomKind},
};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::{Answer, Change, Refused, recall::Left};
use crate::mysql::commit::{Head, Loaded, NewHead, NewMember, Plan, Wanted};

/// The row that a change made, or that was so already.
type Changed = Result<Message, Refused>;

/// One change to decide.
pub(super) struct Ask<'a> {
    pub(super) room: RoomId,
    pub(super) actor: UserId,
    pub(super) change: &'a Change,
    pub(super) now: DateTime<Utc>,
}

/// What must be known to decide these.
pub(super) fn wanted<'a>(asks: impl Iterator<Item = Ask<'a>>) -> Wanted {
    let mut rooms = HashSet::new();
    let mut members = HashSet::new();
    let mut clients = HashSet::new();
    let mut rows = HashSet::new();
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
            }
            Change::Rename { .. } | Change::SetTopic(_) | Change::DeleteRoom => {}
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
        let head = self.head(ask.room)?;
        let role = self.loaded.roles.get(&(ask.room, ask.actor)).copied();
        if let (Change::Join(users), None) = (ask.change, role) {
            return self.join_by_oneself(ask, head, users).map(Some);
        }
        let role = role.ok_or(Refused::NotMember)?;
        match ask.change {
            Change::Post { draft, mentions } => self.post(ask, draft, mentions).map(Some),
            Change::Edit { seq, content, mentions } => {
                self.edit(ask, *seq, content, mentions).map(Some)
            }
            Change::Delete { seq } => self.delete(ask, *seq, role, head.kind).map(Some),
            Change::React { seq, emoji, on } => self.react(ask, *seq, emoji, *on).map(Some),
            Change::Join(users) => {
                allow(role, head.kind, Action::Invite, "your role may not add people here")?;
                self.join(ask, users).map(Some)
            }
            Change::Leave(user) => self.leave(ask, *user, role, head.kind).map(Some),
            Change::SetRole(user, new) => {
                self.set_role(ask, *user, *new, role, head.kind).map(Some)
            }
            Change::Rename { name } => {
                allow(role, head.kind, Action::Rename, "your role may not rename this room")?;
                let unique = (head.kind == RoomKind::Public).then(|| chat_domain::user::fold(name));
                self.plan.names.push((ask.room, name.clone(), unique));
                Ok(Some(self.tell(ask, SystemEvent::Renamed(name.clone()))))
            }
            Change::SetTopic(topic) => {
                allow(role, head.kind, Action::Rename, "your role may not change the topic")?;
                self.plan.topics.push((ask.room, topic.clone()));
                let text = topic.clone().unwrap_or_default();
                Ok(Some(self.tell(ask, SystemEvent::TopicChanged(text))))
            }
            Change::DeleteRoom => {
                allow(role, head.kind, Action::DeleteRoom, "only an owner may delete a room")?;
                self.plan.deleted.push((ask.room, ask.now));
                self.gone.insert(ask.room);
                Ok(None)
            }
        }
    }

    /// The room as it stands now in the batch.
    fn head(&self, room: RoomId) -> Result<Head, Refused> {
        let head = self.loaded.heads.get(&room).copied().flatten();
        head.filter(|_| !self.gone.contains(&room)).ok_or(Refused::NoRoom)
    }

    fn post(
        &mut self,
        ask: &Ask<'_>,
        draft: &Draft,
        mentions: &[UserId],
    ) -> Result<Message, Refused> {
        let digest = digest(draft);
        let key = (ask.room, ask.actor, draft.client_id);
        if let Some((first, known)) = self.loaded.known.get(&key) {
            let same = *known == digest;
            return if same { Ok(first.clone()) } else { Err(Refused::ClientIdReused) };
        }
        if let Some(seq) = draft.reply_to
            && !self.loaded.rows.contains_key(&(ask.room, seq))
        {
            return Err(Refused::NoMessage);
        }
        let message = self.add(ask, true, |message| {
            message.client_id = Some(draft.client_id);
            message.content.clone_from(&draft.content);
            message.reply_to = draft.reply_to;
            message.image.clone_from(&draft.image);
            message.mentions = mentions.to_vec();
        });
        self.touched.insert((ask.room, message.seq), (true, Some(digest)));
        self.loaded.known.insert(key, (message.clone(), digest));
        Ok(message)
    }

    fn edit(&mut self, ask: &Ask<'_>, seq: Seq, content: &str, mentions: &[UserId]) -> Changed {
        let message = self.post_at(ask.room, seq)?;
        if message.sender != ask.actor {
            return Err(Refused::Forbidden("only who wrote a message may change it"));
        }
        let content = message::edited_content(content.to_owned(), message.image.is_some())?;
        if message.content == content {
            return Ok(message);
        }
        Ok(self.change(ask, seq, |message| {
            message.content = content;
            message.mentions = mentions.to_vec();
            message.edited_at = Some(ask.now);
        }))
    }

    fn delete(&mut self, ask: &Ask<'_>, seq: Seq, role: Role, kind: RoomKind) -> Changed {
        let row = self.loaded.rows.get(&(ask.room, seq)).ok_or(Refused::NoMessage)?;
        if row.system.is_some() {
            return Err(Refused::Forbidden("what the system tells cannot be deleted"));
        }
        if row.sender != ask.actor {
            allow(role, kind, Action::DeleteOthers, "only who wrote a message may delete it")?;
        }
        if row.deleted_at.is_some() {
            return Ok(row.clone());
        }
        Ok(self.change(ask, seq, |message| {
            message.content = String::new();
            message.image = None;
            message.mentions = Vec::new();
            message.reactions = Vec::new();
            message.deleted_at = Some(ask.now);
        }))
    }

    fn react(&mut self, ask: &Ask<'_>, seq: Seq, emoji: &str, on: bool) -> Changed {
        let mut message = self.post_at(ask.room, seq)?;
        let changed = message::react(&mut message.reactions, emoji, ask.actor, on)
            .map_err(|_| Refused::TooManyReactions)?;
        if !changed {
            return Ok(message);
        }
        Ok(self.change(ask, seq, |row| row.reactions = message.reactions))
    }

    fn join_by_oneself(&mut self, ask: &Ask<'_>, head: Head, users: &[UserId]) -> Changed {
        if users != [ask.actor] {
            return Err(Refused::NotMember);
        }
        if head.kind != RoomKind::Public {
            return Err(Refused::NoRoom);
        }
        self.join(ask, users)
    }

    fn join(&mut self, ask: &Ask<'_>, users: &[UserId]) -> Changed {
        let head = self.head(ask.room)?;
        if head.kind == RoomKind::Direct {
            return Err(Refused::Forbidden("a direct conversation is between two; make a group"));
        }
        let mut new: Vec<UserId> = Vec::new();
        for user in users {
            if !self.loaded.roles.contains_key(&(ask.room, *user)) && !new.contains(user) {
                new.push(*user);
            }
        }
        if new.is_empty() {
            return Err(Refused::Conflict("they are members already"));
        }
        for user in &new {
            self.loaded.roles.insert((ask.room, *user), Role::Member);
            self.plan.joins.push(NewMember {
                room: ask.room,
                user: *user,
                role: Role::Member,
                visible_from: if head.history == History::SinceJoined { head.head } else { 0 },
                read_seq: head.head,
                read_ordinal: head.posts,
                joined_at: ask.now,
            });
        }
        Ok(self.tell(ask, SystemEvent::Joined(new)))
    }

    fn leave(&mut self, ask: &Ask<'_>, user: UserId, role: Role, kind: RoomKind) -> Changed {
        let target = *self.loaded.roles.get(&(ask.room, user)).ok_or(Refused::NotMember)?;
        if user == ask.actor {
            allow(role, kind, Action::Leave, "a direct conversation cannot be left")?;
        } else if !member::may_remove(role, target, kind) {
            return Err(Refused::Forbidden("your role may not remove this person"));
        }
        self.loaded.roles.remove(&(ask.room, user));
        // What the batch did with them before is undone; leaving is written before coming in.
        self.plan.joins.retain(|join| (join.room, join.user) != (ask.room, user));
        self.plan.roles.retain(|(room, who, _)| (*room, *who) != (ask.room, user));
        self.plan.leaves.push((ask.room, user));
        Ok(self.tell(ask, SystemEvent::Left(user)))
    }

    fn set_role(
        &mut self,
        ask: &Ask<'_>,
        user: UserId,
        new: Role,
        role: Role,
        kind: RoomKind,
    ) -> Changed {
        allow(role, kind, Action::ChangeRoles, "only an owner may change roles")?;
        let now = *self.loaded.roles.get(&(ask.room, user)).ok_or(Refused::NotMember)?;
        if now == new {
            return Err(Refused::Conflict("they have this role already"));
        }
        self.loaded.roles.insert((ask.room, user), new);
        self.plan.roles.push((ask.room, user, new));
        Ok(self.tell(ask, SystemEvent::RoleChanged(user, new)))
    }

    /// A message that a person wrote and that still stands.
    fn post_at(&self, room: RoomId, seq: Seq) -> Result<Message, Refused> {
        let row = self.loaded.rows.get(&(room, seq)).ok_or(Refused::NoMessage)?;
        match row {
            row if row.system.is_some() => Err(Refused::Forbidden("this is what the system tells")),
            row if row.deleted_at.is_some() => Err(Refused::Conflict("the message was deleted")),
            row => Ok(row.clone()),
        }
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
        let (after, roles) = (self.loaded.heads, self.loaded.roles);
        (self.plan, told.into_iter().collect(), Left { before: self.before, after, roles })
    }
}

fn allow(role: Role, kind: RoomKind, action: Action, why: &'static str) -> Result<(), Refused> {
    if member::may(role, kind, action) { Ok(()) } else { Err(Refused::Forbidden(why)) }
}

/// Tells a retry from another message under the same id: 64 bits of SHA-256 over what was sent.
fn digest(draft: &Draft) -> u64 {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    part(draft.content.as_bytes());
    part(&draft.reply_to.unwrap_or_default().to_le_bytes());
    if let Some(image) = &draft.image {
        part(image.url.as_bytes());
        part(image.public_id.as_deref().unwrap_or_default().as_bytes());
    }
    let bytes: [u8; 32] = hash.finalize().into();
    u64::from_le_bytes([
        bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7],
    ])
}

#[cfg(test)]
mod tests;
