//! Who watches whose presence.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use chat_contract::wire::event_name;
use chat_domain::id::UserId;
use parking_lot::Mutex;
use serde_json::value::RawValue;

use super::{Hub, conn::Conn};
use crate::redis::bus::Channel;

/// For each watched person, the sockets here that watch.
#[derive(Default)]
pub(super) struct Watchers(Mutex<HashMap<UserId, Vec<Arc<Conn>>>>);

impl Watchers {
    fn of(&self, user: UserId) -> Vec<Arc<Conn>> {
        self.0.lock().get(&user).cloned().unwrap_or_default()
    }

    /// Adds a watcher; `true`: the first one.
    fn add(&self, user: UserId, conn: &Arc<Conn>) -> bool {
        let mut watchers = self.0.lock();
        let conns = watchers.entry(user).or_default();
        conns.push(conn.clone());
        conns.len() == 1
    }

    /// Takes a watcher away; `true`: it was the last one.
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
}

impl Hub {
    /// From now on this socket hears of these people and no others.
    pub async fn watch(&self, conn: &Arc<Conn>, users: HashSet<UserId>) {
        let before = std::mem::replace(&mut *conn.watched.lock(), users.clone());
        let mut begin = Vec::new();
        let mut end = Vec::new();
        for user in users.difference(&before) {
            if self.inner.watchers.add(*user, conn) {
                begin.push(Channel::presence(*user));
            }
        }
        for user in before.difference(&users) {
            if self.inner.watchers.remove(*user, conn) {
                end.push(Channel::presence(*user));
            }
        }
        if !end.is_empty() {
            let _ = self.inner.bus.unsubscribe(end).await;
        }
        // After the unsubscribing: whoever is watched is subscribed in the end.
        if !begin.is_empty()
            && let Err(error) = self.inner.bus.subscribe(begin).await
        {
            tracing::debug!(%error, "presence not subscribed yet");
        }
    }

    pub(super) fn emit_presence(&self, user: UserId, data: &RawValue) {
        for conn in self.inner.watchers.of(user).iter().filter(|conn| !conn.is_lagging()) {
            self.emit(conn, event_name::PRESENCE, data);
        }
    }
}
