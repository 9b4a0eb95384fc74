//! Rooms and their members.

use axum::{Json, extract::State, http::StatusCode};
use chat_contract::wire::{self, Id};
use chat_domain::id::{RoomId, UserId};
use chrono::Utc;
use serde::Deserialize;

use super::{
    docs::parameter::{MEMBER_ID, ROOM_ID},
    error::Result,
    extract::{ApiPath, ApiQuery, Body},
};
use crate::{
    service::{
        App,
        room::{self, Creating, member},
        session::Caller,
    },
    wire::{history_from_wire, kind_from_wire, role_from_wire},
};

/// Create a room, or find the direct room that exists. 201: created; 200: it existed.
#[utoipa::path(post, path = "/api/rooms", tag = "rooms", request_body = wire::CreateRoom,
    responses((status = 201, body = wire::CreatedRoom), (status = 200, body = wire::CreatedRoom)))]
pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    Body(body): Body<wire::CreateRoom>,
) -> Result<(StatusCode, Json<wire::CreatedRoom>)> {
    let wire::CreateRoom { kind, name, topic, members, history } = body;
    let history = history_from_wire(history.unwrap_or(wire::HistoryVisibility::All));
    let creating = Creating { kind: kind_from_wire(kind), name, topic, members, history };
    let (room, created) = room::create(&app, caller.user, creating, Utc::now()).await?;
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(wire::CreatedRoom { room, created })))
}

/// List the rooms of the caller, the last active first.
#[utoipa::path(get, path = "/api/rooms", tag = "rooms", responses((status = 200, body = Vec<wire::Room>)))]
pub(super) async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Vec<wire::Room>>> {
    Ok(Json(room::list(&app, caller.user).await?))
}

/// Part of a name.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Search {
    /// Part of the name, without regard to case; by default all rooms.
    #[serde(default)]
    query: String,
}

/// List public rooms, the largest first.
#[utoipa::path(get, path = "/api/rooms/public", tag = "rooms", params(Search),
    responses((status = 200, body = Vec<wire::PublicRoom>)))]
pub(super) async fn public(
    State(app): State<App>,
    caller: Caller,
    ApiQuery(Search { query }): ApiQuery<Search>,
) -> Result<Json<Vec<wire::PublicRoom>>> {
    Ok(Json(room::public(&app, caller.user, &query).await?))
}

/// Read a room and its members.
#[utoipa::path(get, path = "/api/rooms/{id}", tag = "rooms", params(("id" = Id, Path, description = ROOM_ID)),
    responses((status = 200, body = wire::RoomDetail)))]
pub(super) async fn get(
    State(app): State<App>,
    caller: Caller,
    ApiPath(id): ApiPath<Id>,
) -> Result<Json<wire::RoomDetail>> {
    Ok(Json(room::detail(&app, caller.user, RoomId(id.0)).await?))
}

/// Change name or topic of a room.
#[utoipa::path(patch, path = "/api/rooms/{id}", tag = "rooms", params(("id" = Id, Path, description = ROOM_ID)),
    request_body = wire::ChangeRoom, responses((status = 200, body = wire::Room)))]
pub(super) async fn change(
    State(app): State<App>,
    caller: Caller,
    ApiPath(id): ApiPath<Id>,
    Body(wire::ChangeRoom { name, topic }): Body<wire::ChangeRoom>,
) -> Result<Json<wire::Room>> {
    Ok(Json(room::change(&app, caller.user, RoomId(id.0), name, topic, Utc::now()).await?))
}

/// Delete a room with its messages, for everybody.
#[utoipa::path(delete, path = "/api/rooms/{id}", tag = "rooms", params(("id" = Id, Path, description = ROOM_ID)),
    responses((status = 204, description = "Deleted.")))]
pub(super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    ApiPath(id): ApiPath<Id>,
) -> Result<StatusCode> {
    room::delete(&app, caller.user, RoomId(id.0), Utc::now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Join a public room.
#[utoipa::path(post, path = "/api/rooms/{id}/join", tag = "rooms", params(("id" = Id, Path, description = ROOM_ID)),
    responses((status = 200, body = wire::Room)))]
