//! Everybody connected here, by room and by person.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use chat_contract::wire::{
    ClosingReason, HeadsEvent, Id, RoomChange, RoomChangedEvent, event_name,
};
use chat_domain::{
    id::{RoomId, Seq, SessionId, UserId},
    presence::Status,
};
use parking_lot::{Mutex, RwLock};
use serde::Serialize;
use tokio::{sync::mpsc, time::Instant};

use super::{conn::Conn, load::UnderWay, room::Room, watch::Watchers};
use crate::{
    lifecycle::Lifecycle,
    metrics::Metrics,
    mysql::Store,
    redis::{
        bus::{Bus, Heard},
        cache::window::Writer,
        channel::Channel,
    },
};

/// See the module. Cheap to clone.
#[derive(Clone)]
pub struct Hub {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    /// This server, to know its own hints.
    pub(super) server: u32,
    pub(super) rooms: RwLock<HashMap<RoomId, Arc<Room>>>,
    pub(super) users: RwLock<HashMap<UserId, Vec<Arc<Conn>>>>,
    pub(super) watchers: Watchers,
    /// Sockets whose clients do not know yet that they are connected, since when.
    pub(super) entering: Mutex<Vec<(Arc<Conn>, Instant)>>,
    /// Sockets that have missed something, since when.
    pub(super) lagging: Mutex<Vec<(Arc<Conn>, Instant)>>,
    /// Sockets to be closed whose queue has had no room for that.
    pub(super) closing: Mutex<Vec<Arc<Conn>>>,
    pub(super) bus: Bus,
    pub(super) cache: Writer,
    pub(super) store: Store,
    pub(super) metrics: Metrics,
    pub(super) epoch: String,
    pub(super) under_way: UnderWay,
}

impl Hub {
    /// An empty hub that listens to the bus.
    #[must_use]
    pub fn start(
        bus: Bus,
        hints: mpsc::Receiver<Heard>,
        cache: Writer,
        store: &Store,
        epoch: uuid::Uuid,
        metrics: &Metrics,
        lifecycle: &Lifecycle,
    ) -> Self {
        let inner = Inner {
            server: crate::random::number(),
            rooms: RwLock::default(),
            users: RwLock::default(),
            watchers: Watchers::default(),
            entering: Mutex::default(),
            lagging: Mutex::default(),
            closing: Mutex::default(),
            bus,
            cache,
            store: store.clone(),
            metrics: metrics.clone(),
            epoch: epoch.to_string(),
            under_way: UnderWay::default(),
        };
        let hub = Self { inner: Arc::new(inner) };
        lifecycle.spawn(hub.clone().listen(hints));
        hub
    }

    /// Lets a socket in: it hears its person's channel and its rooms from here on, and what it hears
    /// waits until [`Hub::open`]. The answer is the head of each room, from which on it will hear
    /// everything. Where the rooms cannot be read it is closed.
    pub async fn connect(&self, conn: &Arc<Conn>) -> BTreeMap<RoomId, Seq> {
        let first = {
            let mut users = self.inner.users.write();
            if conn.is_closed() {
                return BTreeMap::new();
            }
            let conns = users.entry(conn.user).or_default();
            conns.push(conn.clone());
            conns.len() == 1
        };
        self.inner.entering.lock().push((conn.clone(), Instant::now()));
        self.inner.metrics.sockets.inc();
        self.inner.metrics.sockets_opened.inc();
        if first {
            self.inner.metrics.people.inc();
        }
        if first && let Err(error) = self.inner.bus.subscribe(vec![Channel::user(conn.user)]).await
        {
            tracing::debug!(%error, "person's channel not subscribed yet");
        }
        let entered = match self.inner.store.memberships(conn.user).await {
            Ok(members) => self.enter(conn, &members).await,
            Err(error) => Err(error),
        };
        entered.unwrap_or_else(|error| {
            self.close_without_rooms(conn, &error);
            BTreeMap::new()
        })
    }

    /// The client of a socket that was let in knows that it is connected, and is told everything
    /// since these heads.
    pub fn open(&self, conn: &Arc<Conn>, heads: BTreeMap<RoomId, Seq>) {
        let heads = heads.into_iter().map(|(room, head)| (Id(room.0), head)).collect();
        if !conn.open(&HeadsEvent { epoch: self.inner.epoch.clone(), heads }) {
            self.lagging(conn);
        }
        // It was closed while its client could not be told why.
        if conn.is_closing() {
            self.end(conn);
        }
    }

