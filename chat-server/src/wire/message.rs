//! Messages.

use chat_contract::wire::{self, Id};
use chat_domain::{
    id::{MessageId, RoomId},
    message::{Message, SystemEvent},
};

use super::role_to_wire;

/// A message id for the wire.
#[must_use]
pub(crate) fn message_id_to_wire(id: MessageId) -> wire::MessageId {
    wire::MessageId { room: Id(id.room.0), seq: id.seq }
}

/// A message id from the wire.
#[must_use]
pub(crate) fn message_id_from_wire(id: wire::MessageId) -> MessageId {
    MessageId { room: RoomId(id.room.0), seq: id.seq }
}

/// A message for the wire.
#[must_use]
pub(crate) fn message_to_wire(message: &Message) -> wire::Message {
    let room = Id(message.room.0);
    let image = message.image.as_ref();
    wire::Message {
        id: wire::MessageId { room, seq: message.seq },
        room_id: room,
        seq: message.seq,
        changed_seq: message.changed_seq,
        ordinal: message.ordinal,
        sender_id: Id(message.sender.0),
        client_id: message.client_id,
        content: message.content.clone(),
        reply_to: message.reply_to.map(|seq| wire::MessageId { room, seq }),
        image_url: image.map(|i| i.url.clone()),
        public_id: image.and_then(|i| i.public_id.clone()),
        image_size: image
            .and_then(|i| i.size)
            .map(|(width, height)| wire::ImageSize { width, height }),
        mentions: message.mentions.iter().map(|u| Id(u.0)).collect(),
        reactions: message
            .reactions
            .iter()
            .map(|r| wire::Reaction {
                emoji: r.emoji.clone(),
                user_ids: r.users.iter().map(|u| Id(u.0)).collect(),
            })
            .collect(),
        system: message.system.as_ref().map(system_to_wire),
        created_at: message.created_at,
        edited_at: message.edited_at,
        deleted_at: message.deleted_at,
    }
}

fn system_to_wire(event: &SystemEvent) -> wire::SystemEvent {
    match event {
        SystemEvent::Created => wire::SystemEvent::Created,
        SystemEvent::Joined(users) => {
            wire::SystemEvent::Joined { user_ids: users.iter().map(|u| Id(u.0)).collect() }
        }
        SystemEvent::Left(user) => wire::SystemEvent::Left { user_id: Id(user.0) },
        SystemEvent::Renamed(name) => wire::SystemEvent::Renamed { name: name.clone() },
        SystemEvent::TopicChanged(topic) => {
            wire::SystemEvent::TopicChanged { topic: topic.clone() }
        }
        SystemEvent::RoleChanged(user, role) => {
            wire::SystemEvent::RoleChanged { user_id: Id(user.0), role: role_to_wire(*role) }
        }
        SystemEvent::Purged(up_to) => wire::SystemEvent::Purged { up_to: *up_to },
    }
}
