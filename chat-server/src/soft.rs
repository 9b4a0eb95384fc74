//! Soft state: gathered in the process and written to the store every second.
//!
//! A crash costs at most the last second of it, never a message.

use std::collections::HashMap;

use chat_domain::id::{RoomId, Seq, UserId};
use parking_lot::Mutex;

use crate::mysql::{self, Store};

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
    pub async fn flush_of(&self, store: &Store, user: UserId) -> mysql::Result<()> {
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

    /// Writes everybody's.
    pub async fn flush(&self, store: &Store) -> mysql::Result<()> {
        let all = std::mem::take(&mut *self.0.lock());
        self.write(store, all.into_iter().map(|((room, user), seq)| (room, user, seq)).collect())
            .await
    }

    async fn write(&self, store: &Store, markers: Vec<(RoomId, UserId, Seq)>) -> mysql::Result<()> {
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
