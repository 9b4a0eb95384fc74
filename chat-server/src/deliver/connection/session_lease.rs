//! The session of a socket: when it ends, as far as this server knows, and whether the socket is in
//! use.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use chat_domain::{account::SessionLife, id::SessionId};
use chrono::{DateTime, Utc};

use super::{Conn, Connections};

/// See the module.
#[derive(Debug)]
pub(crate) struct SessionLease {
    /// Which session.
    pub id: SessionId,
    /// Last use that the store knows of, in microseconds since 1970.
    used_at: AtomicI64,
    /// When it expires without use, in microseconds since 1970.
    expires_at: AtomicI64,
    /// A command arrived since the last check.
    in_use: AtomicBool,
}

/// Result of a check of the sessions of all sockets.
#[derive(Debug, Default)]
pub(crate) struct Looked {
    /// Sessions in use whose last use is to be stored.
    pub in_use: Vec<SessionId>,
    /// Expired sessions, unless another server or a request has used them later.
    pub at_end: Vec<SessionId>,
}

impl SessionLease {
    /// A session as read from the store.
    #[must_use]
    pub(crate) fn new(id: SessionId, used_at: DateTime<Utc>, expires_at: DateTime<Utc>) -> Self {
        Self {
            id,
            used_at: used_at.timestamp_micros().into(),
            expires_at: expires_at.timestamp_micros().into(),
            in_use: AtomicBool::new(false),
        }
    }

    /// A command has arrived. Reads first: the mark is mostly set already, and a write costs more.
    pub(crate) fn touch(&self) {
        if !self.in_use.load(Ordering::Relaxed) {
            self.in_use.store(true, Ordering::Relaxed);
        }
    }

    fn renew(&self, SessionLife { used_at, expires_at }: SessionLife) {
        self.used_at.store(used_at.timestamp_micros(), Ordering::Relaxed);
        self.expires_at.store(expires_at.timestamp_micros(), Ordering::Relaxed);
    }

    fn is_in_use_since(&self, due: DateTime<Utc>) -> bool {
        self.used_at.load(Ordering::Relaxed) <= due.timestamp_micros()
            && self.in_use.swap(false, Ordering::Relaxed)
    }

    fn is_at_end(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.load(Ordering::Relaxed) <= now.timestamp_micros()
    }
}

impl Connections {
    /// Checks the sessions of all sockets: which are in use with a stored use as old as `due`, and
    /// which have expired.
    pub(in crate::deliver) fn look_at_sessions(
        &self,
        due: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Looked {
        let mut looked = Looked::default();
        self.look(|conn| {
            if conn.is_closed() {
                return;
            }
            if conn.session.is_in_use_since(due) {
                looked.in_use.push(conn.session.id);
            }
            if conn.session.is_at_end(now) {
                looked.at_end.push(conn.session.id);
            }
        });
        for list in [&mut looked.in_use, &mut looked.at_end] {
            list.sort_unstable();
            list.dedup();
        }
        looked
    }

    /// Updates these sessions from the store; returns the sockets of those that have ended.
    pub(in crate::deliver) fn renew_sessions(
        &self,
        asked: &[SessionId],
        lives: &HashMap<SessionId, SessionLife>,
    ) -> Vec<Arc<Conn>> {
        let asked: HashSet<SessionId> = asked.iter().copied().collect();
        let mut over = Vec::new();
        for conn in self.all() {
            match lives.get(&conn.session.id) {
                Some(life) => conn.session.renew(*life),
                None if asked.contains(&conn.session.id) => over.push(conn),
                None => {}
            }
        }
        over
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_use_is_noted_once_and_seldom() {
        let now = Utc::now();
        let later = |seconds| now + TimeDelta::seconds(seconds);
        let lease = SessionLease::new(SessionId(1), now, later(60));
        assert!(!lease.is_in_use_since(later(5)), "nothing has come");
        lease.touch();
        assert!(!lease.is_in_use_since(later(-5)), "noted a short while ago");
        assert!(lease.is_in_use_since(later(5)));
        assert!(!lease.is_in_use_since(later(5)), "nothing has come since");
        assert!(!lease.is_at_end(later(59)));
        assert!(lease.is_at_end(later(60)));
        lease.renew(SessionLife { used_at: later(30), expires_at: later(90) });
        assert!(!lease.is_at_end(later(60)));
    }
}
