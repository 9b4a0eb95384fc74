//! An in-memory store with the behaviour of the SQL.

use std::collections::BTreeMap;

use chrono::DateTime;

use super::*;
use crate::{
    id::{ClientId, RoomId},
    message::Message,
    room::{History, RoomKind},
};

pub(super) const ROOM: RoomId = RoomId(1);

/// See the module.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Memory {
    pub(super) heads: BTreeMap<RoomId, (Seq, u64)>,
    pub(super) purged: BTreeMap<RoomId, Seq>,
    pub(super) members: BTreeMap<(RoomId, UserId), Member>,
    /// In the order in which they joined.
    pub(super) roster: Vec<(RoomId, UserId)>,
    pub(super) rows: BTreeMap<(RoomId, Seq), (Message, Option<u64>)>,
    pub(super) titles: BTreeMap<RoomId, Title>,
    /// Later members see nothing from before.
    pub(super) since_joined: bool,
}

impl Memory {
    pub(super) fn with_members(members: &[(u64, Role)]) -> Self {
        let mut memory = Self::default();
        memory.heads.insert(ROOM, (0, 0));
        for (user, role) in members {
            let member = Member { role: *role, visible_from: 0 };
            memory.members.insert((ROOM, UserId(*user)), member);
            memory.roster.push((ROOM, UserId(*user)));
        }
        memory
    }

    fn load(&self, wanted: &Wanted) -> Loaded {
        let mut loaded = Loaded::default();
        for room in &wanted.rooms {
            if let Some((head, posts)) = self.heads.get(room).copied() {
                let kind = RoomKind::Public;
                let history = if self.since_joined { History::SinceJoined } else { History::All };
                let purged_up_to = self.purged.get(room).copied().unwrap_or_default();
                let head = Head { kind, history, head, posts, purged_up_to, direct: None };
                loaded.heads.insert(*room, Some(head));
            }
        }
        for key in &wanted.members {
            loaded.members.extend(self.members.get(key).map(|member| (*key, *member)));
        }
        for room in &wanted.titles {
            loaded.titles.extend(self.titles.get(room).map(|title| (*room, title.clone())));
        }
        let owns = |key| self.members.get(key).is_some_and(|member| member.role == Role::Owner);
        if wanted.owners.iter().any(owns) {
            let roster = self.roster.iter().map(|key| (key.1, self.members[key].role));
            loaded.rosters.insert(ROOM, roster.collect());
        }
        for (message, digest) in self.rows.values() {
            let key = (message.room, message.sender, message.client_id.unwrap_or_default());
            if message.client_id.is_some() && wanted.clients.contains(&key) {
                loaded.known.insert(key, (message.clone(), digest.unwrap_or_default()));
            }
            if wanted.rows.contains(&(message.room, message.seq)) {
                loaded.rows.insert((message.room, message.seq), message.clone());
            }
        }
        loaded
    }

    fn store(&mut self, plan: Plan) {
        for (message, digest) in plan.inserts {
            let old = self.rows.insert((message.room, message.seq), (message, digest));
            assert!(old.is_none(), "a place is taken once");
        }
        for message in plan.updates {
            let row = self.rows.get_mut(&(message.room, message.seq)).expect("the row is there");
            row.0 = message;
        }
        for NewHead { room, before, after } in plan.heads {
            let old = self.heads.insert(room, (after.head, after.posts));
            assert_eq!(old, Some((before.head, before.posts)));
        }
        self.purged.extend(plan.purges);
        for leave in plan.leaves {
            self.members.remove(&leave);
            self.roster.retain(|key| *key != leave);
        }
        for join in plan.joins {
            let member = Member { role: join.role, visible_from: join.visible_from };
            assert!(self.members.insert((join.room, join.user), member).is_none());
            self.roster.push((join.room, join.user));
        }
        for (room, user, role) in plan.roles {
            self.members.get_mut(&(room, user)).expect("they are in it").role = role;
        }
        for (room, name, _) in plan.names {
            self.titles.entry(room).or_default().name = Some(name);
        }
        for (room, topic) in plan.topics {
            self.titles.entry(room).or_default().topic = topic;
        }
    }

    /// Decides and stores one batch; returns the answers and the changes to publish.
    pub(super) fn commit(&mut self, changes: &[(u64, Change)]) -> (Vec<Answer>, Vec<RoomChanges>) {
        self.attempt(changes, false)
    }

    pub(super) fn attempt(
        &mut self,
        changes: &[(u64, Change)],
        uncertain: bool,
    ) -> (Vec<Answer>, Vec<RoomChanges>) {
        let (answers, Decided { plan, changes, .. }) = self.decide(changes, uncertain);
        self.store(plan);
        (answers, changes)
    }

    /// Decides one batch.
    pub(super) fn decide(
        &self,
        changes: &[(u64, Change)],
        uncertain: bool,
    ) -> (Vec<Answer>, Decided) {
        let now = DateTime::UNIX_EPOCH;
        let asks = || {
            changes.iter().map(|(actor, change)| Proposal {
                room: ROOM,
                actor: UserId(*actor),
                change,
                now,
                uncertain,
            })
        };
        let mut batch = Batch::new(self.load(&wanted(asks())));
        let answers = asks().map(|ask| batch.decide(&ask)).collect();
        (answers, batch.finish())
    }
}

pub(super) fn post(client: u128, content: &str) -> Change {
    let message = NewMessage {
        client_id: ClientId::from_u128(client),
        content: content.into(),
        reply_to: None,
        image: None,
    };
    Change::Post { message, mentions: Vec::new() }
}

pub(super) fn rename(name: &str) -> Change {
    Change::Update { name: Some(name.into()), topic: None }
}

pub(super) fn set_topic(topic: Option<&str>) -> Change {
    Change::Update { name: None, topic: Some(topic.map(str::to_owned)) }
}

pub(super) fn row(answers: &[Answer]) -> Option<Seq> {
    answers[0].as_ref().unwrap().as_ref().map(|message| message.seq)
}
