//! Typing: a best-effort event; nothing is stored.

use std::sync::Arc;

use chat_contract::wire::{Id, TypingEvent};
use chat_domain::{id::RoomId, limit};

use super::{access::check_member, size};
use crate::{
    deliver::{Conn, Ephemeral},
    service::{App, Result},
};

/// Notifies the other members of a room that is not too large that a member is typing, at most once
/// in two seconds.
pub(crate) async fn typing(app: &App, conn: &Arc<Conn>, room: RoomId) -> Result<()> {
    check_member(app, conn.into(), room).await?;
    if size(app, room).await <= limit::TYPING_MEMBERS_MAX && conn.may_type_now() {
        let event = TypingEvent { room_id: Id(room.0), user_id: Id(conn.user.0) };
        app.hub.ephemeral(room, Ephemeral::Typing, &event, Some(conn.user));
    }
    Ok(())
}
