//! Read markers: soft state, gathered here and written to the store every second.
//!
//! A crash costs at most the last second of a marker, never a message.

use std::time::{Duration, Instant};

use chat_contract::wire::{Id, ReadMarkerEvent};
use chat_domain::{
    id::{RoomId, Seq, UserId},
    limit,
};
use tokio_util::sync::CancellationToken;

use crate::{app::App, deliver::Ephemeral};

/// How often markers are written.
const EVERY: Duration = Duration::from_secs(1);

/// Somebody has read up to `seq`: their other devices hear of it, and a small room does.
pub fn moved(app: &App, user: UserId, room: RoomId, seq: Seq) {
    app.markers.set(room, user, seq);
    let event = ReadMarkerEvent { room_id: Id(room.0), user_id: Id(user.0), seq };
    if app.hub.hearers(room) <= limit::READ_RECEIPT_MEMBERS_MAX {
        app.hub.ephemeral(room, Ephemeral::ReadMarker, &event, None);
    } else {
        app.hub.to_user(user, Ephemeral::ReadMarker, &event);
    }
}

/// Writes markers every second, and a last time at the end.
pub async fn run(app: App, stopping: CancellationToken) {
    loop {
        let stop = tokio::select! {
            () = tokio::time::sleep(EVERY) => false,
            () = stopping.cancelled() => true,
        };
        let began = Instant::now();
        let flushed = app.markers.flush(&app.store).await;
        app.metrics.job_done("write_markers", began, flushed.is_ok());
        if let Err(error) = flushed {
            tracing::warn!(%error, "read markers not written yet");
        }
        if stop {
            return;
        }
    }
}
