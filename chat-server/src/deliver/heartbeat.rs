//! What makes every hint dispensable: at each heartbeat the store is asked what is so.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use chat_contract::wire::{ClosingReason, HeadsEvent, Id, event_name};
use chat_domain::id::RoomId;
use tokio_util::sync::CancellationToken;

use super::{Hub, conn::Conn};
use crate::redis::channel::Channel;

/// While Redis is away nothing but the heartbeat tells of other servers' changes.
const WITHOUT_REDIS: Duration = Duration::from_secs(1);
/// How often new memberships are looked for.
const MEMBERS: Duration = Duration::from_secs(1);
/// How far back: longer than any transaction is under way.
const LOOK_BACK: Duration = Duration::from_secs(10);
/// Heartbeats for which a room without sockets is kept, because people come back.
const KEEP_EMPTY: u32 = 15;
/// Whose client was not told by then that it is connected, has gone during the handshake.
const ENTERING_MAX: Duration = Duration::from_secs(15);
/// How often sockets that have missed something are looked at.
const LAGGING: Duration = Duration::from_millis(250);
/// A socket that takes nothing for so long is closed. Shorter than the time after which the
/// system, or the protocol's library, cuts it off without a word: a client that takes up reading
/// again learns why.
const LAGGING_MAX: Duration = Duration::from_secs(10);

impl Hub {
    /// Compares heads at each heartbeat, until the server stops.
    pub async fn heartbeat(self, every: Duration, stopping: CancellationToken) {
        loop {
            let wait = if self.inner.bus.is_connected() { every } else { every.min(WITHOUT_REDIS) };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = stopping.cancelled() => return,
            }
            self.inner.metrics.redis_connected.set(i64::from(self.inner.bus.is_connected()));
            let rooms: Vec<RoomId> = self.inner.rooms.read().keys().copied().collect();
            self.inner.metrics.rooms_served.set(i64::try_from(rooms.len()).unwrap_or(i64::MAX));
            self.read_heads(&rooms).await;
            self.tell_heads();
            self.sweep().await;
        }
    }

    /// Looks for new memberships, in case the hint was lost.
    pub async fn watch_members(self, stopping: CancellationToken) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(MEMBERS) => {}
                () = stopping.cancelled() => return,
            }
            let since = chrono::Utc::now() - LOOK_BACK;
            match self.inner.store.members_joined_since(since).await {
                Ok(members) => self.check_members(&members),
                Err(error) => tracing::debug!(%error, "new members could not be read"),
            }
        }
    }

    /// Tells sockets that have missed something to sync, or closes them; closes those that had no
    /// room to be told why; and lets go of those whose clients never learned that they are there.
    pub async fn watch_lagging(self, stopping: CancellationToken) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(LAGGING) => {}
                () = stopping.cancelled() => return,
            }
            let lagging = std::mem::take(&mut *self.inner.lagging.lock());
            for (conn, since) in lagging {
                if !conn.is_lagging() {
                    continue;
                }
                if conn.try_resync() {
                    self.inner.metrics.resyncs.inc();
                } else if since.elapsed() > LAGGING_MAX {
                    self.close(&conn, ClosingReason::TooSlow);
                } else {
                    self.inner.lagging.lock().push((conn, since));
                }
            }
            self.inner.closing.lock().retain(|conn| !conn.try_close());
            let mut gone = Vec::new();
            self.inner.entering.lock().retain(|(conn, since)| {
                let is_late = conn.is_held() && since.elapsed() > ENTERING_MAX;
                gone.extend(is_late.then(|| conn.clone()));
                conn.is_held() && !is_late
            });
            for conn in gone {
                self.disconnect(&conn).await;
            }
        }
    }

    /// Tells each socket the heads of those of its rooms that changed since the last heartbeat,
    /// so that it notices when the last event of a room was lost on the way.
    fn tell_heads(&self) {
        let rooms: Vec<_> = self.inner.rooms.read().values().cloned().collect();
        let mut told: BTreeMap<usize, (Arc<Conn>, BTreeMap<Id, u64>)> = BTreeMap::new();
        let mut waiting = 0;
        for room in rooms {
            let mut state = room.state.lock();
            waiting += state.waiting();
            // What is still queued comes by itself.
            let delivered = state.delivered;
            if delivered <= state.told {
                continue;
            }
            state.told = delivered;
            for conn in state.hearers.conns() {
                let entry = told
                    .entry(Arc::as_ptr(conn) as usize)
                    .or_insert_with(|| (conn.clone(), BTreeMap::new()));
                entry.1.insert(Id(room.id.0), delivered);
            }
        }
        self.inner.metrics.delivery_queue.set(i64::try_from(waiting).unwrap_or(i64::MAX));
        for (conn, heads) in told.into_values() {
            let event = HeadsEvent { epoch: self.inner.epoch.clone(), heads };
            self.emit(&conn, event_name::HEADS, &event);
        }
    }

    /// Lets go of rooms that nobody here has heard for a while.
    async fn sweep(&self) {
        let mut gone: Vec<RoomId> = Vec::new();
        {
            let mut rooms = self.inner.rooms.write();
            rooms.retain(|id, room| {
                let mut state = room.state.lock();
                state.empty_beats =
                    if state.hearers.is_empty() { state.empty_beats + 1 } else { 0 };
                let keep = state.empty_beats < KEEP_EMPTY;
                if !keep {
                    gone.push(*id);
                }
                keep
            });
        }
        if gone.is_empty() {
            return;
        }
        let channels = |ids: &[RoomId]| ids.iter().map(|id| Channel::room(*id)).collect();
        if let Err(error) = self.inner.bus.unsubscribe(channels(&gone)).await {
            tracing::debug!(%error, "channels could not be left");
        }
        // Somebody may have come back meanwhile.
        gone.retain(|id| self.room(*id).is_some());
        if !gone.is_empty() && self.inner.bus.subscribe(channels(&gone)).await.is_ok() {
            self.read_heads(&gone).await;
        }
    }
}
