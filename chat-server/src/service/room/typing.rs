//! Typing: an event that may be lost, and nothing is stored.

use std::sync::Arc;

use chat_contract::wire::{Id, TypingEvent};
use chat_domain::{id::RoomId, limit};

use super::{access::check_member, size};
use crate::{
    deliver::{Conn, Ephemeral},
    service::{App, Result},
};

/// A member is typing: the others of a room that is not too large hear of it, once in two seconds
/// at most.
pub(crate) async fn typing(app: &App, conn: &Arc<Conn>, room: RoomId) -> Result<()> {
    check_member(app, conn.into(), room).await?;
    if size(app, room).await <= limit::TYPING_MEMBERS_MAX && conn.may_type_now() {
        let event = TypingEvent { room_id: Id(room.0), user_id: Id(conn.user.0) };
        app.hub.ephemeral(room, Ephemeral::Typing, &event, Some(conn.user));
    }
    Ok(())
}
