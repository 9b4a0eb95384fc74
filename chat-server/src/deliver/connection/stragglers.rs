//! Sockets that something is still to be done for: those whose clients do not know yet that they
//! are connected, those that have missed something, and those that could not be closed yet.

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::time::Instant;

use super::Conn;

/// Whose client did not learn by then that it is connected, has gone during the handshake.
const ENTERING_TIMEOUT: Duration = Duration::from_secs(15);
/// A socket that takes nothing for so long is closed. Shorter than the time after which the
/// system, or the protocol's library, cuts it off without a word: a client that takes up reading
/// again learns why.
const LAGGING_TIMEOUT: Duration = Duration::from_secs(10);

/// See the module.
#[derive(Default)]
pub(in crate::deliver) struct Stragglers {
    /// Their clients do not know yet that they are connected; since when.
    entering: Mutex<Vec<(Arc<Conn>, Instant)>>,
    /// They have missed something; since when.
    lagging: Mutex<Vec<(Arc<Conn>, Instant)>>,
    /// They are to be closed, and their queues have had no room for that.
    closing: Mutex<Vec<Arc<Conn>>>,
}

impl Stragglers {
    /// A socket comes in.
    pub(in crate::deliver) fn entering(&self, conn: &Arc<Conn>) {
        self.entering.lock().push((conn.clone(), Instant::now()));
    }

    /// A socket has missed something: it will be asked to sync.
    pub(in crate::deliver) fn lagging(&self, conn: &Arc<Conn>) {
        let mut lagging = self.lagging.lock();
        if !lagging.iter().any(|(other, _)| Arc::ptr_eq(other, conn)) {
            lagging.push((conn.clone(), Instant::now()));
        }
    }

    /// A socket is to be closed, and could not be so far.
    pub(in crate::deliver) fn closing(&self, conn: &Arc<Conn>) {
        self.closing.lock().push(conn.clone());
    }

    /// Asks those that have missed something to sync; how many, and those that take nothing any
    /// more.
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

    /// Those whose clients never learned that they are connected.
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
