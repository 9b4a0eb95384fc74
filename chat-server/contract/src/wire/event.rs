//! Server to client, over the socket.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Draft, Id, Message};

/// `newMessage` and `messageChanged`: the changes of a room from `after` (exclusive) to `upTo`.
///
/// Where `after` is my cursor I apply it and my cursor becomes `upTo`; where it is higher I have
/// missed something and sync first; where `upTo` is not above my cursor I know it already.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct MessagesEvent {
    /// The room.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub room_id: Id,
    /// The cursor that this event follows.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub after: u64,
    /// The cursor after it.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub up_to: u64,
    /// Whole rows, in order; upsert by `id` where `changedSeq` is higher. Empty where I may see none
    /// of those that changed.
    pub messages: Vec<Message>,
}

/// `roomChanged`: what I know of a room, other than its messages, is old.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct RoomChangedEvent {
    /// The room.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub room_id: Id,
    /// In which way.
    pub change: RoomChange,
}

/// How a room changed for me.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum RoomChange {
    /// I am a member now.
    Added,
    /// I am no longer a member.
    Removed,
    /// Name, topic, members or roles changed.
    Updated,
    /// The room is gone.
    Deleted,
    /// I have hidden it, on whatever device. May be lost; the room tells it too.
    Hidden,
    /// I have it on my list again. May be lost; the room tells it too.
    Shown,
}

/// `typing`: somebody is; holds for 5 seconds. May be lost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct TypingEvent {
    /// The room.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub room_id: Id,
    /// Who.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub user_id: Id,
}

/// `readMarker`: somebody has read up to `seq`, on any device. May be lost; the room tells it too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct ReadMarkerEvent {
    /// The room.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub room_id: Id,
    /// Who.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub user_id: Id,
    /// Up to here.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub seq: u64,
}

/// `draftChanged`: I have something else in a room's composer, on another device. May be lost; the
/// room tells it too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct DraftChangedEvent {
    /// The room.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub room_id: Id,
    /// What is there now; absent where it is empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<Draft>,
}

/// `heads`: of all my rooms, first of all once the connection is made, and whatever comes to them
/// from there on is an event of its own; then, at each heartbeat, of those that changed. A head above
/// my cursor means that I missed something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct HeadsEvent {
    /// Identity of the store; where it differs from the one known, forget all cursors.
    pub epoch: String,
    /// Head of each room.
    #[cfg_attr(feature = "typescript", ts(type = "Record<string, number>"))]
    #[schema(value_type = BTreeMap<String, u64>)]
    pub heads: BTreeMap<Id, u64>,
}

/// `resync`: this socket could not keep up and events were left out. Sync every room.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct ResyncEvent {
    /// How many events were left out.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub dropped: u64,
}

/// `moving`: this server is going; connect anew after the given time, to another one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct MovingEvent {
    /// Milliseconds to wait, with jitter put in already.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub after_ms: u64,
}

/// `closing`: last words before the server closes this socket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct ClosingEvent {
    /// Why.
    pub reason: ClosingReason,
}

/// Why the server closed a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum ClosingReason {
    /// The session was signed out or has expired, or the password changed.
    SignedOut,
    /// More commands than it may have waiting.
    TooManyCommands,
    /// It did not read what was sent to it.
    TooSlow,
    /// The store is away; connect anew.
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
    /// [`super::User`]: somebody with whom I share a room has another name or photo. May be lost.
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
