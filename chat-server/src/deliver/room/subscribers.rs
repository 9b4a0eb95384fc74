//! Which sockets subscribe to a room on this server, and which are about to.
//!
//! Membership follows the stream: a user who leaves is removed when the corresponding row is taken
//! out of the queue. Before a socket enters, the store is asked whether its user is a member, and a
//! row may be taken out meanwhile; so the socket is expected first, and leaving removes it from the
//! expected ones, too.

use std::sync::Arc;

use chat_domain::{
    id::{RoomId, Seq, UserId},
    member::Membership,
};

use crate::deliver::Conn;

/// One task's expectation of one socket. No other task can redeem it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::deliver) struct Ticket(u64);

/// See the module.
#[derive(Default)]
pub(in crate::deliver) struct Subscribers {
    /// These get all events.
    conns: Vec<Arc<Conn>>,
    /// These get no events yet. A socket may be here twice, expected by two tasks.
    expected: Vec<(Ticket, Arc<Conn>)>,
    /// The next ticket.
    next: Ticket,
    /// The highest `visible_from` of all subscribers; 0 in most rooms.
    visible_from: Seq,
}

impl Subscribers {
    /// The sockets that get the room's events.
    pub(in crate::deliver) fn conns(&self) -> &[Arc<Conn>] {
        &self.conns
    }

    /// All subscribers see messages with a higher seq.
    pub(in crate::deliver) fn visible_from(&self) -> Seq {
        self.visible_from
    }

    /// Whether no socket is subscribed or expected.
    pub(in crate::deliver) fn is_empty(&self) -> bool {
        self.conns.is_empty() && self.expected.is_empty()
    }

    /// Adds a socket. `false`: it is closed.
    pub(in crate::deliver) fn add(&mut self, conn: &Arc<Conn>, member: &Membership) -> bool {
        let mut rooms = conn.rooms.lock();
        // Under this lock: closing the socket reads its rooms afterwards.
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

    /// Whether any task expects a socket.
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

    /// Ends an expectation. `false`: the user left meanwhile.
    pub(in crate::deliver) fn take_expected(&mut self, ticket: Ticket) -> bool {
        let before = self.expected.len();
        self.expected.retain(|(other, _)| *other != ticket);
        self.expected.len() < before
    }

    /// Removes a user who left; returns their subscribed sockets.
    pub(in crate::deliver) fn leave(&mut self, room: RoomId, user: UserId) -> Vec<Arc<Conn>> {
        self.expected.retain(|(_, conn)| conn.user != user);
        let left: Vec<_> = self.conns.extract_if(.., |conn| conn.user == user).collect();
        for conn in &left {
            conn.rooms.lock().retain(|(id, _)| *id != room);
        }
        left
    }

    /// Removes all subscribers of a deleted room, and returns them.
    pub(in crate::deliver) fn clear(&mut self, room: RoomId) -> Vec<Arc<Conn>> {
        self.expected.clear();
        let left = std::mem::take(&mut self.conns);
        for conn in &left {
            conn.rooms.lock().retain(|(id, _)| *id != room);
        }
        left
    }

    /// Removes a closed socket.
    pub(in crate::deliver) fn remove(&mut self, conn: &Arc<Conn>) {
        self.conns.retain(|other| !Arc::ptr_eq(other, conn));
    }
}
