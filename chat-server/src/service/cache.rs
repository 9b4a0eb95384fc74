//! Administration of the cache: set, get, delete, list, clear.
//!
//! For administrators only; the server itself fills the cache at commits.

use std::time::Duration;

use bytes::Bytes;
use chat_domain::Invalid;

use super::{App, Error, Result};
use crate::redis::{self, Cache, Class, cache::Worker};

/// Keys in one answer.
const KEYS_MAX: usize = 10_000;

/// Access to the keys of the cache, and no others: sessions cannot be reached.
pub(crate) struct CacheAdmin(Cache);

impl CacheAdmin {
    pub(crate) fn new(cache: Cache) -> Self {
        Self(cache)
    }

    pub(crate) fn of(app: &App) -> Self {
        Self(app.cache.clone())
    }

    /// Stores `data` at `key`; without `ttl`, for as long as its class says.
    pub(crate) async fn set(&self, key: &str, data: Bytes, ttl: Option<Duration>) -> Result<()> {
        check(key)?;
        self.0.set(key, data, ttl).await.map_err(unavailable)
    }

    /// The value at `key`; a list, such as a window, as a JSON array.
    pub(crate) async fn get(&self, key: &str) -> Result<Bytes> {
        check(key)?;
        let found = self.0.get(key).await.map_err(|error| match error {
            redis::Error::ForeignKind(key, kind) => {
                Error::Conflict(format!("{key} holds a {kind}, which the cache never writes"))
            }
            error => unavailable(error),
        });
        found?.ok_or(Error::NotFound("key in the cache"))
    }

    /// Deletes `key`.
    ///
    /// # Errors
    /// [`Error::NotFound`] where it was not there.
    pub(crate) async fn delete(&self, key: &str) -> Result<()> {
        check(key)?;
        let found = self.0.delete(key).await.map_err(unavailable)?;
        if found { Ok(()) } else { Err(Error::NotFound("key in the cache")) }
    }

    /// Keys that match a pattern of Redis, sorted, at most [`KEYS_MAX`].
    pub(crate) async fn keys(&self, pattern: &str) -> Result<Vec<String>> {
        self.0.keys_by_pattern(pattern, KEYS_MAX).await.map_err(unavailable)
    }

    /// Deletes all keys of the cache; returns how many there were.
    pub(crate) async fn clear(&self) -> Result<u64> {
        self.0.clear_all().await.map_err(unavailable)
    }
}

/// Runs the cache worker, once per run of its periodic task.
pub(crate) struct Cleaner(Worker);

impl Cleaner {
    pub(crate) fn new(app: &App) -> Self {
        Self(Worker::new(app.cache.clone(), app.config.cache_worker_interval))
    }

    /// Returns whether it succeeded.
    pub(crate) async fn clean(&mut self) -> bool {
        let cleaned = self.0.tick().await;
        if let Err(error) = &cleaned {
            tracing::debug!(%error, "cache worker: Redis unavailable");
        }
        cleaned.is_ok()
    }
}

fn check(key: &str) -> Result<()> {
    if Class::of(key).is_some() {
        return Ok(());
    }
    Err(Invalid::new("key", "must begin with message:, messages: or room:").into())
}

/// Only here an unavailable Redis is an error: the request is about Redis itself.
#[expect(clippy::needless_pass_by_value, reason = "the shape of `map_err`")]
fn unavailable(error: redis::Error) -> Error {
    tracing::debug!(%error, "cache unavailable");
    Error::Unavailable(None)
}
