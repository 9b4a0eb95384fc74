//! The connected sockets of this server, by user.

use std::{collections::HashMap, sync::Arc};

use chat_domain::{id::UserId, presence::Status};
use parking_lot::RwLock;

use super::Conn;

/// See the module. Every user in it has a socket.
#[derive(Default)]
pub(in crate::deliver) struct Connections(RwLock<HashMap<UserId, Vec<Arc<Conn>>>>);

/// Result of [`Connections::remove`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::deliver) struct Removed {
    /// The socket was in the map.
    pub(in crate::deliver) was_here: bool,
    /// It was the last socket of its user here.
    pub(in crate::deliver) last: bool,
}

impl Connections {
    /// Adds a socket. `Some(true)`: it is the first one of its user here. `None`: it is already
    /// closed, and was not added.
    pub(in crate::deliver) fn add(&self, conn: &Arc<Conn>) -> Option<bool> {
        let mut users = self.0.write();
        if conn.is_closed() {
            return None;
        }
        let conns = users.entry(conn.user).or_default();
        conns.push(conn.clone());
        Some(conns.len() == 1)
    }

    /// Removes a socket.
    pub(in crate::deliver) fn remove(&self, conn: &Arc<Conn>) -> Removed {
        let mut users = self.0.write();
        let Some(conns) = users.get_mut(&conn.user) else {
            return Removed { was_here: false, last: false };
        };
        let before = conns.len();
        conns.retain(|other| !Arc::ptr_eq(other, conn));
        let was_here = conns.len() < before;
        let last = conns.is_empty();
        if last {
            users.remove(&conn.user);
        }
        Removed { was_here, last }
    }

    /// Whether this user has a socket here.
    pub(in crate::deliver) fn contains(&self, user: UserId) -> bool {
        self.0.read().contains_key(&user)
    }

    /// All sockets of a user.
    pub(in crate::deliver) fn of(&self, user: UserId) -> Vec<Arc<Conn>> {
        self.0.read().get(&user).cloned().unwrap_or_default()
    }

    /// Every socket.
    pub(in crate::deliver) fn all(&self) -> Vec<Arc<Conn>> {
        self.0.read().values().flatten().cloned().collect()
    }

    /// All users with a socket here.
    pub(in crate::deliver) fn users(&self) -> Vec<UserId> {
        self.0.read().keys().copied().collect()
    }

    /// The presence of a user by their sockets whose connection was confirmed.
    pub(in crate::deliver) fn status(&self, user: UserId) -> Status {
        let users = self.0.read();
        let conns = users.get(&user).into_iter().flatten();
        let open = conns.filter(|conn| !conn.is_closed() && !conn.is_held());
        Status::of(open.map(|conn| if conn.is_idle() { Status::Away } else { Status::Online }))
    }

    /// Calls `look` for every socket; it must not block.
    pub(in crate::deliver) fn look(&self, look: impl FnMut(&Arc<Conn>)) {
        self.0.read().values().flatten().for_each(look);
    }
}
