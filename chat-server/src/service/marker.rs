//! Read markers: soft state, written to the store every second.

use chat_contract::wire::{Id, ReadMarkerEvent};
use chat_domain::{
    id::{RoomId, Seq, UserId},
    limit,
};

use crate::{app::App, deliver::Ephemeral};

/// Somebody has read up to `seq`: their other devices hear of it, and a small room does.
pub fn moved(app: &App, user: UserId, room: RoomId, seq: Seq) {
    app.soft.mark_read(room, user, seq);
    let event = ReadMarkerEvent { room_id: Id(room.0), user_id: Id(user.0), seq };
    if app.hub.subscriber_count(room) <= limit::READ_RECEIPT_MEMBERS_MAX {
        app.hub.ephemeral(room, Ephemeral::ReadMarker, &event, None);
    } else {
        app.hub.to_user(user, Ephemeral::ReadMarker, &event, None);
    }
}
