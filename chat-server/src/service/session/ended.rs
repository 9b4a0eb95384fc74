//! Sessions that ended a short while ago.
//!
//! Redis may forget its tombstones; this process does not, as long as a cached session could live.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use chat_domain::id::SessionId;
use parking_lot::Mutex;

/// Sessions that ended, as far as this process was notified.
pub(crate) struct EndedSessions {
    keep: Duration,
    /// When the store was last asked which sessions ended, and answered.
    looked: Mutex<Instant>,
    ended: Mutex<HashMap<SessionId, Instant>>,
}

impl EndedSessions {
    /// Remembers each for `keep`.
    #[must_use]
    pub(crate) fn new(keep: Duration) -> Self {
        Self { keep, looked: Mutex::new(Instant::now()), ended: Mutex::default() }
    }

    /// How long it is that the store last answered. What ended since is known to nobody here.
    #[must_use]
    pub(crate) fn unseen_for(&self) -> Duration {
        self.looked.lock().elapsed()
    }

    /// The store was asked at this time, and has answered.
    pub(crate) fn seen_until(&self, asked: Instant) {
        *self.looked.lock() = asked;
    }

    /// Remembers that a session ended; was that news.
    pub(crate) fn insert(&self, session: SessionId) -> bool {
        self.ended.lock().insert(session, Instant::now()).is_none()
    }

    /// Did this session end.
    #[must_use]
    pub(crate) fn contains(&self, session: SessionId) -> bool {
        self.ended.lock().contains_key(&session)
    }

    /// Forgets those whose cached copies are gone by now.
    pub(crate) fn forget_old(&self) {
        self.ended.lock().retain(|_, at| at.elapsed() < self.keep);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_looked_at_is_looked_at_later() {
        let ended = EndedSessions::new(Duration::ZERO);
        let Some(long_ago) = Instant::now().checked_sub(Duration::from_mins(1)) else { return };
        ended.seen_until(long_ago);
        assert!(ended.unseen_for() >= Duration::from_mins(1));
        ended.seen_until(Instant::now());
        assert!(ended.unseen_for() < Duration::from_mins(1));
    }

    #[test]
    fn the_end_is_news_once_and_forgotten_in_time() {
        let ended = EndedSessions::new(Duration::ZERO);
        assert!(ended.insert(SessionId(1)));
        assert!(!ended.insert(SessionId(1)));
        assert!(ended.contains(SessionId(1)));
        ended.forget_old();
        assert!(!ended.contains(SessionId(1)));
    }
}
