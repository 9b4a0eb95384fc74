//! The room itself: its name, its topic, its past, its end.

use chat_domain::{
    id::Seq,
    member::{Action, Role},
    message::{Message, SystemEvent},
    room::RoomKind,
};

use super::{Answer, Ask, Batch, allow};

impl Batch {
    pub(super) fn rename(
        &mut self,
        ask: &Ask<'_>,
        name: &str,
        role: Role,
        kind: RoomKind,
    ) -> Answer {
        allow(role, kind, Action::Rename, "your role may not rename this room")?;
        let title = self.loaded.titles.entry(ask.room).or_default();
        if title.name.as_deref() == Some(name) {
            return Ok(None);
        }
        title.name = Some(name.to_owned());
        let unique = (kind == RoomKind::Public).then(|| chat_domain::user::fold(name));
        self.plan.names.push((ask.room, name.to_owned(), unique));
        Ok(Some(self.tell(ask, SystemEvent::Renamed(name.to_owned()))))
    }

    pub(super) fn set_topic(
        &mut self,
        ask: &Ask<'_>,
        topic: Option<&String>,
        role: Role,
        kind: RoomKind,
    ) -> Answer {
        allow(role, kind, Action::Rename, "your role may not change the topic")?;
        let title = self.loaded.titles.entry(ask.room).or_default();
        if title.topic.as_ref() == topic {
            return Ok(None);
        }
        title.topic = topic.cloned();
        self.plan.topics.push((ask.room, topic.cloned()));
        let text = topic.cloned().unwrap_or_default();
        Ok(Some(self.tell(ask, SystemEvent::TopicChanged(text))))
    }

    /// From here on nobody sees what is not above the floor. What stands there is erased later.
    pub(super) fn purge(&mut self, ask: &Ask<'_>, up_to: Seq) -> Option<Message> {
        let head = self.loaded.heads.get_mut(&ask.room)?.as_mut()?;
        let up_to = up_to.min(head.head);
        if up_to <= head.floor {
            return None;
        }
        head.floor = up_to;
        self.plan.floors.push((ask.room, up_to));
        Some(self.tell(ask, SystemEvent::Purged(up_to)))
    }

    pub(super) fn delete_room(&mut self, ask: &Ask<'_>, role: Role, kind: RoomKind) -> Answer {
        allow(role, kind, Action::DeleteRoom, "only an owner may delete a room")?;
        self.plan.deleted.push((ask.room, ask.now));
        self.gone.insert(ask.room);
        Ok(None)
    }
}
