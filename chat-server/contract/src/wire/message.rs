//! Messages and the ways to read them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Id, MessageId, Role, User};

/// A message, whole, at its last change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// `<roomId>-<seq>`.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub id: MessageId,
    /// The room.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub room_id: Id,
    /// Place in the room, for ever.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub seq: u64,
    /// Number of its last change; equal to `seq` at birth. The higher one wins.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub changed_seq: u64,
    /// How many messages people had written in the room, this one included.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub ordinal: u64,
    /// Who wrote it, or did what a system message tells.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub sender_id: Id,
    /// The sender's id for it; absent for system messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub client_id: Option<Uuid>,
    /// Markdown; empty where it was deleted, or is a picture alone.
    pub content: String,
    /// The message that this one answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>"))]
    pub reply_to: Option<MessageId>,
    /// Picture: a path of ours, or an https address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
    /// The picture's id at its host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_id: Option<String>,
    /// Size of the picture in pixels, known for uploads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_size: Option<ImageSize>,
    /// Whom it mentions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "typescript", ts(as = "Option<Vec<String>>"))]
    pub mentions: Vec<Id>,
    /// What people reacted with, in order of the first one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "typescript", ts(as = "Option<Vec<Reaction>>"))]
    pub reactions: Vec<Reaction>,
    /// What happened, where this is a system message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<SystemEvent>,
    /// When it was committed.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub created_at: DateTime<Utc>,
    /// When its text last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>"))]
    pub edited_at: Option<DateTime<Utc>>,
    /// When it was deleted; what is left is a tombstone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>"))]
    pub deleted_at: Option<DateTime<Utc>>,
}

/// Width and height in pixels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
#[derive(Copy)]
pub struct ImageSize {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

/// One emoji on a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Reaction {
    /// The emoji.
    pub emoji: String,
    /// Who, in order of time.
    #[cfg_attr(feature = "typescript", ts(type = "Array<string>"))]
    pub user_ids: Vec<Id>,
}

/// What a system message tells. The message's sender did it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[serde(tag = "type")]
pub enum SystemEvent {
    /// The room was made.
    Created,
    /// People came in: by themselves, or added by the sender.
    #[serde(rename_all = "camelCase")]
    Joined {
        /// Who came.
        #[cfg_attr(feature = "typescript", ts(type = "Array<string>"))]
        user_ids: Vec<Id>,
    },
    /// Somebody left, or was removed by the sender.
    #[serde(rename_all = "camelCase")]
    Left {
        /// Who went.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        user_id: Id,
    },
    /// The room got another name.
    Renamed {
        /// The new name.
        name: String,
    },
    /// The room got another topic.
    TopicChanged {
        /// The new topic; empty where it was taken away.
        topic: String,
    },
    /// A member got another role.
    #[serde(rename_all = "camelCase")]
    RoleChanged {
        /// Whose.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        user_id: Id,
        /// The new one.
        role: Role,
    },
    /// Messages were kept for as long as they are: forget those whose `seq` is not above this one.
    /// Nobody sent it; `senderId` is zero.
    #[serde(rename_all = "camelCase")]
    Purged {
        /// The last of them.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        up_to: u64,
    },
}

/// Body of `POST /api/rooms/{id}/messages`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SendMessage {
    /// Made by the client, best a UUIDv7; the same id sent again is the same message.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub client_id: Uuid,
    /// Markdown, up to 8,000 characters; may be empty where there is a picture.
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

/// Body of `POST /api/messages/send`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SendDirect {
    /// To whom.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub receiver_id: Id,
    /// Made by the client; without it a retry is a second message.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>"))]
    pub client_id: Option<Uuid>,
    /// Markdown.
    #[serde(default)]
    pub content: String,
    /// Picture: the `url` of an upload, or an https address.
    #[serde(default)]
    pub image_url: Option<String>,
    /// The picture's id at its host.
    #[serde(default)]
    pub public_id: Option<String>,
}

/// Body of `PATCH /api/messages/{id}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EditMessage {
    /// The new text.
    pub content: String,
}

/// Body of `PUT /api/rooms/{id}/read`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MarkRead {
    /// I have read up to here; a lower one than before changes nothing.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub seq: u64,
}

/// A piece of a room's history, in order of `seq`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct HistoryPage {
    /// The messages, oldest first.
    pub messages: Vec<Message>,
    /// Head of the room in the same snapshot: the cursor for what follows live.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub head: u64,
    /// Are there older ones.
    pub has_before: bool,
    /// Are there newer ones.
    pub has_after: bool,
    /// Messages that those answer and that are not among them.
    pub quoted: Vec<Message>,
    /// Everybody whom these messages name.
    pub users: Vec<User>,
}

/// Everything that changed in a room after a cursor, in order of `changedSeq`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct SyncPage {
    /// The cursor that was asked for.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub after: u64,
    /// The cursor from now on.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub up_to: u64,
    /// There is more after `upTo`; ask again.
    pub more: bool,
    /// The cursor asked for is not of this store (a backup was restored) or lies below what is
    /// kept: forget what is known of the room and load it anew.
    pub reset: bool,
    /// Whole rows; numbers of rows that changed again later are not among them.
    pub messages: Vec<Message>,
}

/// Answer of `POST /api/uploads`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Upload {
    /// The file's id; give it as `publicId`.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub id: Id,
    /// Path of the file; give it as `imageUrl`.
    pub url: String,
    /// `image/png`, `image/jpeg`, `image/gif` or `image/webp`.
    pub content_type: String,
    /// Bytes after re-encoding.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub bytes: u64,
    /// Size in pixels.
    #[serde(flatten)]
    pub size: ImageSize,
}
