//! Messages: sending, changing, reading.

use axum::{Json, extract::State, http::StatusCode};
use chat_contract::wire::{self, Id};
use chat_domain::{
    Invalid,
    id::{RoomId, UserId},
    limit,
};
use chrono::Utc;
use serde::Deserialize;

use super::{
    docs::parameter::{EMOJI, MESSAGE_ID, ROOM_ID, USER_ID},
    error::Result,
    extract::{ApiPath, ApiQuery, Body},
};
use crate::{
    service::{
        self, App,
        message::{
            self, Recipient, Sending,
            history::{self, Place},
            sync,
        },
        session::Caller,
        soft_state::marker,
    },
    wire::{message_id_from_wire, message_to_wire},
};

/// Send a message. The answer comes after the commit; the same `clientId` again is the same message.
#[utoipa::path(post, path = "/api/rooms/{id}/messages", tag = "messages", params(("id" = Id, Path, description = ROOM_ID)),
    request_body = wire::SendMessage, responses((status = 200, body = wire::Message)))]
pub(super) async fn send(
    State(app): State<App>,
    caller: Caller,
    ApiPath(id): ApiPath<Id>,
    Body(body): Body<wire::SendMessage>,
) -> Result<Json<wire::Message>> {
    let wire::SendMessage { client_id, content, reply_to, image_url, public_id } = body;
    let reply_to = reply_to.map(message_id_from_wire);
    let client_id = Some(client_id);
    let sending = Sending { client_id, content, reply_to, image_url, public_id };
    send_to(&app, caller, Recipient::Room(RoomId(id.0)), sending).await
}

/// Send a message to a user; the direct room is created where there is none.
#[utoipa::path(post, path = "/api/messages/send", tag = "messages", request_body = wire::SendDirect,
    responses((status = 200, body = wire::Message)))]
pub(super) async fn send_direct(
    State(app): State<App>,
    caller: Caller,
    Body(body): Body<wire::SendDirect>,
) -> Result<Json<wire::Message>> {
    let wire::SendDirect { receiver_id, client_id, content, image_url, public_id } = body;
    let sending = Sending { client_id, content, reply_to: None, image_url, public_id };
    send_to(&app, caller, Recipient::Person(UserId(receiver_id.0)), sending).await
}

async fn send_to(
    app: &App,
    caller: Caller,
    to: Recipient,
    sending: Sending,
) -> Result<Json<wire::Message>> {
    let pending = message::send(app, caller.user, to, sending, Utc::now()).await?;
    Ok(Json(message_to_wire(&pending.message().await?)))
}

/// Read the whole conversation with a user, the oldest message first.
#[utoipa::path(get, path = "/api/messages/{id}", tag = "messages", params(("id" = Id, Path, description = USER_ID)),
    responses((status = 200, body = Vec<wire::Message>)))]
pub(super) async fn conversation(
    State(app): State<App>,
    caller: Caller,
    ApiPath(receiver): ApiPath<Id>,
) -> Result<Json<Vec<wire::Message>>> {
    Ok(Json(history::conversation(&app, caller.user, UserId(receiver.0)).await?))
}

/// Which messages; at most one of `beforeSeq`, `afterSeq` and `aroundSeq`.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PageQuery {
    /// Messages just before this `seq`.
    before_seq: Option<u64>,
    /// Messages just after this `seq`.
    after_seq: Option<u64>,
    /// Messages on both sides of this `seq`, and the one at it.
    around_seq: Option<u64>,
    /// Number of messages, 1 to 200; 50 by default.
    limit: Option<u32>,
}

/// Read a page of a room's history; by default the newest messages.
#[utoipa::path(get, path = "/api/rooms/{id}/messages", tag = "messages", params(("id" = Id, Path, description = ROOM_ID), PageQuery),
    responses((status = 200, body = wire::HistoryPage)))]
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    ApiPath(id): ApiPath<Id>,
    ApiQuery(query): ApiQuery<PageQuery>,
) -> Result<Json<wire::HistoryPage>> {
    let place = match (query.before_seq, query.after_seq, query.around_seq) {
        (None, None, None) => Place::Newest,
        (Some(seq), None, None) => Place::Before(seq),
        (None, Some(seq), None) => Place::After(seq),
        (None, None, Some(seq)) => Place::Around(seq),
        _ => {
            let words = "give at most one of beforeSeq, afterSeq and aroundSeq";
            return Err(service::Error::Shape(words.to_owned()).into());
        }
    };
    let count = query.limit.unwrap_or(limit::PAGE_MESSAGES);
    if !(1..=limit::PAGE_MESSAGES_MAX).contains(&count) {
        let rule = format!("must be from 1 to {}", limit::PAGE_MESSAGES_MAX);
        return Err(service::Error::Invalid(Invalid::new("limit", rule)).into());
    }
    Ok(Json(history::page(&app, caller.user, RoomId(id.0), place, count).await?))
}

