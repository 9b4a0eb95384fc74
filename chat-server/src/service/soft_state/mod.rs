//! Soft state: collected in the process and written to the store every second.
//!
//! A crash loses at most the last second of it, never a message.

pub(crate) mod draft;
pub(crate) mod marker;

use std::collections::HashMap;

use chat_domain::{
    draft::Draft,
    id::{RoomId, Seq, UserId},
};
use parking_lot::Mutex;
use tokio::sync::RwLock;

use super::App;
use crate::mysql::{self, Store};

/// Drafts that may wait while the store is unavailable: at most 128 MB.
const DRAFTS_MAX: usize = 4_096;

/// State that is not in the store yet.
#[derive(Default)]
pub(super) struct SoftState {
    markers: Waiting<Seq>,
    drafts: Waiting<Draft>,
}

impl SoftState {
    /// Records a read marker; markers only move forward.
    pub(super) fn mark_read(&self, room: RoomId, user: UserId, seq: Seq) {
        self.markers.set(room, user, seq);
    }

    /// Records a draft; the latest one counts. `false`: too many wait already.
    #[must_use]
    pub(super) fn set_draft(&self, room: RoomId, user: UserId, draft: Draft) -> bool {
        let room_for_it = self.drafts.has_room(room, user, DRAFTS_MAX);
        if room_for_it {
            self.drafts.set(room, user, draft);
        }
        room_for_it
    }

    /// Writes the state of one user, so that they read their own writes.
    pub(super) async fn flush_of(&self, store: &Store, user: UserId) -> mysql::Result<()> {
        let markers = self.markers.flush_of(store, user).await;
        self.drafts.flush_of(store, user).await.and(markers)
    }

    /// Writes the state of all users.
    pub(super) async fn flush(&self, store: &Store) -> mysql::Result<()> {
        let markers = self.markers.flush(store).await;
        self.drafts.flush(store).await.and(markers)
    }
}

/// Writes all read markers and drafts to the store; returns whether it succeeded. The next call
/// retries the rest.
pub(crate) async fn write(app: &App) -> bool {
    let written = app.soft_state.flush(&app.store).await;
    if let Err(error) = &written {
        tracing::warn!(%error, "read markers or drafts not written yet");
    }
    written.is_ok()
}

/// Soft state of a user in a room.
trait State: Clone {
    /// Merges waiting state with new state, which may be older.
    fn merge(self, news: Self) -> Self;

    /// Writes many; each is merged with the state in the store in the same way.
    async fn write(store: &Store, news: &[(RoomId, UserId, Self)]) -> mysql::Result<()>;
}

impl State for Seq {
    fn merge(self, news: Self) -> Self {
        self.max(news)
    }

    async fn write(store: &Store, news: &[(RoomId, UserId, Self)]) -> mysql::Result<()> {
        store.mark_read(news).await
    }
}

impl State for Draft {
    fn merge(self, news: Self) -> Self {
        self.later(news)
    }

    async fn write(store: &Store, news: &[(RoomId, UserId, Self)]) -> mysql::Result<()> {
        store.write_drafts(news).await
    }
}

struct Waiting<T> {
    waiting: Mutex<HashMap<(RoomId, UserId), T>>,
    /// Held by a flush of all users, while state is neither waiting nor written. So if nothing of a
    /// user waits, it is written.
    writing: RwLock<()>,
}

impl<T> Default for Waiting<T> {
    fn default() -> Self {
        Self { waiting: Mutex::default(), writing: RwLock::default() }
    }
}

impl<T: State> Waiting<T> {
    fn set(&self, room: RoomId, user: UserId, news: T) {
        let mut waiting = self.waiting.lock();
        let key = (room, user);
        let merged = match waiting.remove(&key) {
            Some(known) => known.merge(news),
            None => news,
        };
        waiting.insert(key, merged);
    }

    fn has_room(&self, room: RoomId, user: UserId, max: usize) -> bool {
        let waiting = self.waiting.lock();
        waiting.len() < max || waiting.contains_key(&(room, user))
    }

    async fn flush_of(&self, store: &Store, user: UserId) -> mysql::Result<()> {
        let _written = self.writing.read().await;
        let mine = self.waiting.lock().extract_if(|(_, who), _| *who == user).collect();
        self.write(store, mine).await
    }

    async fn flush(&self, store: &Store) -> mysql::Result<()> {
        let _writing = self.writing.write().await;
        let all = std::mem::take(&mut *self.waiting.lock());
        self.write(store, all.into_iter().collect()).await
    }

    async fn write(&self, store: &Store, state: Vec<((RoomId, UserId), T)>) -> mysql::Result<()> {
        let mut news: Vec<_> =
            state.into_iter().map(|((room, user), state)| (room, user, state)).collect();
        // All servers lock the rows in the same order, so there are no deadlocks.
        news.sort_by_key(|(room, user, _)| (*user, *room));
        let written = T::write(store, &news).await;
        if written.is_err() {
            // The next flush retries.
            for (room, user, state) in news {
                self.set(room, user, state);
            }
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_many_drafts_wait_and_each_can_still_change() {
        let soft = SoftState::default();
        let draft = |content: &str| Draft::parse(content.to_owned(), None, chrono::Utc::now());
        let set = |room: usize| soft.set_draft(RoomId(room as u64), UserId(1), draft("x").unwrap());
        assert!((0..DRAFTS_MAX).all(set));
        assert!(!set(DRAFTS_MAX) && set(0));
    }
}
