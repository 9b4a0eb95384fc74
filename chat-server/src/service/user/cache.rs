//! Cache of profiles in this process, because every page of messages names the same few users.
//!
//! As with a room's window, the store shows whether an entry is current: each change of any profile
//! increments a counter, and a member's standing includes that counter. So an old name is never
//! shown, whichever server changed it.

use std::{collections::BTreeSet, time::Duration};

use chat_contract::wire::User;
use chat_domain::id::UserId;
use moka::sync::Cache;

use crate::{
    mysql::{self, Store},
    wire::user_to_wire,
};

/// Cached users, of a few hundred bytes each.
const USERS_MAX: u64 = 20_000;
/// Maximum age: during an upgrade, servers of an older version change profiles without counting.
const TTL: Duration = Duration::from_secs(10);

/// See the module.
pub(in crate::service) struct UserCache(Cache<UserId, (u64, User)>);

impl Default for UserCache {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(USERS_MAX).time_to_live(TTL).build())
    }
}

impl UserCache {
    /// These users, sorted by id, with at least `changes` changes of profiles applied. Unknown ids
    /// are omitted.
    pub(in crate::service) async fn get(
        &self,
        store: &Store,
        ids: &BTreeSet<UserId>,
        changes: u64,
    ) -> mysql::Result<Vec<User>> {
        let mut people = Vec::with_capacity(ids.len());
        let mut unknown = Vec::new();
        for id in ids {
            match self.0.get(id).filter(|(seen, _)| *seen >= changes) {
                Some((_, user)) => people.push(user),
                None => unknown.push(*id),
            }
        }
        for user in store.users_by_ids(&unknown).await? {
            let shown = user_to_wire(&user);
            self.0.insert(user.id, (changes, shown.clone()));
            people.push(shown);
        }
        people.sort_unstable_by_key(|user| user.id);
        Ok(people)
    }
}
