//! One connected socket, and its state on this server.

mod connections;
mod pending;
mod session_lease;

use std::{
    collections::HashSet,
    sync::{
        OnceLock,
        atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use chat_contract::wire::{ClosingEvent, ClosingReason, HeadsEvent, ResyncEvent, event_name};
use chat_domain::id::{RoomId, Seq, UserId};
use parking_lot::Mutex;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use socketioxide::{SendError, SocketError, extract::SocketRef};

pub(crate) use self::session_lease::{Looked, SessionLease};
pub(super) use self::{connections::Connections, pending::Pending};

/// Minimum interval between two typing events of one socket.
const TYPING_EVERY: Duration = Duration::from_secs(2);

/// Events that may wait until the connection is confirmed to the client, which takes almost no
/// time.
const HELD_MAX: usize = 256;

/// It is in its rooms, and its connection is not confirmed to the client yet: events wait.
const HELD: u8 = 0;
/// It gets everything.
const KEEPS_UP: u8 = 1;
/// Its send queue was full: it has missed an event and must be asked to sync.
const LAGGING: u8 = 2;
/// Disconnected, or about to be closed: it gets no event and enters no room. This state is final.
const CLOSED: u8 = 3;

/// A signed-in socket, from its handshake on.
pub(crate) struct Conn {
    /// The socket of the protocol library.
    pub socket: SocketRef,
    /// The user who is signed in.
    pub user: UserId,
    /// The session, and when that ends.
    pub session: SessionLease,
    /// The rooms that it subscribes to, and the seq above which it may see their messages.
    pub(super) rooms: Mutex<Vec<(RoomId, Seq)>>,
    /// Whose presence it subscribes to.
    pub(super) watched: Mutex<HashSet<UserId>>,
    /// The page is idle: its user is not looking at it.
    idle: AtomicBool,
    /// The last typing event.
    typing: Mutex<Option<Instant>>,
    /// One of the four above.
    state: AtomicU8,
    /// Events that wait while it is held, in order.
    held: Mutex<Vec<(&'static str, Box<RawValue>)>>,
    /// How many events it has missed.
    missed: AtomicU64,
    /// Why the server closes it.
    closing: OnceLock<ClosingReason>,
    /// The reason for closing is in its send queue.
    notified: AtomicBool,
}

impl Conn {
    /// A socket that has just been authenticated.
    #[must_use]
    pub(crate) fn new(socket: SocketRef, user: UserId, session: SessionLease) -> Self {
        Self {
            socket,
            user,
            session,
            rooms: Mutex::default(),
            watched: Mutex::default(),
            idle: AtomicBool::new(false),
            typing: Mutex::default(),
            state: AtomicU8::new(HELD),
            held: Mutex::default(),
            missed: AtomicU64::new(0),
            closing: OnceLock::new(),
            notified: AtomicBool::new(false),
        }
    }

    /// Puts an event into the send queue. `false`: the queue was full, or the socket has missed an
    /// earlier event and is still to be asked to sync.
    pub(crate) fn emit<T: Serialize + ?Sized>(&self, event: &'static str, data: &T) -> bool {
        match self.state.load(Ordering::Acquire) {
            KEEPS_UP => {}
            HELD => return self.hold(event, data),
            LAGGING => {
                self.missed.fetch_add(1, Ordering::Relaxed);
                return false;
            }
            // The client has disconnected.
            _ => return true,
        }
        let taken = self.send(event, data);
        if !taken {
            self.mark_lagging();
        }
        taken
    }

    /// `false`: its send queue is full. After a disconnect the event is discarded.
    fn send<T: Serialize + ?Sized>(&self, event: &'static str, data: &T) -> bool {
        let sent = self.socket.emit(event, data);
        !matches!(sent, Err(SendError::Socket(SocketError::InternalChannelFull)))
    }

    /// Buffers an event until the connection is confirmed.
    fn hold<T: Serialize + ?Sized>(&self, event: &'static str, data: &T) -> bool {
        let mut held = self.held.lock();
        if !self.is_held() {
            drop(held);
            return self.emit(event, data);
        }
        match to_raw_value(data) {
            Ok(data) if held.len() < HELD_MAX => held.push((event, data)),
            _ => {
                self.missed.fetch_add(1, Ordering::Relaxed);
            }
        }
        true
    }

    /// The connection is confirmed: sends the heads of its rooms and all buffered events. `false`:
    /// the send queue had no room for all of them.
    pub(super) fn open(&self, heads: &HeadsEvent) -> bool {
        let mut held = self.held.lock();
        if !self.is_held() {
            // Closed meanwhile: it gets no more events.
            return true;
        }
        let mut all = self.send(event_name::HEADS, heads);
        for (event, data) in std::mem::take(&mut *held) {
            all = all && self.send(event, &data);
        }
        all &= self.missed.load(Ordering::Relaxed) == 0;
        self.change(HELD, KEEPS_UP);
        if !all {
            self.mark_lagging();
        }
        all
    }

    /// Whether its connection is not confirmed to the client yet.
    pub(super) fn is_held(&self) -> bool {
        self.state.load(Ordering::Acquire) == HELD
    }

    /// An event for this socket was dropped.
    pub(crate) fn mark_lagging(&self) {
        self.change(KEEPS_UP, LAGGING);
        self.missed.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether it has missed an event and was not asked to sync yet.
    #[must_use]
    pub(crate) fn is_lagging(&self) -> bool {
        self.state.load(Ordering::Acquire) == LAGGING
    }

    /// The state `CLOSED` is never left.
    fn change(&self, from: u8, to: u8) {
        let _ = self.state.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire);
    }

    /// Sets whether the page is idle; `true`: that changed.
    pub(crate) fn set_away(&self, away: bool) -> bool {
        self.idle.swap(away, Ordering::Relaxed) != away
    }

    /// Whether it may send another typing event: at most one in two seconds.
    pub(crate) fn may_type_now(&self) -> bool {
        let mut last = self.typing.lock();
        let may = last.is_none_or(|at| at.elapsed() >= TYPING_EVERY);
        if may {
            *last = Some(Instant::now());
        }
        may
    }

    /// Whether it subscribes to this room.
    pub(super) fn subscribes(&self, room: RoomId) -> bool {
        self.visible_from(room).is_some()
    }

    /// The seq above which it may see messages of this room; `None`: it does not subscribe to the
    /// room.
    pub(super) fn visible_from(&self, room: RoomId) -> Option<Seq> {
        self.rooms.lock().iter().find(|(id, _)| *id == room).map(|(_, from)| *from)
    }

    pub(super) fn is_idle(&self) -> bool {
        self.idle.load(Ordering::Relaxed)
    }

    /// Asks a socket that has missed an event to sync, once its send queue has room.
    pub(super) fn try_resync(&self) -> bool {
        let dropped = self.missed.load(Ordering::Relaxed);
        // From here on events are sent again; if the state changed only after the request to sync,
        // an event between the two would be lost.
        self.change(LAGGING, KEEPS_UP);
        if self.socket.emit(event_name::RESYNC, &ResyncEvent { dropped }).is_ok() {
            self.missed.fetch_sub(dropped, Ordering::Relaxed);
            return true;
        }
        self.change(KEEPS_UP, LAGGING);
        false
    }

    /// Its client has disconnected.
    pub(super) fn set_gone(&self) {
        self.state.store(CLOSED, Ordering::Release);
    }

    /// Whether it is disconnected or about to be closed.
    #[must_use]
    pub(crate) fn is_closed(&self) -> bool {
        self.state.load(Ordering::Acquire) == CLOSED
    }

    /// Whether the server closes it: then its commands are no longer executed. Those of a client
    /// that disconnected by itself are.
    #[must_use]
    pub(crate) fn is_closing(&self) -> bool {
        self.closing.get().is_some()
    }

    /// From here on it gets no event. `false`: it is already being closed.
    pub(super) fn begin_to_close(&self, reason: ClosingReason) -> bool {
        self.state.store(CLOSED, Ordering::Release);
        self.closing.set(reason).is_ok()
    }

    /// Sends the reason, and closes. `false`: the send queue has no room for it, and the library
    /// cannot close the socket without sending a packet.
    pub(super) fn try_close(&self) -> bool {
        let Some(reason) = self.closing.get().copied() else { return true };
        if !self.socket.connected() {
            return true;
        }
        if !self.notified.load(Ordering::Relaxed) {
            match self.socket.emit(event_name::CLOSING, &ClosingEvent { reason }) {
                Err(SendError::Socket(SocketError::InternalChannelFull)) => return false,
                _ => self.notified.store(true, Ordering::Relaxed),
            }
        }
        !matches!(self.socket.clone().disconnect(), Err(SocketError::InternalChannelFull))
    }
}