pub(super) async fn join(
    State(app): State<App>,
    caller: Caller,
    ApiPath(id): ApiPath<Id>,
) -> Result<Json<wire::Room>> {
    Ok(Json(member::join(&app, caller.user, RoomId(id.0), Utc::now()).await?))
}

/// Leave a room. The last owner who leaves is succeeded by another member.
#[utoipa::path(post, path = "/api/rooms/{id}/leave", tag = "rooms", params(("id" = Id, Path, description = ROOM_ID)),
    responses((status = 204, description = "The caller is no member any more.")))]
pub(super) async fn leave(
    State(app): State<App>,
    caller: Caller,
    ApiPath(id): ApiPath<Id>,
) -> Result<StatusCode> {
    member::leave(&app, caller.user, RoomId(id.0), Utc::now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What the client has seen of a room that it hides.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct HideQuery {
    /// The `posts` of the room that the client knows. If the room has more by now, it stays shown.
    posts: Option<u64>,
}

/// Hide a direct room: lists of the caller leave it out, until somebody sends a message or the
/// caller opens it again.
#[utoipa::path(put, path = "/api/rooms/{id}/hidden", tag = "rooms",
    params(("id" = Id, Path, description = ROOM_ID), HideQuery), responses((status = 200, body = wire::Room)))]
pub(super) async fn hide(
    State(app): State<App>,
    caller: Caller,
    ApiPath(id): ApiPath<Id>,
    ApiQuery(HideQuery { posts }): ApiQuery<HideQuery>,
) -> Result<Json<wire::Room>> {
    let seen = posts.unwrap_or(u64::MAX);
    Ok(Json(room::set_hidden(&app, caller.user, RoomId(id.0), Some(seen)).await?))
}

/// Show a hidden room again.
#[utoipa::path(delete, path = "/api/rooms/{id}/hidden", tag = "rooms", params(("id" = Id, Path, description = ROOM_ID)),
    responses((status = 200, body = wire::Room)))]
pub(super) async fn show(
    State(app): State<App>,
    caller: Caller,
    ApiPath(id): ApiPath<Id>,
) -> Result<Json<wire::Room>> {
    Ok(Json(room::set_hidden(&app, caller.user, RoomId(id.0), None).await?))
}

/// Add members to a room.
#[utoipa::path(post, path = "/api/rooms/{id}/members", tag = "rooms", params(("id" = Id, Path, description = ROOM_ID)),
    request_body = wire::AddMembers, responses((status = 200, body = wire::RoomDetail)))]
pub(super) async fn add_members(
    State(app): State<App>,
    caller: Caller,
    ApiPath(id): ApiPath<Id>,
    Body(wire::AddMembers { members }): Body<wire::AddMembers>,
) -> Result<Json<wire::RoomDetail>> {
    let room = RoomId(id.0);
    Ok(Json(member::add(&app, caller.user, room, &members, Utc::now()).await?))
}

/// Change the role of a member.
#[utoipa::path(patch, path = "/api/rooms/{id}/members/{userId}", tag = "rooms",
    params(("id" = Id, Path, description = ROOM_ID), ("userId" = Id, Path, description = MEMBER_ID)),
    request_body = wire::ChangeMember, responses((status = 200, body = wire::RoomDetail)))]
pub(super) async fn change_member(
    State(app): State<App>,
    caller: Caller,
    ApiPath((id, member)): ApiPath<(Id, Id)>,
    Body(wire::ChangeMember { role }): Body<wire::ChangeMember>,
) -> Result<Json<wire::RoomDetail>> {
    let (room, member, role) = (RoomId(id.0), UserId(member.0), role_from_wire(role));
    Ok(Json(member::set_role(&app, caller.user, room, member, role, Utc::now()).await?))
}

/// Remove a member from a room.
#[utoipa::path(delete, path = "/api/rooms/{id}/members/{userId}", tag = "rooms",
    params(("id" = Id, Path, description = ROOM_ID), ("userId" = Id, Path, description = MEMBER_ID)),
    responses((status = 204, description = "Removed.")))]
pub(super) async fn remove_member(
    State(app): State<App>,
    caller: Caller,
    ApiPath((id, member)): ApiPath<(Id, Id)>,
) -> Result<StatusCode> {
    member::remove(&app, caller.user, RoomId(id.0), UserId(member.0), Utc::now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
