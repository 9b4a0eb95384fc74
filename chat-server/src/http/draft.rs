//! What I am writing.

use axum::{extract::State, http::StatusCode};
use chat_contract::wire::{self, Id};
use chat_domain::id::RoomId;
use chrono::Utc;

use super::{
    docs::parameter::ROOM_ID,
    error::Result,
    extract::{ApiPath, Body},
};
use crate::{
    service::{
        App,
        session::Caller,
        soft_state::draft::{self, Writing},
    },
    wire::message_id_from_wire,
};

/// Store the unsent message of the caller in a room, for all devices. The last write wins.
#[utoipa::path(put, path = "/api/rooms/{id}/draft", tag = "messages", params(("id" = Id, Path, description = ROOM_ID)),
    request_body = wire::SetDraft, responses((status = 204, description = "Noted.")))]
pub(super) async fn set(
    State(app): State<App>,
    caller: Caller,
    ApiPath(id): ApiPath<Id>,
    Body(wire::SetDraft { content, reply_to }): Body<wire::SetDraft>,
) -> Result<StatusCode> {
    let writing = Writing { content, reply_to: reply_to.map(message_id_from_wire) };
    draft::set(&app, caller.into(), RoomId(id.0), writing, Utc::now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
