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
    /// The room.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>"))]
    pub room_id: Option<Id>,
    /// Or the person, for a direct conversation.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>"))]
    pub receiver_id: Option<Id>,
    /// Made by the client, best a UUIDv7; the same id sent again is the same message.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>"))]
    pub client_id: Option<Uuid>,
    /// Markdown, up to 8,000 characters.
    #[serde(default)]
    pub content: String,
    /// The message that this one answers.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>"))]
    pub reply_to: Option<MessageId>,
    /// Picture: the `url` of an upload, or an https address.
    #[serde(default)]
    pub image_url: Option<String>,
    /// The picture's id at its host.
    #[serde(default)]
    pub public_id: Option<String>,
}

/// `editMessage`. Answer: `{ok: true, message}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EditMessageCommand {
    /// The message.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub id: MessageId,
    /// Its new text.
    pub content: String,
}

/// `deleteMessage`. Answer: `{ok: true, message}`, the tombstone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeleteMessageCommand {
    /// The message.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub id: MessageId,
}

/// `react`. Answer: `{ok: true, message}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReactCommand {
    /// The message.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub id: MessageId,
    /// One emoji.
    pub emoji: String,
    /// `false` takes it away.
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
    /// The room.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub room_id: Id,
    /// I have read up to here.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub seq: u64,
}

/// `typing`. Send it again every 3 seconds while it goes on. Answer: `{ok: true}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TypingCommand {
    /// The room.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub room_id: Id,
}

/// `draft`. What I have in the room's composer now; neither text nor a reply: nothing any more.
/// Send it when I stop typing, at most once in a second. Answer: `{ok: true}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DraftCommand {
    /// The room.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub room_id: Id,
    /// Markdown, up to 8,000 characters.
    #[serde(default)]
    pub content: String,
    /// The message that it answers.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>"))]
    pub reply_to: Option<MessageId>,
}

/// `sync`. Answer: `{ok: true, rooms: {id: SyncAnswer}}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SyncCommand {
    /// The cursor of each room, at most 500.
    #[cfg_attr(feature = "typescript", ts(type = "Record<string, number>"))]
    #[schema(value_type = BTreeMap<String, u64>)]
    pub rooms: BTreeMap<Id, u64>,
    /// The `epoch` that `heads` told with these cursors. Where the store has another one since,
    /// after a backup was restored, each answer is `reset`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<String>,
}

/// What `sync` says of one room.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[serde(untagged)]
pub enum SyncAnswer {
    /// What changed.
    Page(SyncPage),
    /// Why there is nothing, for instance `notMember`.
    Refused {
        /// The cause.
        error: Problem,
    },
}

/// Answer of `sync`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct SyncedRooms {
    /// For each room that was asked for.
    #[cfg_attr(feature = "typescript", ts(type = "Record<string, SyncAnswer>"))]
    #[schema(value_type = BTreeMap<String, SyncAnswer>)]
    pub rooms: BTreeMap<Id, SyncAnswer>,
}

/// `presence`. From now on this socket hears of these people, and no others.
/// Answer: `{ok: true, users: [Presence]}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PresenceCommand {
    /// Whom the page shows, at most 200.
    #[cfg_attr(feature = "typescript", ts(type = "Array<string>"))]
    pub watch: Vec<Id>,
    /// Is this device idle.
    #[serde(default)]
    pub away: bool,
}

/// Whether one person is there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Presence {
    /// Who.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub user_id: Id,
    /// Are they there.
    pub status: PresenceStatus,
    /// When they last were, where they are not.
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
