//! Which sockets subscribe to a room on this server, and which are about to.
//!
//! Membership follows the stream: whoever leaves is let go when the row that says so is taken out
//! of the queue. Before a socket enters, the store is asked whether its person is a member, and a
//! row may have been taken out meanwhile; so it is expected first, and who leaves is struck off
//! there, too.

use std::sync::Arc;

use chat_domain::{
    id::{RoomId, Seq, UserId},
    member::Membership,
};

use crate::deliver::Conn;

/// One task's expectation of one socket. Nobody else can redeem it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::deliver) struct Ticket(u64);

/// See the module.
#[derive(Default)]
pub(in crate::deliver) struct Subscribers {
    /// They get everything.
    conns: Vec<Arc<Conn>>,
    /// They get nothing yet. One may be here twice, expected by two tasks.
    expected: Vec<(Ticket, Arc<Conn>)>,
    /// The ticket of whoever is expected next.
    next: Ticket,
    /// The highest seq below which one of them sees nothing; 0 in most rooms.
    visible_from: Seq,
}

impl Subscribers {
    /// Those who get what happens in the room.
    pub(in crate::deliver) fn conns(&self) -> &[Arc<Conn>] {
        &self.conns
    }

    /// Everybody sees what has a higher seq.
    pub(in crate::deliver) fn visible_from(&self) -> Seq {
        self.visible_from
    }

    /// Nobody is here, and nobody is expected.
    pub(in crate::deliver) fn is_empty(&self) -> bool {
        self.conns.is_empty() && self.expected.is_empty()
    }

    /// Lets a socket in. `false`: it is closed.
    pub(in crate::deliver) fn add(&mut self, conn: &Arc<Conn>, member: &Membership) -> bool {
        let mut rooms = conn.rooms.lock();
        // Under this lock: whoever closes it looks at its rooms afterwards.
        if conn.is_closed() {
            return false;
        }
        if !rooms.iter().any(|(id, _)| *id == member.room) {
            rooms.push((member.room, member.visible_from));
            self.conns.push(conn.clone());
            self.visible_from = self.visible_from.max(member.visible_from);
        }
        true
    }

    /// Is a socket expected, by any task.
    pub(in crate::deliver) fn expects(&self, conn: &Arc<Conn>) -> bool {
        self.expected.iter().any(|(_, other)| Arc::ptr_eq(other, conn))
    }

    /// Expects a socket.
    pub(in crate::deliver) fn expect(&mut self, conn: &Arc<Conn>) -> Ticket {
        let ticket = self.next;
        self.next = Ticket(ticket.0 + 1);
        self.expected.push((ticket, conn.clone()));
        ticket
    }

    /// Expects a socket no longer. `false`: its person left meanwhile.
    pub(in crate::deliver) fn take_expected(&mut self, ticket: Ticket) -> bool {
        let before = self.expected.len();
        self.expected.retain(|(other, _)| *other != ticket);
        self.expected.len() < before
    }

    /// This person has left; their sockets that subscribed to it.
    pub(in crate::deliver) fn leave(&mut self, room: RoomId, user: UserId) -> Vec<Arc<Conn>> {
        self.expected.retain(|(_, conn)| conn.user != user);
        let left: Vec<_> = self.conns.extract_if(.., |conn| conn.user == user).collect();
        for conn in &left {
            conn.rooms.lock().retain(|(id, _)| *id != room);
        }
        left
    }

    /// The room is gone; the sockets that subscribed to it.
    pub(in crate::deliver) fn clear(&mut self, room: RoomId) -> Vec<Arc<Conn>> {
        self.expected.clear();
        let left = std::mem::take(&mut self.conns);
        for conn in &left {
            conn.rooms.lock().retain(|(id, _)| *id != room);
        }
        left
    }

    /// This socket is closed and has forgotten its rooms.
    pub(in crate::deliver) fn remove(&mut self, conn: &Arc<Conn>) {
        self.conns.retain(|other| !Arc::ptr_eq(other, conn));
    }
}
