//! The state of delivery, composed of its owners.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use chat_contract::wire::{
    ClosingReason, HeadsEvent, Id, RoomChange, RoomChangedEvent, event_name,
};
use chat_domain::{
    account::SessionLife,
    id::{RoomId, Seq, SessionId, UserId},
    presence::Status,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio::sync::mpsc;

use super::{
    Conn, Looked,
    admission::Entry,
    connection::{Connections, Pending},
    load::UnderWay,
    peer::Peers,
    presence::Watchers,
    room::Rooms,
};
use crate::{
    lifecycle::Lifecycle,
    metrics::Metrics,
    mysql::Store,
    redis::{
        bus::{Bus, Received},
        channel::Channel,
    },
};

/// See the module. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Hub {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) rooms: Rooms,
    pub(super) connections: Connections,
    pub(super) pending: Pending,
    pub(super) watchers: Watchers,
    pub(super) under_way: UnderWay,
    pub(super) peers: Peers,
    pub(super) store: Store,
    pub(super) metrics: Metrics,
    /// The identity of the store, as clients know it.
    pub(super) epoch: String,
}

impl Hub {
    /// An empty hub that receives the notifications of other servers.
    #[must_use]
    pub(crate) fn start(
        bus: Bus,
        notifications: mpsc::Receiver<Received>,
        store: &Store,
        epoch: uuid::Uuid,
        metrics: &Metrics,
        lifecycle: &Lifecycle,
    ) -> Self {
        let inner = Inner {
            rooms: Rooms::default(),
            connections: Connections::default(),
            pending: Pending::default(),
            watchers: Watchers::default(),
            under_way: UnderWay::default(),
            peers: Peers::new(bus),
            store: store.clone(),
            metrics: metrics.clone(),
            epoch: epoch.to_string(),
        };
        let hub = Self { inner: Arc::new(inner) };
        lifecycle.spawn(hub.clone().listen(notifications));
        hub
    }

    /// Admits a socket: it subscribes to its user's channel and its rooms, and events wait until
    /// [`Hub::open`]. Returns the head of each room, after which it will get everything. Where the
    /// rooms cannot be read the socket is closed.
    pub(crate) async fn connect(&self, conn: &Arc<Conn>) -> BTreeMap<RoomId, Seq> {
        let Some(first) = self.inner.connections.add(conn) else { return BTreeMap::new() };
        self.inner.pending.entering(conn);
        self.inner.metrics.sockets.inc();
        self.inner.metrics.sockets_opened.inc();
        if first {
            self.inner.metrics.users_connected.inc();
            let channel = vec![Channel::user(conn.user)];
            if let Err(error) = self.inner.peers.subscribe(channel).await {
                tracing::debug!(%error, "user channel not subscribed yet");
            }
        }
        let entered = match self.inner.store.memberships(conn.user).await {
            Ok(members) => self.enter(conn, &members, Entry::Connect).await,
            Err(error) => Err(error),
        };
        entered.unwrap_or_else(|error| {
            self.close_without_rooms(conn, &error);
            BTreeMap::new()
        })
    }

    /// The connection of an admitted socket is confirmed: sends its client everything since these
    /// heads.
    pub(crate) fn open(&self, conn: &Arc<Conn>, heads: BTreeMap<RoomId, Seq>) {
        let heads = heads.into_iter().map(|(room, head)| (Id(room.0), head)).collect();
        if !conn.open(&HeadsEvent { epoch: self.inner.epoch.clone(), heads }) {
            self.lagging(conn);
        }
        // It was closed while the reason could not be sent.
        if conn.is_closing() {
            self.end(conn);
        }
    }

