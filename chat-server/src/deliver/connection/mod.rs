//! One connected socket, and what the server knows of it.

mod connections;
mod session_lease;
mod stragglers;

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
pub(super) use self::{connections::Connections, stragglers::Stragglers};

/// Between two typing events of one socket.
const TYPING_EVERY: Duration = Duration::from_secs(2);

/// Events that may wait for a client to learn that it is connected, which takes no time to speak of.
const HELD_MAX: usize = 256;

/// It is in its rooms, and its client does not know yet that it is connected: events wait.
const HELD: u8 = 0;
/// It gets everything.
const KEEPS_UP: u8 = 1;
/// Its queue was full: it has missed something and must be asked to sync.
const LAGGING: u8 = 2;
/// Gone, or about to be closed: it gets nothing any more and enters no room. This stays.
const CLOSED: u8 = 3;

/// A signed-in socket, from the moment in which it comes in.
pub(crate) struct Conn {
    /// Its protocol side.
    pub socket: SocketRef,
    /// Whose it is.
    pub user: UserId,
    /// By which session, and until when.
    pub session: SessionLease,
    /// The rooms that it subscribes to, and the seq above which it may see their messages.
    pub(super) rooms: Mutex<Vec<(RoomId, Seq)>>,
    /// Whose presence it subscribes to.
    pub(super) watched: Mutex<HashSet<UserId>>,
    /// Its person does not look at it.
    idle: AtomicBool,
    /// When its person was last said to be typing.
    typing: Mutex<Option<Instant>>,
    /// One of the four above.
    state: AtomicU8,
    /// What waits while it is held, in order.
    held: Mutex<Vec<(&'static str, Box<RawValue>)>>,
    /// How many events it has missed.
    missed: AtomicU64,
    /// Why the server closes it.
    closing: OnceLock<ClosingReason>,
    /// Its client was notified why, or will be: that is in its queue.
    notified: AtomicBool,
}

impl Conn {
    /// A socket that has just signed in.
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

    /// Hands an event to the socket's queue. `false`: it was full, or the socket has missed
    /// something before and has not been asked to sync yet; it will be.
    pub(crate) fn emit<T: Serialize + ?Sized>(&self, event: &'static str, data: &T) -> bool {
        match self.state.load(Ordering::Acquire) {
            KEEPS_UP => {}
            HELD => return self.hold(event, data),
            LAGGING => {
                self.missed.fetch_add(1, Ordering::Relaxed);
                return false;
            }
            // There is nobody to send it to.
            _ => return true,
        }
        let taken = self.send(event, data);
        if !taken {
            self.mark_lagging();
        }
        taken
    }

    /// `false`: its queue is full. Where it is gone there is nobody to send it to.
    fn send<T: Serialize + ?Sized>(&self, event: &'static str, data: &T) -> bool {
        let sent = self.socket.emit(event, data);
        !matches!(sent, Err(SendError::Socket(SocketError::InternalChannelFull)))
    }

    /// Keeps an event until the client may be sent it.
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

    /// Its client knows that it is connected: it is sent the heads of its rooms, and everything
    /// that came since they were read. `false`: not all of that had room.
    pub(super) fn open(&self, heads: &HeadsEvent) -> bool {
        let mut held = self.held.lock();
        if !self.is_held() {
            // Closed meanwhile: it gets nothing more.
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

    /// Does its client not know yet that it is connected.
    pub(super) fn is_held(&self) -> bool {
        self.state.load(Ordering::Acquire) == HELD
    }

    /// Something meant for this socket was left out.
    pub(crate) fn mark_lagging(&self) {
        self.change(KEEPS_UP, LAGGING);
        self.missed.fetch_add(1, Ordering::Relaxed);
    }

    /// Has it missed something that it has not been asked to sync for.
    #[must_use]
    pub(crate) fn is_lagging(&self) -> bool {
        self.state.load(Ordering::Acquire) == LAGGING
    }

    /// Nothing changes a closed one.
    fn change(&self, from: u8, to: u8) {
        let _ = self.state.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire);
    }

    /// Notes whether its person looks at it; `true`: that is new.
    pub(crate) fn set_away(&self, away: bool) -> bool {
        self.idle.swap(away, Ordering::Relaxed) != away
    }

    /// May it say again that its person is typing. More often than once in two seconds tells
    /// nobody anything.
    pub(crate) fn may_type_now(&self) -> bool {
        let mut last = self.typing.lock();
        let may = last.is_none_or(|at| at.elapsed() >= TYPING_EVERY);
        if may {
            *last = Some(Instant::now());
        }
        may
    }

    /// Does it subscribe to this room.
    pub(super) fn subscribes(&self, room: RoomId) -> bool {
        self.visible_from(room).is_some()
    }

    /// It may see the messages of this room that have a higher seq; `None`: it does not subscribe
    /// to it.
    pub(super) fn visible_from(&self, room: RoomId) -> Option<Seq> {
        self.rooms.lock().iter().find(|(id, _)| *id == room).map(|(_, from)| *from)
    }

    pub(super) fn is_idle(&self) -> bool {
        self.idle.load(Ordering::Relaxed)
    }

    /// Tells a socket that has missed something to sync, once there is room in its queue.
    pub(super) fn try_resync(&self) -> bool {
        let dropped = self.missed.load(Ordering::Relaxed);
        // Events that come from here on find their way again; had we cleared the mark after
        // telling, one between the two would be lost.
        self.change(LAGGING, KEEPS_UP);
        if self.socket.emit(event_name::RESYNC, &ResyncEvent { dropped }).is_ok() {
            self.missed.fetch_sub(dropped, Ordering::Relaxed);
            return true;
        }
        self.change(KEEPS_UP, LAGGING);
        false
    }

    /// Its client is gone.
    pub(super) fn set_gone(&self) {
        self.state.store(CLOSED, Ordering::Release);
    }

    /// Is it gone, or about to be closed.
    #[must_use]
    pub(crate) fn is_closed(&self) -> bool {
        self.state.load(Ordering::Acquire) == CLOSED
    }

    /// Does the server close it: its commands are not done any more. Those of a client that left
    /// by itself are.
    #[must_use]
    pub(crate) fn is_closing(&self) -> bool {
        self.closing.get().is_some()
    }

    /// From here on it gets nothing more. `false`: it is being closed already.
    pub(super) fn begin_to_close(&self, reason: ClosingReason) -> bool {
        self.state.store(CLOSED, Ordering::Release);
        self.closing.set(reason).is_ok()
    }

    /// Says why, and closes. `false`: its queue has no room for that now, and the library closes
    /// no socket that it cannot tell.
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
