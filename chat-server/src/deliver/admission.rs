//! Coming into rooms. The store decides who is a member, and is asked once for all rooms of
//! a socket; whatever is committed after its answer is a row of the stream, and followed there.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use chat_contract::wire::{ClosingReason, RoomChange};
use chat_domain::{
    id::{RoomId, Seq, UserId},
    member::Membership,
};

use super::{
    Conn, Hub,
    room::{Room, Ticket},
};
use crate::{mysql, redis::channel::Channel};

/// Where a socket is after the first look.
enum Entered {
    /// In the room, whose cursor this is: from there on it gets everything.
    At(Seq),
    /// Expected. Nobody has subscribed to the room here so far, or what happened in it since the
    /// answer of the store was taken out of the queue without this socket.
    Expected {
        /// What it is let in by.
        ticket: Ticket,
        /// The room is new here.
        new: bool,
    },
    /// Another task is at it, and will notify the client.
    Elsewhere,
    /// Closed meanwhile.
    Gone,
}

/// Why a socket comes into a room.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    /// It connects: its client is told that it is connected only when it is in all of its rooms,
    /// whoever else is letting it into one of them.
    Connect,
    /// Its person became a member while it was connected, or connecting.
    Join,
}

impl Hub {
    /// Adds a socket to rooms, opening those that nobody here has subscribed to so far. The answer
    /// is the head of each that it entered.
    pub(super) async fn enter(
        &self,
        conn: &Arc<Conn>,
        members: &[Membership],
        entry: Entry,
    ) -> mysql::Result<BTreeMap<RoomId, Seq>> {
        let mut heads = BTreeMap::new();
        let mut unsure = Vec::new();
        let mut new = Vec::new();
        for member in members {
            match self.look(conn, member, entry) {
                Entered::At(cursor) => {
                    heads.insert(member.room, cursor);
                }
                Entered::Expected { ticket, new: made } => {
                    unsure.push((member.room, ticket));
                    if made {
                        new.push(Channel::room(member.room));
                    }
                }
                Entered::Elsewhere => {}
                Entered::Gone => break,
            }
        }
        if !new.is_empty()
            && let Err(error) = self.inner.peers.subscribe(new).await
        {
            tracing::debug!(%error, "rooms' channels not subscribed yet");
        }
        // Read after the subscription was confirmed: what comes later is received, what came before
        // is below this head.
        let rooms: Vec<_> = unsure.iter().map(|(room, _)| *room).collect();
        let answer = self.inner.store.memberships_in(conn.user, &rooms).await;
        let members: HashMap<_, _> = answer.iter().flatten().map(|m| (m.room, m)).collect();
        for (id, ticket) in unsure {
            if let Some(cursor) = self.admit(conn, id, ticket, members.get(&id).copied()) {
                heads.insert(id, cursor);
            }
        }
        answer.map(|_| heads)
    }

    /// Lets a socket into a room if nothing has been taken out of its queue since the store said
    /// that its person is a member; else expects it.
    ///
    /// The room stays served meanwhile: the sweep cannot let go of it in between.
    fn look(&self, conn: &Arc<Conn>, member: &Membership, entry: Entry) -> Entered {
        let look = |room: &Room, new| {
            let mut state = room.state.lock();
            if let Some(cursor) = state.cursor
                && (state.taken <= member.head || conn.subscribes(room.id))
            {
                let added = state.subscribers.add(conn, member);
                return if added { Entered::At(cursor) } else { Entered::Gone };
            }
            if conn.is_closed() {
                return Entered::Gone;
            }
            if entry == Entry::Join && state.subscribers.expects(conn) {
                return Entered::Elsewhere;
            }
            Entered::Expected { ticket: state.subscribers.expect(conn), new }
        };
        self.inner.rooms.look_or_open(member.room, look)
    }

    /// Lets an expected socket into its room, where its person is a member and has not left since.
    /// A deleted room is no longer in the map.
    fn admit(
        &self,
        conn: &Arc<Conn>,
        id: RoomId,
        ticket: Ticket,
        member: Option<&Membership>,
    ) -> Option<Seq> {
        let admit = |room: &Arc<Room>| {
            let mut state = room.state.lock();
            let stayed = state.subscribers.take_expected(ticket);
            let member = member.filter(|_| stayed)?;
            if state.cursor.is_none() {
                let todo = state.open(member.head);
                // Whoever came first is notified by the caller; a heartbeat need not say it again.
                state.notified = state.notified.max(member.head);
                self.act(room, todo, "order");
            }
            state.subscribers.add(conn, member).then_some(state.cursor).flatten()
        };
        self.inner.rooms.look(id, admit).flatten()
    }

    /// A person became a member: their sockets here enter the room.
    pub(super) fn joined(&self, room: RoomId, user: UserId) {
        for conn in self.conns_of(user) {
            if !conn.subscribes(room) {
                tokio::spawn(self.clone().enter_late(conn, room));
            }
        }
    }

    async fn enter_late(self, conn: Arc<Conn>, room: RoomId) {
        if conn.subscribes(room) {
            return;
        }
        match self.enter(&conn, &[Membership::unknown(room)], Entry::Join).await {
            Ok(heads) if heads.contains_key(&room) => {
                self.emit_change(&conn, room, RoomChange::Added);
            }
            Ok(_) => {}
            Err(error) => self.close_without_rooms(&conn, &error),
        }
    }

    /// Makes sure that these members' sockets are in these rooms.
    pub(super) fn check_members(&self, members: &[(RoomId, UserId)]) {
        for (room, user) in members {
            self.joined(*room, *user);
        }
    }

    /// Without its rooms the socket would get nothing and not know it.
    pub(super) fn close_without_rooms(&self, conn: &Arc<Conn>, error: &mysql::Error) {
        tracing::warn!(%error, "a socket's rooms could not be read");
        self.close(conn, ClosingReason::Unavailable);
    }
}
