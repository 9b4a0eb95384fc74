//! Rooms and their members.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Draft, Id, Message, User};

/// Who finds a room, and who may join it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum RoomKind {
    /// Every user finds it and may join.
    Public,
    /// Joined by invitation; it has a name.
    Private,
    /// Several users, joined by invitation; the name is optional.
    Group,
    /// Two users, or one with themselves; there is one room for each pair.
    Direct,
}

/// What a member may do in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// May read and send.
    Member,
    /// May also add and remove members, change name and topic, and delete messages of others.
    Moderator,
    /// May also change roles and delete the room.
    Owner,
}

/// Which messages members see that join later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum HistoryVisibility {
    /// All messages of the room.
    All,
    /// Messages sent after they joined.
    SinceJoined,
}

/// Body of `POST /api/rooms`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateRoom {
    /// Who finds the room and may join it.
    pub kind: RoomKind,
    /// Name, 1 to 80 characters. Required for public and private rooms, optional for groups,
    /// refused for direct rooms.
    #[serde(default)]
    pub name: Option<String>,
    /// What the room is for, up to 250 characters; none by default.
    #[serde(default)]
    pub topic: Option<String>,
    /// Users to add besides the caller, at most 200: usernames, email addresses or ids. A direct
    /// room takes exactly one.
    #[serde(default)]
    pub members: Vec<String>,
    /// Which messages members see that join later; `all` by default.
    #[serde(default)]
    pub history: Option<HistoryVisibility>,
}

/// Body of `PATCH /api/rooms/{id}`; a field that is left out keeps its value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[derive(Default)]
pub struct ChangeRoom {
    /// New name, 1 to 80 characters.
    #[serde(default)]
    pub name: Option<String>,
    /// New topic, up to 250 characters; an empty one removes it.
    #[serde(default)]
    pub topic: Option<String>,
}

/// Body of `POST /api/rooms/{id}/members`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddMembers {
    /// Users to add, at most 200: usernames, email addresses or ids.
    pub members: Vec<String>,
}

/// Body of `PATCH /api/rooms/{id}/members/{userId}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangeMember {
    /// Role from now on. Only owners change roles.
    pub role: Role,
}

/// A room as one of its members sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Room {
    /// Id of the room. It never changes.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub id: Id,
    /// Who finds the room and may join it.
    pub kind: RoomKind,
    /// Name, 1 to 80 characters; absent for direct rooms, and for groups without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What the room is for, up to 250 characters; absent where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// Name of the room for other systems: `chat_<user>_<user>_####`.
    pub alias: String,
    /// Which messages members see that join later.
    pub history: HistoryVisibility,
    /// Number of the last change in the room: the cursor of a client that has everything.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub head: u64,
    /// Number of messages that users have written in the room, deleted ones included.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub posts: u64,
    /// Number of members of the room, the caller included.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub member_count: u64,
    /// Up to 8 other members, for titles and pictures of groups and direct rooms.
    pub people: Vec<User>,
    /// Role of the caller; absent where the caller is not a member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub my_role: Option<Role>,
    /// Read marker of the caller: the `seq` up to which the room was read.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub read_seq: u64,
    /// Number of messages after the read marker: `posts` less the ordinal at the marker.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub unread: u64,
    /// Number of unread messages that mention the caller.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub mentions: u64,
    /// `true` where the caller has hidden the room: lists leave it out. The next message of anybody
    /// shows it again.
    pub hidden: bool,
    /// The caller's unsent message in the room, from any device; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<Draft>,
    /// Newest message that the caller may see; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_message: Option<Message>,
    /// Time at which the room was created (RFC 3339, UTC).
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub created_at: DateTime<Utc>,
}

/// Answer of `GET /api/rooms/{id}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct RoomDetail {
    /// The room as the caller sees it.
    pub room: Room,
    /// Members of the room by name, at most 1,000.
    pub members: Vec<Member>,
}

/// Answer of `POST /api/rooms`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct CreatedRoom {
    /// The room as the caller sees it.
    pub room: Room,
    /// `false` where it is a direct room that existed before.
    pub created: bool,
}

/// A member of a room.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// The member, as other users see them.
    pub user: User,
    /// What the member may do in the room.
    pub role: Role,
    /// Read marker of the member: the `seq` up to which the room was read.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub read_seq: u64,
    /// Time at which the member joined (RFC 3339, UTC).
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub joined_at: DateTime<Utc>,
}

/// A public room, as users see it that are not members.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct PublicRoom {
    /// Id of the room. It never changes.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub id: Id,
    /// Name of the room, 1 to 80 characters.
    pub name: String,
    /// What the room is for, up to 250 characters; absent where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// Number of members of the room.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub member_count: u64,
    /// `true` where the caller is a member.
    pub joined: bool,
    /// Time of the newest message (RFC 3339, UTC); absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>"))]
    pub active_at: Option<DateTime<Utc>>,
}
