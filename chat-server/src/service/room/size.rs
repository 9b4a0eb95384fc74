//! How many members a room has, as far as that decides who hears of typing and of read markers.

use chat_domain::id::RoomId;

use crate::service::App;

/// Sockets of this server that hear the room.
pub(in crate::service) async fn size(app: &App, room: RoomId) -> usize {
    std::future::ready(app.hub.hearers(room)).await
}
