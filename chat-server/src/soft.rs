//! Soft state: gathered in the process and written to the store every second.
//!
//! A crash costs at most the last second of it, never a message.

use std::collections::HashMap;

use chat_domain::id::{RoomId, Seq, UserId};
use parking_lot::Mutex;
use tokio::sync::RwLock;

use crate::mysql::{self, Store};

/// Markers that are not in the store yet.
#[derive(Default)]
pub struct Markers {
    waiting: Mutex<HashMap<(RoomId, UserId), Seq>>,
    /// Held while markers are neither waiting nor written, by who writes those of everybody. Who
    /// finds none of one person's waiting may then rely on it that they are written.
    writing: RwLock<()>,
}

impl Markers {
    /// Notes a marker; markers only move forward.
    pub fn set(&self, room: RoomId, user: UserId, seq: Seq) {
        let mut markers = self.waiting.lock();
        let marker = markers.entry((room, user)).or_default();
        *marker = seq.max(*marker);
    }

    /// Writes one person's markers, so that they read what they wrote.
    pub async fn flush_of(&self, store: &Store, user: UserId) -> mysql::Result<()> {
        let _written = self.writing.read().await;
        let mine: Vec<_> = {
            let mut markers = self.waiting.lock();
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
        let _writing = self.writing.write().await;
        let all = std::mem::take(&mut *self.waiting.lock());
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
