//! Changes of the room itself: name, topic, purge, deletion.

use super::{Answer, Batch, Proposal, batch::allow};
use crate::{
    id::Seq,
    member::{Action, Role},
    message::{Message, SystemEvent},
    room::{self, RoomKind},
};

impl Batch {
    /// Name and topic, both or neither: all rejections are checked before anything changes.
    pub(super) fn update(
        &mut self,
        ask: &Proposal<'_>,
        name: Option<&str>,
        topic: Option<&Option<String>>,
        role: Role,
        kind: RoomKind,
    ) -> Answer {
        let why = if name.is_some() {
            "your role may not rename this room"
        } else {
            "your role may not change the topic"
        };
        allow(role, kind, Action::Rename, why)?;
        let renamed = name.and_then(|name| self.rename(ask, name, kind));
        let changed = topic.and_then(|topic| self.set_topic(ask, topic.as_deref()));
        Ok(changed.or(renamed))
    }

    fn rename(&mut self, ask: &Proposal<'_>, name: &str, kind: RoomKind) -> Option<Message> {
        let title = self.loaded.titles.entry(ask.room).or_default();
        if title.name.as_deref() == Some(name) {
            return None;
        }
        title.name = Some(name.to_owned());
        let unique = room::unique_name(kind, name);
        self.plan.names.push((ask.room, name.to_owned(), unique));
        Some(self.add_system(ask, SystemEvent::Renamed(name.to_owned())))
    }

    fn set_topic(&mut self, ask: &Proposal<'_>, topic: Option<&str>) -> Option<Message> {
        let title = self.loaded.titles.entry(ask.room).or_default();
        if title.topic.as_deref() == topic {
            return None;
        }
        title.topic = topic.map(str::to_owned);
        self.plan.topics.push((ask.room, title.topic.clone()));
        let text = topic.unwrap_or_default().to_owned();
        Some(self.add_system(ask, SystemEvent::TopicChanged(text)))
    }

    /// Hides everything up to `up_to`. It is erased later.
    pub(super) fn purge(&mut self, ask: &Proposal<'_>, up_to: Seq) -> Option<Message> {
        let head = self.loaded.heads.get_mut(&ask.room)?.as_mut()?;
        let up_to = up_to.min(head.head);
        if up_to <= head.purged_up_to {
            return None;
        }
        head.purged_up_to = up_to;
        self.plan.purges.push((ask.room, up_to));
        Some(self.add_system(ask, SystemEvent::Purged(up_to)))
    }

    pub(super) fn delete_room(&mut self, ask: &Proposal<'_>, role: Role, kind: RoomKind) -> Answer {
        allow(role, kind, Action::DeleteRoom, "only an owner may delete a room")?;
        self.plan.deleted.push((ask.room, ask.now));
        self.gone.insert(ask.room);
        Ok(None)
    }
}
