//! Read markers: soft state, written to the store every second.

use chat_contract::wire::{Id, ReadMarkerEvent};
use chat_domain::{
    id::{RoomId, Seq},
    limit,
};

use crate::{
    deliver::Ephemeral,
    service::{
        App, Result,
        room::{self, Actor},
    },
};

/// A member has read up to `seq`, or to the head of the room where that is lower: notifies their
/// other devices, and in a room that is not too large all members.
pub(crate) async fn read(app: &App, actor: Actor<'_>, room: RoomId, seq: Seq) -> Result<()> {
    let seq = room::clamp_to_head(app, actor, room, seq).await?;
    let user = actor.user;
    app.soft_state.mark_read(room, user, seq);
    let event = ReadMarkerEvent { room_id: Id(room.0), user_id: Id(user.0), seq };
    if room::size(app, room).await <= limit::READ_RECEIPT_MEMBERS_MAX {
        app.hub.ephemeral(room, Ephemeral::ReadMarker, &event, None);
    } else {
        app.hub.to_user(user, Ephemeral::ReadMarker, &event, None);
    }
    Ok(())
}
