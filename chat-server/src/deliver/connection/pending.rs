//! Sockets with pending work: connections that are not confirmed to the client yet, sockets that
//! have missed an event, and sockets that could not be closed yet.

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::time::Instant;

use super::Conn;

/// A connection that was not confirmed within this time was lost during the handshake.
const ENTERING_TIMEOUT: Duration = Duration::from_secs(15);
/// A socket that accepts no event for so long is closed. Shorter than the time after which the
/// system, or the protocol library, disconnects it without a reason: a client that resumes reading
/// gets the reason.
const LAGGING_TIMEOUT: Duration = Duration::from_secs(10);

/// See the module.
#[derive(Default)]
pub(in crate::deliver) struct Pending {
    /// Connections that are not confirmed yet; since when.
    entering: Mutex<Vec<(Arc<Conn>, Instant)>>,
    /// Sockets that have missed an event; since when.
    lagging: Mutex<Vec<(Arc<Conn>, Instant)>>,
    /// Sockets to be closed whose send queues had no room for the reason.
    closing: Mutex<Vec<Arc<Conn>>>,
}

impl Pending {
    /// A socket connects.
    pub(in crate::deliver) fn entering(&self, conn: &Arc<Conn>) {
        self.entering.lock().push((conn.clone(), Instant::now()));
    }

    /// A socket has missed an event: it will be asked to sync.
    pub(in crate::deliver) fn lagging(&self, conn: &Arc<Conn>) {
        let mut lagging = self.lagging.lock();
        if !lagging.iter().any(|(other, _)| Arc::ptr_eq(other, conn)) {
            lagging.push((conn.clone(), Instant::now()));
        }
    }

    /// A socket is to be closed, and could not be closed so far.
    pub(in crate::deliver) fn closing(&self, conn: &Arc<Conn>) {
        self.closing.lock().push(conn.clone());
    }

    /// Asks lagging sockets to sync; returns how many, and those that no longer accept events.
    pub(in crate::deliver) fn resync(&self) -> (u64, Vec<Arc<Conn>>) {
        let (mut resynced, mut too_slow) = (0, Vec::new());
        let lagging = std::mem::take(&mut *self.lagging.lock());
        for (conn, since) in lagging {
            if !conn.is_lagging() {
                continue;
            }
            if conn.try_resync() {
                resynced += 1;
            } else if since.elapsed() > LAGGING_TIMEOUT {
                too_slow.push(conn);
            } else {
                self.lagging.lock().push((conn, since));
            }
        }
        (resynced, too_slow)
    }

    /// Closes those that can be closed now.
    pub(in crate::deliver) fn close(&self) {
        self.closing.lock().retain(|conn| !conn.try_close());
    }

    /// Removes connections that were never confirmed, and returns them.
    pub(in crate::deliver) fn take_overdue(&self) -> Vec<Arc<Conn>> {
        let mut gone = Vec::new();
        self.entering.lock().retain(|(conn, since)| {
            let is_late = conn.is_held() && since.elapsed() > ENTERING_TIMEOUT;
            gone.extend(is_late.then(|| conn.clone()));
            conn.is_held() && !is_late
        });
        gone
    }
}
