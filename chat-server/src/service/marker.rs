//! Read markers: soft state, gathered here and written to the store every second.
//!
//! A crash costs at most the last second of a marker, never a message.

use std::{collections::HashMap, time::Duration};

use chat_contract::wire::{Id, ReadMarkerEvent};
use chat_domain::{
    id::{RoomId, Seq, UserId},
    limit,
};
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use crate::{app::App, deliver::Ephemeral, mysql::Store};

/// How often markers are written.
const EVERY: Duration = Duration::from_secs(1);

/// Markers that are not in the store yet.
#[derive(Default)]
pub struct Markers(Mutex<HashMap<(RoomId, UserId), Seq>>);

impl Markers {
    /// Notes a marker; markers only move forward.
    pub fn set(&self, room: RoomId, user: UserId, seq: Seq) {
        let mut markers = self.0.lock();
        let marker = markers.entry((room, user)).or_default();
        *marker = seq.max(*marker);
    }

    /// Writes one person's markers, so that they read what they wrote.
    pub async fn flush_of(&self, store: &Store, user: UserId) -> crate::mysql::Result<()> {
        let mine: Vec<_> = {
            let mut markers = self.0.lock();
            let mine: Vec<_> = markers
                .iter()
                .filter(|((_, who), _)| *who == user)
                .map(|((room, who), seq)| (*room, *who, *seq))
                .collect();
            for (room, who, _) in &mine {
                markers.remove(&(*room, *who));
            }
            mine
        };
        self.write(store, mine).await
    }

    async fn flush(&self, store: &Store) -> crate::mysql::Result<()> {
        let all = std::mem::take(&mut *self.0.lock());
        self.write(store, all.into_iter().map(|((room, user), seq)| (room, user, seq)).collect())
            .await
    }

    async fn write(
        &self,
        store: &Store,
        markers: Vec<(RoomId, UserId, Seq)>,
    ) -> crate::mysql::Result<()> {
        let written = store.mark_read(&markers).await;
        if written.is_err() {
            // The next second tries again.
            for (room, user, seq) in markers {
                self.set(room, user, seq);
            }
        }
        written
    }
}

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
        if let Err(error) = app.markers.flush(&app.store).await {
            tracing::warn!(%error, "read markers not written yet");
        }
        if stop {
            return;
        }
    }
}