    /// Reads heads and compares them with what was queued; removes deleted rooms.
    pub(super) async fn read_heads(&self, rooms: &[RoomId]) {
        if rooms.is_empty() {
            return;
        }
        match self.inner.store.heads(rooms).await {
            Ok(heads) => {
                for (id, head) in heads {
                    let Some(room) = self.inner.rooms.get(id) else { continue };
                    if let Some(head) = head {
                        let todo = room.state.lock().compare(head);
                        self.act(&room, todo, "heartbeat");
                    } else {
                        self.forget(id);
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "heads could not be read"),
        }
    }

    /// Compares these rooms with the store, soon.
    pub(crate) fn compare_heads(&self, rooms: Vec<RoomId>) {
        let hub = self.clone();
        tokio::spawn(async move {
            hub.read_heads(&rooms).await;
        });
    }

    /// A socket has disconnected. `true`: it was the last one of its user here.
    pub(crate) async fn disconnect(&self, conn: &Arc<Conn>) -> bool {
        conn.set_gone();
        self.watch(conn, HashSet::new()).await;
        self.leave_rooms(conn);
        let removed = self.inner.connections.remove(conn);
        if removed.was_here {
            self.inner.metrics.sockets.dec();
        }
        if removed.last {
            self.inner.metrics.users_connected.dec();
            tokio::spawn(self.clone().leave_user_channel(conn.user));
        }
        removed.last
    }

    /// Closes a socket. From now on it gets no event and its commands are not executed; its client
    /// gets the reason as soon as its send queue has room.
    pub(crate) fn close(&self, conn: &Arc<Conn>, reason: ClosingReason) {
        if !conn.begin_to_close(reason) {
            return;
        }
        let reason = match reason {
            ClosingReason::SignedOut => "signed_out",
            ClosingReason::TooManyCommands => "too_many_commands",
            ClosingReason::TooSlow => "too_slow",
            ClosingReason::Unavailable => "unavailable",
        };
        self.inner.metrics.sockets_closed.with_label_values(&[reason]).inc();
        self.leave_rooms(conn);
        self.end(conn);
    }

    fn end(&self, conn: &Arc<Conn>) {
        if !conn.try_close() {
            self.inner.pending.closing(conn);
        }
    }

    fn leave_rooms(&self, conn: &Arc<Conn>) {
        let rooms = std::mem::take(&mut *conn.rooms.lock());
        for (id, _) in rooms {
            if let Some(room) = self.inner.rooms.get(id) {
                room.state.lock().subscribers.remove(conn);
            }
        }
    }

    async fn leave_user_channel(self, user: UserId) {
        let channel = Channel::user(user);
        if let Err(error) = self.inner.peers.unsubscribe(vec![channel.clone()]).await {
            tracing::debug!(%error, "user channel not unsubscribed");
        }
        // The user may have reconnected meanwhile.
        if self.inner.connections.contains(user) {
            let _ = self.inner.peers.subscribe(vec![channel]).await;
        }
    }

    /// Whether a socket of this user subscribes to the room here; if not, only the store knows.
    #[must_use]
    pub(crate) fn is_here(&self, room: RoomId, conn: &Conn) -> bool {
        conn.subscribes(room) && self.inner.rooms.get(room).is_some()
    }

    /// Number of sockets that subscribe to a room here.
    #[must_use]
    pub(crate) fn subscriber_count(&self, room: RoomId) -> usize {
        let room = self.inner.rooms.get(room);
        room.map_or(0, |room| room.state.lock().subscribers.conns().len())
    }

    /// The head of a room, as far as this server knows it.
    #[must_use]
    pub(crate) fn cursor(&self, room: RoomId) -> Option<Seq> {
        self.inner.rooms.get(room)?.state.lock().cursor
    }

    /// This server's own number among the others.
    #[must_use]
    pub(crate) fn server(&self) -> u32 {
        self.inner.peers.server()
    }

    /// The presence of a user on this server.
    #[must_use]
    pub(crate) fn status_here(&self, user: UserId) -> Status {
        self.inner.connections.status(user)
    }

    /// Every socket here.
    #[must_use]
    pub(crate) fn conns(&self) -> Vec<Arc<Conn>> {
        self.inner.connections.all()
    }

    /// The identity of the store, as clients know it.
    #[must_use]
    pub(crate) fn epoch(&self) -> &str {
        &self.inner.epoch
    }

    /// All sockets of a user here.
    #[must_use]
    pub(crate) fn conns_of(&self, user: UserId) -> Vec<Arc<Conn>> {
        self.inner.connections.of(user)
    }

    /// All users who are connected here.
    #[must_use]
    pub(crate) fn users(&self) -> Vec<UserId> {
        self.inner.connections.users()
    }

    pub(super) fn close_sessions(&self, user: UserId, sessions: &[SessionId]) {
        for conn in self.conns_of(user) {
            if sessions.contains(&conn.session.id) {
                self.close(&conn, ClosingReason::SignedOut);
            }
        }
    }

    /// Checks the sessions of all sockets: which are in use with a stored use as old as `due`, and
    /// which have expired.
    #[must_use]
    pub(crate) fn look_at_sessions(&self, due: DateTime<Utc>, now: DateTime<Utc>) -> Looked {
        self.inner.connections.look_at_sessions(due, now)
    }

    /// Updates these sessions from the store. The answer is the sockets of those that have ended, for
    /// the caller to close.
    #[must_use]
    pub(crate) fn renew_sessions(
        &self,
        asked: &[SessionId],
        lives: &HashMap<SessionId, SessionLife>,
    ) -> Vec<Arc<Conn>> {
        self.inner.connections.renew_sessions(asked, lives)
    }

    pub(super) fn forget(&self, id: RoomId) {
        let Some(room) = self.inner.rooms.remove(id) else { return };
        let conns = room.state.lock().subscribers.clear(id);
        for conn in conns {
            self.emit_change(&conn, id, RoomChange::Deleted);
        }
        let hub = self.clone();
        tokio::spawn(async move {
            let _ = hub.inner.peers.unsubscribe(vec![Channel::room(id)]).await;
        });
    }

    pub(super) fn emit_change(&self, conn: &Arc<Conn>, room: RoomId, change: RoomChange) {
        let event = RoomChangedEvent { room_id: Id(room.0), change };
        self.emit(conn, event_name::ROOM_CHANGED, &event);
    }

    pub(super) fn emit<T: Serialize + ?Sized>(
        &self,
        conn: &Arc<Conn>,
        event: &'static str,
        data: &T,
    ) {
        let was_lagging = conn.is_lagging();
        if !conn.emit(event, data) && !was_lagging {
            self.lagging(conn);
        }
    }

    /// A socket has missed an event: it will be asked to sync.
    pub(crate) fn lagging(&self, conn: &Arc<Conn>) {
        self.inner.pending.lagging(conn);
    }
}