/// A cursor.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SyncQuery {
    /// Cursor of the client in the room; 0 where it has none.
    after: u64,
    /// The `epoch` of the `heads` event that the cursor belongs to. Where the store has another one
    /// by now, because a backup was restored, the answer is `reset`.
    epoch: Option<String>,
}

/// Read what changed in a room after a cursor, edits and deletions included.
#[utoipa::path(get, path = "/api/rooms/{id}/sync", tag = "messages", params(("id" = Id, Path, description = ROOM_ID), SyncQuery),
    responses((status = 200, body = wire::SyncPage)))]
pub(super) async fn sync(
    State(app): State<App>,
    caller: Caller,
    ApiPath(id): ApiPath<Id>,
    ApiQuery(SyncQuery { after, epoch }): ApiQuery<SyncQuery>,
) -> Result<Json<wire::SyncPage>> {
    Ok(Json(sync::room(&app, caller.user, RoomId(id.0), after, epoch.as_deref()).await?))
}

/// Edit the text of a message that the caller sent.
#[utoipa::path(patch, path = "/api/messages/{id}", tag = "messages", params(("id" = wire::MessageId, Path, description = MESSAGE_ID)),
    request_body = wire::EditMessage, responses((status = 200, body = wire::Message)))]
pub(super) async fn edit(
    State(app): State<App>,
    caller: Caller,
    ApiPath(id): ApiPath<wire::MessageId>,
    Body(wire::EditMessage { content }): Body<wire::EditMessage>,
) -> Result<Json<wire::Message>> {
    let pending =
        message::edit(&app, caller.user, message_id_from_wire(id), content, Utc::now()).await?;
    Ok(Json(message_to_wire(&pending.message().await?)))
}

/// Delete a message; a tombstone stays in its place.
#[utoipa::path(delete, path = "/api/messages/{id}", tag = "messages", params(("id" = wire::MessageId, Path, description = MESSAGE_ID)),
    responses((status = 200, body = wire::Message)))]
pub(super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    ApiPath(id): ApiPath<wire::MessageId>,
) -> Result<Json<wire::Message>> {
    let pending = message::delete(&app, caller.user, message_id_from_wire(id), Utc::now())?;
    Ok(Json(message_to_wire(&pending.message().await?)))
}

/// Add a reaction to a message.
#[utoipa::path(put, path = "/api/messages/{id}/reactions/{emoji}", tag = "messages",
    params(("id" = wire::MessageId, Path, description = MESSAGE_ID), ("emoji" = String, Path, description = EMOJI)),
    responses((status = 200, body = wire::Message)))]
pub(super) async fn react(
    State(app): State<App>,
    caller: Caller,
    ApiPath((id, emoji)): ApiPath<(wire::MessageId, String)>,
) -> Result<Json<wire::Message>> {
    set_reaction(&app, caller, id, &emoji, true).await
}

/// Remove a reaction from a message.
#[utoipa::path(delete, path = "/api/messages/{id}/reactions/{emoji}", tag = "messages",
    params(("id" = wire::MessageId, Path, description = MESSAGE_ID), ("emoji" = String, Path, description = EMOJI)),
    responses((status = 200, body = wire::Message)))]
pub(super) async fn unreact(
    State(app): State<App>,
    caller: Caller,
    ApiPath((id, emoji)): ApiPath<(wire::MessageId, String)>,
) -> Result<Json<wire::Message>> {
    set_reaction(&app, caller, id, &emoji, false).await
}

async fn set_reaction(
    app: &App,
    caller: Caller,
    id: wire::MessageId,
    emoji: &str,
    on: bool,
) -> Result<Json<wire::Message>> {
    let id = message_id_from_wire(id);
    let pending = message::react(app, caller.user, id, emoji, on, Utc::now())?;
    Ok(Json(message_to_wire(&pending.message().await?)))
}

/// Set the read marker of a room.
#[utoipa::path(put, path = "/api/rooms/{id}/read", tag = "messages", params(("id" = Id, Path, description = ROOM_ID)),
    request_body = wire::MarkRead, responses((status = 204, description = "Noted.")))]
pub(super) async fn mark_read(
    State(app): State<App>,
    caller: Caller,
    ApiPath(id): ApiPath<Id>,
    Body(wire::MarkRead { seq }): Body<wire::MarkRead>,
) -> Result<StatusCode> {
    marker::read(&app, caller.into(), RoomId(id.0), seq).await?;
    Ok(StatusCode::NO_CONTENT)
}
