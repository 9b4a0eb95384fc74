//! Rooms and their members.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Draft, Id, Message, User};

/// What sort of room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum RoomKind {
    /// Everybody finds it and may join.
    Public,
    /// By invitation, with a name of its own.
    Private,
    /// Several people; the name is optional.
    Group,
    /// Two people (or one, with themselves); there is one for each pair.
    Direct,
}

/// What a member may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// May read and write.
    Member,
    /// May also invite, remove and rename, and delete others' messages.
    Moderator,
    /// May also change roles and delete the room.
    Owner,
}

/// What those who join later see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum HistoryVisibility {
    /// Everything.
    All,
    /// From their joining on.
    SinceJoined,
}

/// Body of `POST /api/rooms`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateRoom {
    /// What sort of room.
    pub kind: RoomKind,
    /// Name, 1 to 80 characters; needed for public and private rooms, none for direct ones.
    #[serde(default)]
    pub name: Option<String>,
    /// What the room is for, up to 250 characters.
    #[serde(default)]
    pub topic: Option<String>,
    /// Whom to add, besides me: usernames, addresses or ids. A direct room takes exactly one.
    #[serde(default)]
    pub members: Vec<String>,
    /// What those who join later see; everything if left out.
    #[serde(default)]
    pub history: Option<HistoryVisibility>,
}

/// Body of `PATCH /api/rooms/{id}`; what is left out stays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[derive(Default)]
pub struct ChangeRoom {
    /// New name.
    #[serde(default)]
    pub name: Option<String>,
    /// New topic; empty takes it away.
    #[serde(default)]
    pub topic: Option<String>,
}

/// Body of `POST /api/rooms/{id}/members`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddMembers {
    /// Usernames, addresses or ids.
    pub members: Vec<String>,
}

/// Body of `PATCH /api/rooms/{id}/members/{userId}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangeMember {
    /// The new role.
    pub role: Role,
}

/// A room as one of its members sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Room {
    /// The room's id.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub id: Id,
    /// What sort of room.
    pub kind: RoomKind,
    /// The name, where it has one of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// External name, `chat_<user>_<user>_####`.
    pub alias: String,
    /// What those who join later see.
    pub history: HistoryVisibility,
    /// Number of the last change.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub head: u64,
    /// How many messages people wrote, ever.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub posts: u64,
    /// How many members.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub member_count: u64,
    /// Up to 8 members, I not among them; for titles and pictures of groups and direct rooms.
    pub people: Vec<User>,
    /// My role; absent where I am not a member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub my_role: Option<Role>,
    /// My read marker: the seq up to which I have read.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub read_seq: u64,
    /// Messages behind my marker: `posts` less the ordinal at my marker.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub unread: u64,
    /// How many of those mention me.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub mentions: u64,
    /// I have hidden it: lists leave it out. The next message of anybody brings it back by itself.
    pub hidden: bool,
    /// What I am writing in it, if I am.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<Draft>,
    /// The newest message, if there is one that I may see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_message: Option<Message>,
    /// When the room was made.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub created_at: DateTime<Utc>,
}

/// Answer of `GET /api/rooms/{id}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct RoomDetail {
    /// The room.
    pub room: Room,
    /// Its members, up to 1,000, by name.
    pub members: Vec<Member>,
}

/// Answer of `POST /api/rooms`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct CreatedRoom {
    /// The room.
    pub room: Room,
    /// `false` where the direct room was there already.
    pub created: bool,
}

/// A member of a room.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// Who.
    pub user: User,
    /// What they may do.
    pub role: Role,
    /// Up to which seq they have read.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub read_seq: u64,
    /// Since when.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub joined_at: DateTime<Utc>,
}

/// A public room, as everybody sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct PublicRoom {
    /// The room's id.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub id: Id,
    /// Its name.
    pub name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// How many members.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub member_count: u64,
    /// Am I one of them.
    pub joined: bool,
    /// Time of the newest message.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>"))]
    pub active_at: Option<DateTime<Utc>>,
}
