//! Server to client, over the socket.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Draft, Id, Message};

/// `newMessage` and `messageChanged`: the changes of a room from `after` (exclusive) to `upTo`.
///
/// A client whose cursor is `after` applies the event, and its cursor becomes `upTo`. Where `after`
/// is higher than its cursor it has missed something and syncs first; where `upTo` is not higher it
/// has the changes already.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct MessagesEvent {
    /// Id of the room that the changes are in.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub room_id: Id,
    /// Cursor that this event follows: the changes begin after this number.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub after: u64,
    /// Cursor of the client once it has applied the event.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub up_to: u64,
    /// Messages whole, at their last change, in order: replace by `id` where `changedSeq` is
    /// higher. Empty where the client may see none of those that changed.
    pub messages: Vec<Message>,
}

/// `roomChanged`: what the client knows of a room, other than its messages, is out of date.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct RoomChangedEvent {
    /// Id of the room that changed.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub room_id: Id,
    /// In which way the room changed for this user.
    pub change: RoomChange,
}

/// How a room changed for the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum RoomChange {
    /// The user is a member now.
    Added,
    /// The user is no longer a member.
    Removed,
    /// Name, topic, members or roles changed.
    Updated,
    /// The room was deleted.
    Deleted,
    /// The user has hidden it, on any device. May be lost; `hidden` of the room has it, too.
    Hidden,
    /// The user shows it again, on any device. May be lost; `hidden` of the room has it, too.
    Shown,
}

/// `typing`: a user is typing; valid for 5 seconds. May be lost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct TypingEvent {
    /// Id of the room in whose composer the user types.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub room_id: Id,
    /// Id of the user who is typing.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub user_id: Id,
}

/// `readMarker`: a user has read up to `seq`, on any device. May be lost; the room has it, too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct ReadMarkerEvent {
    /// Id of the room that was read.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub room_id: Id,
    /// Id of the user who has read.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub user_id: Id,
    /// The `seq` up to which the room was read.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub seq: u64,
}

/// `draftChanged`: the user's unsent message in a room changed, on another device. May be lost; the
/// room has it, too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct DraftChangedEvent {
    /// Id of the room that the draft is for.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub room_id: Id,
    /// The draft as it is now; absent where it was removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<Draft>,
}

/// `heads`: the first event of a connection has the heads of all rooms of the user, and every change
/// after them is an event of its own. At each heartbeat it has the heads of rooms that changed. A
/// head above the client's cursor means that it missed something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct HeadsEvent {
    /// Identity of the store. Where it differs from the one that the client knows, all its cursors
    /// are void.
    pub epoch: String,
    /// Number of the last change in each room, by the id of the room.
    #[cfg_attr(feature = "typescript", ts(type = "Record<string, number>"))]
    #[schema(value_type = BTreeMap<String, u64>)]
    pub heads: BTreeMap<Id, u64>,
}

/// `resync`: events were left out because the client was too slow. Sync every room.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct ResyncEvent {
    /// Number of events that were left out.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub dropped: u64,
}

/// `moving`: the server shuts down; connect again after the given time, to another server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct MovingEvent {
    /// Milliseconds to wait before connecting again; they contain jitter already.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub after_ms: u64,
}

/// `closing`: the last event before the server closes the socket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct ClosingEvent {
    /// Why the server closes the socket.
    pub reason: ClosingReason,
}

/// Why the server closed a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum ClosingReason {
    /// The session was signed out or has expired, or the password changed.
    SignedOut,
    /// More commands were waiting than a socket may have.
    TooManyCommands,
    /// The client did not read what was sent to it.
    TooSlow,
    /// MySQL is unavailable; connect again.
    Unavailable,
}

/// Names of the events.
pub mod event_name {
    /// [`super::MessagesEvent`] with messages that are new.
    pub const NEW_MESSAGE: &str = "newMessage";
    /// [`super::MessagesEvent`] with messages that changed.
    pub const MESSAGE_CHANGED: &str = "messageChanged";
    /// [`super::RoomChangedEvent`]
    pub const ROOM_CHANGED: &str = "roomChanged";
    /// [`super::TypingEvent`]
    pub const TYPING: &str = "typing";
    /// [`super::Presence`](super::super::Presence)
    pub const PRESENCE: &str = "presence";
    /// [`super::User`]: a user in a room of this user changed name or photo. May be lost.
    pub const USER_CHANGED: &str = "userChanged";
    /// [`super::ReadMarkerEvent`]
    pub const READ_MARKER: &str = "readMarker";
    /// [`super::DraftChangedEvent`]
    pub const DRAFT_CHANGED: &str = "draftChanged";
    /// [`super::HeadsEvent`]
    pub const HEADS: &str = "heads";
    /// [`super::ResyncEvent`]
    pub const RESYNC: &str = "resync";
    /// [`super::MovingEvent`]
    pub const MOVING: &str = "moving";
    /// [`super::ClosingEvent`]
    pub const CLOSING: &str = "closing";
}
