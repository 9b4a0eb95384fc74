//! Recently ended sessions.
//!
//! Redis may lose its tombstones; this process keeps the ends as long as a cached session could
//! live.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use chat_domain::id::SessionId;
use parking_lot::Mutex;

/// Ended sessions that this process knows of.
pub(crate) struct EndedSessions {
    keep: Duration,
    /// Time of the last answered query for ended sessions.
    looked: Mutex<Instant>,
    ended: Mutex<HashMap<SessionId, Instant>>,
}

impl EndedSessions {
    /// Remembers each for `keep`.
    #[must_use]
    pub(crate) fn new(keep: Duration) -> Self {
        Self { keep, looked: Mutex::new(Instant::now()), ended: Mutex::default() }
    }

    /// Time since the store last answered. Sessions that ended since are unknown here.
    #[must_use]
    pub(crate) fn unseen_for(&self) -> Duration {
        self.looked.lock().elapsed()
    }

    /// A query begun at this time was answered.
    pub(crate) fn seen_until(&self, asked: Instant) {
        *self.looked.lock() = asked;
    }

    /// Records that a session ended; `true`: that was new.
    pub(crate) fn insert(&self, session: SessionId) -> bool {
        self.ended.lock().insert(session, Instant::now()).is_none()
    }

    /// Whether this session ended.
    #[must_use]
    pub(crate) fn contains(&self, session: SessionId) -> bool {
        self.ended.lock().contains_key(&session)
    }

    /// Removes those whose cached copies have expired.
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

        let ended = EndedSessions::new(Duration::from_mins(1));
        ended.insert(SessionId(1));
        ended.forget_old();
        assert!(ended.contains(SessionId(1)), "its copies live for a minute");
    }
}
