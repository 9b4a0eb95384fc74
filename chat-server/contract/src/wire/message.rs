//! Messages and the ways to read them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Id, MessageId, Role, User};

/// A message at its last change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// Id of the message: `<roomId>-<seq>`. It never changes.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub id: MessageId,
    /// Id of the room that the message is in.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub room_id: Id,
    /// Position in the room. It never changes, and orders the messages of the room for everybody.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub seq: u64,
    /// Number of its last change in the room; equal to `seq` at first. Of two versions the one with
    /// the higher number is newer.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub changed_seq: u64,
    /// How many messages users had written in the room with this one; system messages repeat the
    /// number before.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub ordinal: u64,
    /// Id of the user who sent it, or who did what a system message reports.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub sender_id: Id,
    /// The sender's own id for the message (UUID); absent for system messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub client_id: Option<Uuid>,
    /// Markdown, up to 8,000 characters; empty for a deleted message, and for a picture without
    /// text.
    pub content: String,
    /// Id of the message that this one answers; absent where it answers none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>"))]
    pub reply_to: Option<MessageId>,
    /// Picture: a path of this server or an https URL, up to 2,048 characters; absent where there
    /// is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
    /// Id of the picture at its host, up to 255 characters; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_id: Option<String>,
    /// Size of the picture in pixels; known for uploads only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_size: Option<ImageSize>,
    /// Ids of the users that the text mentions, at most 50.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "typescript", ts(as = "Option<Vec<String>>"))]
    pub mentions: Vec<Id>,
    /// Reactions to the message, in the order of the first of each emoji; at most 20 emoji.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "typescript", ts(as = "Option<Vec<Reaction>>"))]
    pub reactions: Vec<Reaction>,
    /// What happened in the room, where this is a system message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<SystemEvent>,
    /// Time at which it was committed (RFC 3339, UTC).
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub created_at: DateTime<Utc>,
    /// Time of the last edit of its text (RFC 3339, UTC); absent where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>"))]
    pub edited_at: Option<DateTime<Utc>>,
    /// Time of the deletion (RFC 3339, UTC): what is left is a tombstone. Absent where it was not
    /// deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>"))]
    pub deleted_at: Option<DateTime<Utc>>,
}

/// Width and height of a picture in pixels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
#[derive(Copy)]
pub struct ImageSize {
    /// Width of the picture in pixels, at most 10,000.
    pub width: u32,
    /// Height of the picture in pixels, at most 10,000.
    pub height: u32,
}

/// One emoji on a message, and who reacted with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Reaction {
    /// One emoji, at most 64 bytes of UTF-8.
    pub emoji: String,
    /// Ids of the users who reacted with it, in order of time.
    #[cfg_attr(feature = "typescript", ts(type = "Array<string>"))]
    pub user_ids: Vec<Id>,
}

/// What a system message reports. The message's sender did it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[serde(tag = "type")]
pub enum SystemEvent {
    /// The room was created.
    Created,
    /// Users joined, or were added by the sender.
    #[serde(rename_all = "camelCase")]
    Joined {
        /// Ids of the users who joined or were added.
        #[cfg_attr(feature = "typescript", ts(type = "Array<string>"))]
        user_ids: Vec<Id>,
    },
    /// A user left, or was removed by the sender.
    #[serde(rename_all = "camelCase")]
    Left {
        /// Id of the user who left or was removed.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        user_id: Id,
    },
    /// The room was renamed.
    Renamed {
        /// Name of the room from here on.
        name: String,
    },
    /// The topic of the room changed.
    TopicChanged {
        /// Topic of the room from here on; empty where it was removed.
        topic: String,
    },
    /// The role of a member changed.
    #[serde(rename_all = "camelCase")]
    RoleChanged {
        /// Id of the member whose role changed.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        user_id: Id,
        /// Role of the member from here on.
        role: Role,
    },
    /// Messages were purged at the end of their retention: drop those up to `upTo`. It has no
    /// sender; `senderId` is zero.
    #[serde(rename_all = "camelCase")]
    Purged {
        /// The highest `seq` that was purged.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        up_to: u64,
    },
}

/// Body of `POST /api/rooms/{id}/messages`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SendMessage {
    /// Id made by the client (UUID, best version 7). The same id sent again is the same message,
    /// not a second one.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub client_id: Uuid,
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

/// Body of `POST /api/messages/send`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SendDirect {
    /// Id of the user to send to.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub receiver_id: Id,
    /// Id made by the client (UUID, best version 7). Without it a retry is a second message.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>"))]
    pub client_id: Option<Uuid>,
    /// Markdown, up to 8,000 characters; may be empty where there is a picture.
    #[serde(default)]
    pub content: String,
    /// Picture: the `url` of an upload, or an https URL, up to 2,048 characters.
    #[serde(default)]
    pub image_url: Option<String>,
    /// Id of the picture at its host, up to 255 characters.
    #[serde(default)]
    pub public_id: Option<String>,
}

/// Body of `PATCH /api/messages/{id}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EditMessage {
    /// New text in Markdown, up to 8,000 characters.
    pub content: String,
}

/// Body of `PUT /api/rooms/{id}/read`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MarkRead {
    /// The `seq` up to which the room was read. A lower one than before changes nothing, one beyond
    /// the head counts as the head.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub seq: u64,
}

/// A piece of a room's history, in order of `seq`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct HistoryPage {
    /// Messages of the page, the oldest first.
    pub messages: Vec<Message>,
    /// Head of the room in the same snapshot: the cursor for the events that follow.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub head: u64,
    /// `true` where there are messages before this page.
    pub has_before: bool,
    /// `true` where there are messages after this page.
    pub has_after: bool,
    /// Messages that those of the page answer and that are not in it.
    pub quoted: Vec<Message>,
    /// Every user that the messages of the page refer to.
    pub users: Vec<User>,
}

/// Everything that changed in a room after a cursor, in order of `changedSeq`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct SyncPage {
    /// Cursor that was asked for.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub after: u64,
    /// Cursor of the client once it has applied this page.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub up_to: u64,
    /// `true` where there is more after `upTo`: ask again from there.
    pub more: bool,
    /// `true` where the cursor is not of this store (a backup was restored) or lies below what is
    /// kept: drop what is known of the room and load it again.
    pub reset: bool,
    /// Messages whole, at their last change, in order of `changedSeq`. A number that a later change
    /// of the same message replaced is left out.
    pub messages: Vec<Message>,
}

/// Answer of `POST /api/uploads`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Upload {
    /// Id of the file, for the `publicId` of a message.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub id: Id,
    /// Path of the file, for the `imageUrl` of a message.
    pub url: String,
    /// Media type: `image/png`, `image/jpeg`, `image/gif` or `image/webp`.
    pub content_type: String,
    /// Size of the file in bytes, after re-encoding.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub bytes: u64,
    /// Width and height of the picture in pixels.
    #[serde(flatten)]
    pub size: ImageSize,
}
