//! One connected socket, and what the server knows of it.

use std::{
    collections::HashSet,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::{Duration, Instant},
};

use chat_contract::wire::{ClosingEvent, ClosingReason, ResyncEvent, event_name};
use chat_domain::id::{RoomId, SessionId, UserId};
use parking_lot::Mutex;
use serde::Serialize;
use socketioxide::{SendError, SocketError, extract::SocketRef};

/// Between two typing events of one socket.
const TYPING_EVERY: Duration = Duration::from_secs(2);

/// A connected, signed-in socket.
pub struct Conn {
    /// Its protocol side.
    pub socket: SocketRef,
    /// Whose it is.
    pub user: UserId,
    /// By which session.
    pub session: SessionId,
    /// The rooms it hears.
    pub(super) rooms: Mutex<Vec<RoomId>>,
    /// Whose presence it hears of.
    pub(super) watched: Mutex<HashSet<UserId>>,
    /// Its person does not look at it.
    away: AtomicBool,
    /// When its person was last said to be typing.
    typing: Mutex<Option<Instant>>,
    /// Its queue was full: it has missed something and must be told to sync.
    lagging: AtomicBool,
    /// How many events it has missed.
    missed: AtomicU64,
    /// Gone: it enters no room any more.
    pub(super) closed: AtomicBool,
}

impl Conn {
    /// A socket that has just signed in.
    #[must_use]
    pub fn new(socket: SocketRef, user: UserId, session: SessionId) -> Self {
        Self {
            socket,
            user,
            session,
            rooms: Mutex::default(),
            watched: Mutex::default(),
            away: AtomicBool::new(false),
            typing: Mutex::default(),
            lagging: AtomicBool::new(false),
            missed: AtomicU64::new(0),
            closed: AtomicBool::new(false),
        }
    }

    /// Hands an event to the socket's queue. `false`: it was full, or the socket has missed
    /// something before and has not been told yet; it will be told to sync.
    pub fn emit<T: Serialize + ?Sized>(&self, event: &'static str, data: &T) -> bool {
        if self.lagging.load(Ordering::Acquire) {
            self.missed.fetch_add(1, Ordering::Relaxed);
            return false;
        }
        match self.socket.emit(event, data) {
            Err(SendError::Socket(SocketError::InternalChannelFull)) => {
                self.mark_lagging();
                false
            }
            // Taken; or closed, and there is nobody to tell.
            _ => true,
        }
    }

    /// Something meant for this socket was left out.
    pub fn mark_lagging(&self) {
        self.lagging.store(true, Ordering::Release);
        self.missed.fetch_add(1, Ordering::Relaxed);
    }

    /// Has it missed something that it has not been told of.
    #[must_use]
    pub fn is_lagging(&self) -> bool {
        self.lagging.load(Ordering::Acquire)
    }

    /// Notes whether its person looks at it; `true`: that is new.
    pub fn set_away(&self, away: bool) -> bool {
        self.away.swap(away, Ordering::Relaxed) != away
    }

    /// May it say again that its person is typing. More often than once in two seconds tells
    /// nobody anything.
    pub fn may_type_now(&self) -> bool {
        let mut last = self.typing.lock();
        let may = last.is_none_or(|at| at.elapsed() >= TYPING_EVERY);
        if may {
            *last = Some(Instant::now());
        }
        may
    }

    pub(super) fn is_away(&self) -> bool {
        self.away.load(Ordering::Relaxed)
    }

    /// Tells a socket that has missed something to sync, once there is room in its queue.
    pub(super) fn try_resync(&self) -> bool {
        let dropped = self.missed.load(Ordering::Relaxed);
        // Events that come from here on find their way again; had we cleared the mark after
        // telling, one between the two would be lost.
        self.lagging.store(false, Ordering::Release);
        if self.socket.emit(event_name::RESYNC, &ResyncEvent { dropped }).is_ok() {
            self.missed.fetch_sub(dropped, Ordering::Relaxed);
            return true;
        }
        self.lagging.store(true, Ordering::Release);
        false
    }

    /// Says why, and closes.
    pub fn close(&self, reason: ClosingReason) {
        let _ = self.socket.emit(event_name::CLOSING, &ClosingEvent { reason });
        let _ = self.socket.clone().disconnect();
    }
}
