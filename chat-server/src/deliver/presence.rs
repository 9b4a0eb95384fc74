//! Presence subscriptions of sockets.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use chat_contract::wire::event_name;
use chat_domain::id::UserId;
use parking_lot::Mutex;
use serde_json::value::RawValue;

use super::{Conn, Hub};
use crate::redis::channel::Channel;

/// For each user, the sockets here that subscribe to their presence.
#[derive(Default)]
pub(super) struct Watchers(Mutex<HashMap<UserId, Vec<Arc<Conn>>>>);

impl Watchers {
    fn of(&self, user: UserId) -> Vec<Arc<Conn>> {
        self.0.lock().get(&user).cloned().unwrap_or_default()
    }

    fn any_of(&self, user: UserId) -> bool {
        self.0.lock().contains_key(&user)
    }

    /// Adds a watcher; `true`: the first one.
    fn add(&self, user: UserId, conn: &Arc<Conn>) -> bool {
        let mut watchers = self.0.lock();
        let conns = watchers.entry(user).or_default();
        conns.push(conn.clone());
        conns.len() == 1
    }

    /// Removes a watcher; `true`: it was the last one.
    fn remove(&self, user: UserId, conn: &Arc<Conn>) -> bool {
        let mut watchers = self.0.lock();
        let Some(conns) = watchers.get_mut(&user) else { return false };
        conns.retain(|other| !Arc::ptr_eq(other, conn));
        let last = conns.is_empty();
        if last {
            watchers.remove(&user);
        }
        last
    }

    /// Sets whom a socket watches. Returns the users who got their first watcher here or lost their
    /// last one.
    fn change(&self, conn: &Arc<Conn>, users: HashSet<UserId>) -> Vec<UserId> {
        let mut watched = conn.watched.lock();
        // Under this lock: a socket that disconnects removes all of them afterwards.
        let users = if conn.is_closed() { HashSet::new() } else { users };
        let begin = users.difference(&watched).filter(|user| self.add(**user, conn));
        let mut changed: Vec<UserId> = begin.copied().collect();
        let end = watched.difference(&users).filter(|user| self.remove(**user, conn));
        changed.extend(end);
        *watched = users;
        changed
    }
}

impl Hub {
    /// From now on this socket gets the presence of exactly these users. A disconnected socket
    /// watches nobody, even if its client asked before it disconnected.
    pub(crate) async fn watch(&self, conn: &Arc<Conn>, users: HashSet<UserId>) {
        let mut changed = self.inner.watchers.change(conn, users);
        // A watched user is always subscribed in the end: of two concurrent changes, the slower one
        // checks again.
        while !changed.is_empty() {
            let is_watched = |user: &UserId| self.inner.watchers.any_of(*user);
            let (begin, end): (Vec<UserId>, Vec<UserId>) =
                changed.into_iter().partition(is_watched);
            if !end.is_empty() {
                let _ = self.inner.peers.unsubscribe(channels(&end)).await;
            }
            if !begin.is_empty()
                && let Err(error) = self.inner.peers.subscribe(channels(&begin)).await
            {
                tracing::debug!(%error, "presence not subscribed yet");
            }
            let unwatched = begin.into_iter().filter(|user| !is_watched(user));
            changed = unwatched.chain(end.into_iter().filter(is_watched)).collect();
        }
    }

    pub(super) fn emit_presence(&self, user: UserId, data: &RawValue) {
        for conn in self.inner.watchers.of(user).iter().filter(|conn| !conn.is_lagging()) {
            self.emit(conn, event_name::PRESENCE, data);
        }
    }
}

fn channels(users: &[UserId]) -> Vec<Channel> {
    users.iter().copied().map(Channel::presence).collect()
}
