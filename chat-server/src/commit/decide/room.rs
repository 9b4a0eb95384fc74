//! The room itself: its name, its topic, its end.

use chat_domain::{
    member::{Action, Role},
    message::SystemEvent,
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

    pub(super) fn delete_room(&mut self, ask: &Ask<'_>, role: Role, kind: RoomKind) -> Answer {
        allow(role, kind, Action::DeleteRoom, "only an owner may delete a room")?;
        self.plan.deleted.push((ask.room, ask.now));
        self.gone.insert(ask.room);
        Ok(None)
    }
}
