//! The socket's commands and events, by name.

use chat_contract::wire::{self, command_name as command, event_name as event};

/// A name and the type of its payload.
pub(super) type Row = (&'static str, &'static str);

/// Client to server.
pub(super) const COMMANDS: [Row; 9] = [
    (command::SEND_MESSAGE, "SendMessageCommand"),
    (command::EDIT_MESSAGE, "EditMessageCommand"),
    (command::DELETE_MESSAGE, "DeleteMessageCommand"),
    (command::REACT, "ReactCommand"),
    (command::READ, "ReadCommand"),
    (command::TYPING, "TypingCommand"),
    (command::DRAFT, "DraftCommand"),
    (command::SYNC, "SyncCommand"),
    (command::PRESENCE, "PresenceCommand"),
];

/// Server to client.
pub(super) const EVENTS: [Row; 12] = [
    (event::NEW_MESSAGE, "MessagesEvent"),
    (event::MESSAGE_CHANGED, "MessagesEvent"),
    (event::ROOM_CHANGED, "RoomChangedEvent"),
    (event::TYPING, "TypingEvent"),
    (event::PRESENCE, "Presence"),
    (event::USER_CHANGED, "User"),
    (event::READ_MARKER, "ReadMarkerEvent"),
    (event::DRAFT_CHANGED, "DraftChangedEvent"),
    (event::HEADS, "HeadsEvent"),
    (event::RESYNC, "ResyncEvent"),
    (event::MOVING, "MovingEvent"),
    (event::CLOSING, "ClosingEvent"),
];

/// The types behind the names.
#[derive(utoipa::OpenApi)]
#[openapi(components(schemas(
    wire::SendMessageCommand,
    wire::EditMessageCommand,
    wire::DeleteMessageCommand,
    wire::ReactCommand,
    wire::ReadCommand,
    wire::TypingCommand,
    wire::DraftCommand,
    wire::SyncCommand,
    wire::SyncedRooms,
    wire::SyncAnswer,
    wire::PresenceCommand,
    wire::MessagesEvent,
    wire::RoomChangedEvent,
    wire::TypingEvent,
    wire::Presence,
    wire::User,
    wire::ReadMarkerEvent,
    wire::DraftChangedEvent,
    wire::Draft,
    wire::HeadsEvent,
    wire::ResyncEvent,
    wire::MovingEvent,
    wire::ClosingEvent,
    wire::Problem,
)))]
pub(super) struct Schemas;

#[cfg(test)]
mod tests {
    use utoipa::OpenApi;

    use super::*;

    #[test]
    fn every_name_has_a_described_type() {
        let schemas = serde_json::to_value(Schemas::openapi()).unwrap();
        for (name, schema) in COMMANDS.iter().chain(&EVENTS) {
            let schema = &schemas["components"]["schemas"][schema];
            assert!(schema["description"].is_string(), "{name}");
        }
    }
}
