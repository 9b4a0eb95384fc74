//! Soft state: collected in the process and written to the store every second.
//!
//! A crash loses at most the last second of it, never a message.

pub(crate) mod draft;
pub(crate) mod marker;

use std::{collections::HashMap, sync::Arc};

use chat_domain::{
    draft::Draft,
    id::{RoomId, Seq, UserId},
};
use parking_lot::Mutex;

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
    async fn write(store: &Store, news: &[(RoomId, UserId, Arc<Self>)]) -> mysql::Result<()>;
}

impl State for Seq {
    fn merge(self, news: Self) -> Self {
        self.max(news)
    }

    async fn write(store: &Store, news: &[(RoomId, UserId, Arc<Self>)]) -> mysql::Result<()> {
        let markers: Vec<_> = news.iter().map(|(room, user, seq)| (*room, *user, **seq)).collect();
        store.mark_read(&markers).await
    }
}

impl State for Draft {
    fn merge(self, news: Self) -> Self {
        self.later(news)
    }

    async fn write(store: &Store, news: &[(RoomId, UserId, Arc<Self>)]) -> mysql::Result<()> {
        store.write_drafts(news).await
    }
}

/// State waits until it is written, also during the write: if nothing of a user waits, the store has
/// it. So two flushes at once may write the same twice, which changes nothing.
struct Waiting<T>(Mutex<HashMap<(RoomId, UserId), Arc<T>>>);

impl<T> Default for Waiting<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: State> Waiting<T> {
    fn set(&self, room: RoomId, user: UserId, news: T) {
        let mut waiting = self.0.lock();
        let key = (room, user);
        let merged = match waiting.remove(&key) {
            Some(known) => Arc::unwrap_or_clone(known).merge(news),
            None => news,
        };
        waiting.insert(key, Arc::new(merged));
    }

    fn has_room(&self, room: RoomId, user: UserId, max: usize) -> bool {
        let waiting = self.0.lock();
        waiting.len() < max || waiting.contains_key(&(room, user))
    }

    async fn flush_of(&self, store: &Store, user: UserId) -> mysql::Result<()> {
        self.write(store, self.waiting(|who| who == user)).await
    }

    async fn flush(&self, store: &Store) -> mysql::Result<()> {
        self.write(store, self.waiting(|_| true)).await
    }

    fn waiting(&self, of: impl Fn(UserId) -> bool) -> Vec<(RoomId, UserId, Arc<T>)> {
        let waiting = self.0.lock();
        let own = waiting.iter().filter(|((_, user), _)| of(*user));
        own.map(|((room, user), state)| (*room, *user, state.clone())).collect()
    }

    async fn write(
        &self,
        store: &Store,
        mut news: Vec<(RoomId, UserId, Arc<T>)>,
    ) -> mysql::Result<()> {
        // All servers lock the rows in the same order, so there are no deadlocks.
        news.sort_by_key(|(room, user, _)| (*user, *room));
        T::write(store, &news).await?;
        self.written(&news);
        Ok(())
    }

    /// What changed during the write still waits.
    fn written(&self, news: &[(RoomId, UserId, Arc<T>)]) {
        let mut waiting = self.0.lock();
        for (room, user, state) in news {
            let key = (*room, *user);
            if waiting.get(&key).is_some_and(|now| Arc::ptr_eq(now, state)) {
                waiting.remove(&key);
            }
        }
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

    #[test]
    fn state_waits_until_it_is_written_and_news_beyond_that() {
        let (ada, ben) = (UserId(1), UserId(2));
        let markers = Waiting::<Seq>::default();
        markers.set(RoomId(1), ada, 5);
        markers.set(RoomId(1), ben, 7);
        let of = |user| markers.waiting(|who| who == user);
        let first = of(ada);
        assert_eq!(first, of(ada), "it waits while it is written");
        markers.set(RoomId(1), ada, 6);
        markers.written(&first);
        assert_eq!(of(ada), [(RoomId(1), ada, Arc::new(6))]);
        markers.set(RoomId(1), ada, 4);
        markers.written(&of(ada));
        assert!(of(ada).is_empty() && of(ben).len() == 1);
    }
}
