//! The heartbeat: compares the state of this server with the store, so no notification is
//! indispensable.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use chat_contract::wire::{ClosingReason, HeadsEvent, Id, event_name};
use chat_domain::id::RoomId;
use tokio_util::sync::CancellationToken;

use super::{Conn, Hub};
use crate::redis::channel::Channel;

/// Interval while Redis is unavailable: then only the heartbeat finds other servers' changes.
const WITHOUT_REDIS: Duration = Duration::from_secs(1);
/// Interval of the query for new memberships.
const MEMBERS: Duration = Duration::from_secs(1);
/// How far back it looks: longer than any transaction takes.
const LOOK_BACK: Duration = Duration::from_secs(10);
/// How often pending sockets are processed.
const PENDING_INTERVAL: Duration = Duration::from_millis(250);

impl Hub {
    /// Compares heads at each heartbeat, until the server stops.
    pub(crate) async fn heartbeat(self, every: Duration, stopping: CancellationToken) {
        loop {
            let wait =
                if self.inner.peers.is_connected() { every } else { every.min(WITHOUT_REDIS) };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = stopping.cancelled() => return,
            }
            self.inner.metrics.redis_connected.set(i64::from(self.inner.peers.is_connected()));
            let rooms: Vec<RoomId> = self.inner.rooms.ids();
            self.inner.metrics.rooms_served.set(i64::try_from(rooms.len()).unwrap_or(i64::MAX));
            self.read_heads(&rooms).await;
            self.notify_heads();
            self.sweep().await;
        }
    }

    /// Queries new memberships, in case a notification was lost.
    pub(crate) async fn watch_members(self, stopping: CancellationToken) {
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

    /// Asks lagging sockets to sync, or closes them; closes those that had no room for the reason;
    /// and disconnects those whose connection was never confirmed.
    pub(crate) async fn watch_lagging(self, stopping: CancellationToken) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(PENDING_INTERVAL) => {}
                () = stopping.cancelled() => return,
            }
            let pending = &self.inner.pending;
            let (resynced, too_slow) = pending.resync();
            self.inner.metrics.resyncs.inc_by(resynced);
            for conn in too_slow {
                self.close(&conn, ClosingReason::TooSlow);
            }
            pending.close();
            let gone = pending.take_overdue();
            for conn in gone {
                self.disconnect(&conn).await;
            }
        }
    }

    /// Sends each socket the heads of its rooms that changed since the last heartbeat, so that it
    /// detects the loss of a room's last event.
    fn notify_heads(&self) {
        let rooms = self.inner.rooms.all();
        let mut notified: BTreeMap<usize, (Arc<Conn>, BTreeMap<Id, u64>)> = BTreeMap::new();
        let mut waiting = 0;
        for room in rooms {
            let mut state = room.state.lock();
            waiting += state.waiting();
            // Queued rows are still delivered.
            let delivered = state.delivered;
            if delivered <= state.notified {
                continue;
            }
            state.notified = delivered;
            for conn in state.subscribers.conns() {
                let entry = notified
                    .entry(Arc::as_ptr(conn) as usize)
                    .or_insert_with(|| (conn.clone(), BTreeMap::new()));
                entry.1.insert(Id(room.id.0), delivered);
            }
        }
        self.inner.metrics.delivery_queue.set(i64::try_from(waiting).unwrap_or(i64::MAX));
        for (conn, heads) in notified.into_values() {
            let event = HeadsEvent { epoch: self.inner.epoch.clone(), heads };
            self.emit(&conn, event_name::HEADS, &event);
        }
    }

    /// Stops serving rooms that have had no subscriber for a while.
    async fn sweep(&self) {
        let mut gone = self.inner.rooms.sweep();
        if gone.is_empty() {
            return;
        }
        let channels = |ids: &[RoomId]| ids.iter().map(|id| Channel::room(*id)).collect();
        if let Err(error) = self.inner.peers.unsubscribe(channels(&gone)).await {
            tracing::debug!(%error, "channels not unsubscribed");
        }
        // A subscriber may have returned meanwhile.
        gone.retain(|id| self.inner.rooms.get(*id).is_some());
        if !gone.is_empty() && self.inner.peers.subscribe(channels(&gone)).await.is_ok() {
            self.read_heads(&gone).await;
        }
    }
}
