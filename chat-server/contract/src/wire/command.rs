//! Client to server, over the socket. Every command is answered through its acknowledgement.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Id, MessageId, PresenceStatus, Problem, SyncPage};

/// `sendMessage`. One of `roomId` and `receiverId` is needed.
/// Answer: `{ok: true, message}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SendMessageCommand {
    /// Id of the room to send to; this or `receiverId`.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>"))]
    pub room_id: Option<Id>,
    /// Id of the user to send to, in the direct room; this or `roomId`.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>"))]
    pub receiver_id: Option<Id>,
    /// Id made by the client (UUID, best version 7). The same id sent again is the same message;
    /// without it a retry is a second message.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>"))]
    pub client_id: Option<Uuid>,
    /// Markdown, up to 8,000 characters; may be empty where there is a picture.
    #[serde(default)]
    pub content: String,
    /// Id of the message that this one answers; none by default.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>"))]
    pub reply_to: Option<MessageId>,
    /// Picture: the `url` of an upload, or an https URL, up to 2,048 characters.
    #[serde(default)]
    pub image_url: Option<String>,
    /// Id of the picture at its host, up to 255 characters.
    #[serde(default)]
    pub public_id: Option<String>,
}

/// `editMessage`. Answer: `{ok: true, message}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EditMessageCommand {
    /// Id of the message to edit, `<roomId>-<seq>`.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub id: MessageId,
    /// New text in Markdown, up to 8,000 characters.
    pub content: String,
}

/// `deleteMessage`. Answer: `{ok: true, message}`, the tombstone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeleteMessageCommand {
    /// Id of the message to delete, `<roomId>-<seq>`.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub id: MessageId,
}

/// `react`. Answer: `{ok: true, message}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReactCommand {
    /// Id of the message to react to, `<roomId>-<seq>`.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub id: MessageId,
    /// One emoji, at most 64 bytes of UTF-8.
    pub emoji: String,
    /// `true` (default) adds the reaction, `false` removes it.
    #[serde(default = "yes")]
    pub on: bool,
}

fn yes() -> bool {
    true
}

/// `read`. Answer: `{ok: true}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReadCommand {
    /// Id of the room that was read.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub room_id: Id,
    /// The `seq` up to which the room was read. A lower one than before changes nothing, one beyond
    /// the head counts as the head.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub seq: u64,
}

/// `typing`. Send it every 3 seconds while the user types. Answer: `{ok: true}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TypingCommand {
    /// Id of the room in whose composer the user types.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub room_id: Id,
}

/// `draft`. The user's unsent message in the room; with neither text nor reply it is removed.
/// Send it when the user stops typing, at most once a second. Answer: `{ok: true}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DraftCommand {
    /// Id of the room that the draft is for.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub room_id: Id,
    /// Markdown, up to 8,000 characters; empty by default.
    #[serde(default)]
    pub content: String,
    /// Id of the message that the draft answers; none by default.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>"))]
    pub reply_to: Option<MessageId>,
}

/// `sync`. Answer: `{ok: true, rooms: {id: SyncAnswer}}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SyncCommand {
    /// Cursor of each room, by the id of the room; at most 500 rooms.
    #[cfg_attr(feature = "typescript", ts(type = "Record<string, number>"))]
    #[schema(value_type = BTreeMap<String, u64>)]
    pub rooms: BTreeMap<Id, u64>,
    /// The `epoch` of the `heads` event that these cursors belong to. Where the store has another
    /// one by now, because a backup was restored, each answer is `reset`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<String>,
}

/// Answer of `sync` for one room.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[serde(untagged)]
pub enum SyncAnswer {
    /// What changed in the room.
    Page(SyncPage),
    /// The room has no page for this user.
    Refused {
        /// Why the room has no page, such as `notMember`.
        error: Problem,
    },
}

/// Answer of `sync`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct SyncedRooms {
    /// Answer for each room that was asked for, by the id of the room.
    #[cfg_attr(feature = "typescript", ts(type = "Record<string, SyncAnswer>"))]
    #[schema(value_type = BTreeMap<String, SyncAnswer>)]
    pub rooms: BTreeMap<Id, SyncAnswer>,
}

/// `presence`. From now on this socket gets `presence` events of these users, and no others.
/// Answer: `{ok: true, users: [Presence]}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PresenceCommand {
    /// Ids of the users that the client shows, at most 200. They replace those of the command
    /// before.
    #[cfg_attr(feature = "typescript", ts(type = "Array<string>"))]
    pub watch: Vec<Id>,
    /// `true` where nobody uses this device; `false` by default.
    #[serde(default)]
    pub away: bool,
}

/// The presence of one user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Presence {
    /// Id of the user whose presence it is.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub user_id: Id,
    /// `online`, `away` or `offline`, over all devices of the user.
    pub status: PresenceStatus,
    /// Time of the last disconnection (RFC 3339, UTC); only where the user is offline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<chrono::DateTime<chrono::Utc>>,
}

/// Names of the commands.
pub mod command_name {
    /// [`super::SendMessageCommand`]
    pub const SEND_MESSAGE: &str = "sendMessage";
    /// [`super::EditMessageCommand`]
    pub const EDIT_MESSAGE: &str = "editMessage";
    /// [`super::DeleteMessageCommand`]
    pub const DELETE_MESSAGE: &str = "deleteMessage";
    /// [`super::ReactCommand`]
    pub const REACT: &str = "react";
    /// [`super::ReadCommand`]
    pub const READ: &str = "read";
    /// [`super::TypingCommand`]
    pub const TYPING: &str = "typing";
    /// [`super::DraftCommand`]
    pub const DRAFT: &str = "draft";
    /// [`super::SyncCommand`]
    pub const SYNC: &str = "sync";
    /// [`super::PresenceCommand`]
    pub const PRESENCE: &str = "presence";
}
