//! Sessions that ended a short while ago.
//!
//! Redis may forget its tombstones; this process does not, as long as a cached session could live.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use chat_domain::id::SessionId;
use parking_lot::Mutex;

/// Sessions of which this process has heard that they ended.
pub struct EndedSessions {
    keep: Duration,
    ended: Mutex<HashMap<SessionId, Instant>>,
}

impl EndedSessions {
    /// Remembers each for `keep`.
    #[must_use]
    pub fn new(keep: Duration) -> Self {
        Self { keep, ended: Mutex::default() }
    }

    /// Remembers that a session ended; was that news.
    pub fn insert(&self, session: SessionId) -> bool {
        self.ended.lock().insert(session, Instant::now()).is_none()
    }

    /// Did this session end.
    #[must_use]
    pub fn contains(&self, session: SessionId) -> bool {
        self.ended.lock().contains_key(&session)
    }

    /// Forgets those whose cached copies are gone by now.
    pub fn forget_old(&self) {
        self.ended.lock().retain(|_, at| at.elapsed() < self.keep);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