    /// Reads heads and compares them with what was queued; rooms that were deleted are let go of.
    pub(super) async fn read_heads(&self, rooms: &[RoomId]) {
        if rooms.is_empty() {
            return;
        }
        match self.inner.store.heads(rooms).await {
            Ok(heads) => {
                for (id, head) in heads {
                    let Some(room) = self.room(id) else { continue };
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
    pub fn compare_heads(&self, rooms: Vec<RoomId>) {
        let hub = self.clone();
        tokio::spawn(async move {
            hub.read_heads(&rooms).await;
        });
    }

    /// A socket is gone. `true`: it was the last one of its person here.
    pub async fn disconnect(&self, conn: &Arc<Conn>) -> bool {
        conn.set_gone();
        self.watch(conn, HashSet::new()).await;
        self.leave_rooms(conn);
        let mut users = self.inner.users.write();
        let Some(conns) = users.get_mut(&conn.user) else { return false };
        let before = conns.len();
        conns.retain(|other| !Arc::ptr_eq(other, conn));
        if conns.len() < before {
            self.inner.metrics.sockets.dec();
        }
        if !conns.is_empty() {
            return false;
        }
        users.remove(&conn.user);
        self.inner.metrics.people.dec();
        tokio::spawn(self.clone().leave_user_channel(conn.user));
        true
    }

    /// Closes a socket. From now on it hears nothing and nothing is done for it; its client is
    /// told why as soon as there is room for that in its queue.
    pub fn close(&self, conn: &Arc<Conn>, reason: ClosingReason) {
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
            self.inner.closing.lock().push(conn.clone());
        }
    }

    fn leave_rooms(&self, conn: &Arc<Conn>) {
        let rooms = std::mem::take(&mut *conn.rooms.lock());
        for (id, _) in rooms {
            if let Some(room) = self.room(id) {
                room.state.lock().hearers.remove(conn);
            }
        }
    }

    async fn leave_user_channel(self, user: UserId) {
        let channel = Channel::user(user);
        if let Err(error) = self.inner.bus.unsubscribe(vec![channel.clone()]).await {
            tracing::debug!(%error, "person's channel could not be left");
        }
        // They may have come back meanwhile.
        if self.inner.users.read().contains_key(&user) {
            let _ = self.inner.bus.subscribe(vec![channel]).await;
        }
    }

    /// Is this person in the room here; otherwise the store must be asked.
    #[must_use]
    pub fn is_here(&self, room: RoomId, conn: &Conn) -> bool {
        conn.hears(room) && self.room(room).is_some()
    }

    /// How many sockets hear a room here.
    #[must_use]
    pub fn hearers(&self, room: RoomId) -> usize {
        self.room(room).map_or(0, |room| room.state.lock().hearers.conns().len())
    }

    /// The head of a room, as far as it was heard here.
    #[must_use]
    pub fn cursor(&self, room: RoomId) -> Option<Seq> {
        self.room(room)?.state.lock().cursor
    }

    /// This server's own number among the others.
    #[must_use]
    pub fn server(&self) -> u32 {
        self.inner.server
    }

    /// How present a person is on this server.
    #[must_use]
    pub fn status_here(&self, user: UserId) -> Status {
        let users = self.inner.users.read();
        let conns = users.get(&user).into_iter().flatten();
        let open = conns.filter(|conn| !conn.is_closed() && !conn.is_held());
        let status = |conn: &Arc<Conn>| if conn.is_away() { Status::Away } else { Status::Online };
        Status::of(open.map(status))
    }

    /// Every socket here.
    #[must_use]
    pub fn conns(&self) -> Vec<Arc<Conn>> {
        self.inner.users.read().values().flatten().cloned().collect()
    }

    /// The identity of the store, as clients know it.
    #[must_use]
    pub fn epoch(&self) -> &str {
        &self.inner.epoch
    }

    /// All sockets of a person here.
    #[must_use]
    pub fn conns_of(&self, user: UserId) -> Vec<Arc<Conn>> {
        self.inner.users.read().get(&user).cloned().unwrap_or_default()
    }

    /// Everybody who is connected here.
    #[must_use]
    pub fn users(&self) -> Vec<UserId> {
        self.inner.users.read().keys().copied().collect()
    }

    pub(super) fn close_sessions(&self, user: UserId, sessions: &[SessionId]) {
        for conn in self.conns_of(user) {
            if sessions.contains(&conn.session.id) {
                self.close(&conn, ClosingReason::SignedOut);
            }
        }
    }

    pub(super) fn room(&self, id: RoomId) -> Option<Arc<Room>> {
        self.inner.rooms.read().get(&id).cloned()
    }

    pub(super) fn forget(&self, id: RoomId) {
        let Some(room) = self.inner.rooms.write().remove(&id) else { return };
        let conns = room.state.lock().hearers.clear(id);
        for conn in conns {
            self.emit_change(&conn, id, RoomChange::Deleted);
        }
        let (bus, channel) = (self.inner.bus.clone(), Channel::room(id));
        tokio::spawn(async move {
            let _ = bus.unsubscribe(vec![channel]).await;
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

    /// A socket has missed something: it will be told to sync.
    pub fn lagging(&self, conn: &Arc<Conn>) {
        let mut lagging = self.inner.lagging.lock();
        if !lagging.iter().any(|(other, _)| Arc::ptr_eq(other, conn)) {
            lagging.push((conn.clone(), Instant::now()));
        }
    }
}
