//! Admission of sockets to rooms. The store decides who is a member, with one query for all rooms
//! of a socket; membership changes that are committed after its answer arrive as rows of the
//! stream.

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

/// State of a socket in a room after the first check.
enum Entered {
    /// In the room, which has this cursor: the socket gets everything after it.
    At(Seq),
    /// Expected. The room has no subscriber here yet, or rows after the answer of the store were
    /// already taken out of its queue without this socket.
    Expected {
        /// Admits the socket later.
        ticket: Ticket,
        /// This server did not serve the room before.
        new: bool,
    },
    /// Another task admits it, and will notify the client.
    Elsewhere,
    /// Closed meanwhile.
    Gone,
}

/// Why a socket enters a room.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    /// It connects: the connection is confirmed to the client only when the socket is in all of its
    /// rooms, whichever task admits it to one of them.
    Connect,
    /// Its user became a member while it was connected, or connecting.
    Join,
}

impl Hub {
    /// Adds a socket to rooms, and opens those that have no subscriber here yet. Returns the head
    /// of each room that it entered.
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
            tracing::debug!(%error, "room channels not subscribed yet");
        }
        // Read after the subscription was confirmed: later changes are received, earlier ones are
        // below this head.
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

    /// Admits a socket to a room if no row was taken out of its queue since the store confirmed the
    /// membership; otherwise expects the socket.
    ///
    /// The room stays served meanwhile: the sweep cannot remove it in between.
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

    /// Admits an expected socket to its room, if its user is a member and has not left since. A
    /// deleted room is no longer in the map.
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
                // The caller notifies the first socket; a heartbeat need not repeat it.
                state.notified = state.notified.max(member.head);
                self.act(room, todo, "order");
            }
            state.subscribers.add(conn, member).then_some(state.cursor).flatten()
        };
        self.inner.rooms.look(id, admit).flatten()
    }

    /// A user became a member: their sockets here enter the room.
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

    /// Ensures that these members' sockets are in these rooms.
    pub(super) fn check_members(&self, members: &[(RoomId, UserId)]) {
        for (room, user) in members {
            self.joined(*room, *user);
        }
    }

    /// Without its rooms the socket would miss everything unnoticed.
    pub(super) fn close_without_rooms(&self, conn: &Arc<Conn>, error: &mysql::Error) {
        tracing::warn!(%error, "a socket's rooms could not be read");
        self.close(conn, ClosingReason::Unavailable);
    }
}
