//! The cache in the words of those who look after it: set, get, delete, list, clear.
//!
//! Only administrators come here; what the product itself caches, it caches at the commit.

use std::time::Duration;

use bytes::Bytes;
use chat_domain::Invalid;

use super::{Error, Result};
use crate::redis::{self, Cache, Class};

/// Keys in one answer.
const KEYS_MAX: usize = 10_000;

/// Stores `data` at `key`; without `ttl`, as long as its class says.
pub async fn set_cache(cache: &Cache, key: &str, data: Bytes, ttl: Option<Duration>) -> Result<()> {
    check(key)?;
    cache.set(key, data, ttl).await.map_err(away)
}

/// What stands at `key`; a list, such as a window, as a JSON array.
pub async fn get_cache(cache: &Cache, key: &str) -> Result<Bytes> {
    check(key)?;
    let found = cache.get(key).await.map_err(|error| match error {
        redis::Error::ForeignKind(key, kind) => {
            Error::Conflict(format!("{key} holds a {kind}, which the cache never writes"))
        }
        error => away(error),
    });
    found?.ok_or(Error::NotFound("key in the cache"))
}

/// Takes `key` away.
pub async fn delete_cache(cache: &Cache, key: &str) -> Result<()> {
    check(key)?;
    let found = cache.delete(key).await.map_err(away)?;
    if found { Ok(()) } else { Err(Error::NotFound("key in the cache")) }
}

/// Keys of the cache that match a pattern, in order.
pub async fn keys_by_pattern(cache: &Cache, pattern: &str) -> Result<Vec<String>> {
    cache.keys_by_pattern(pattern, KEYS_MAX).await.map_err(away)
}

/// Takes every key of the cache away; sessions stay. How many there were.
pub async fn clear_all(cache: &Cache) -> Result<u64> {
    cache.clear_all().await.map_err(away)
}

fn check(key: &str) -> Result<()> {
    if Class::of(key).is_some() {
        return Ok(());
    }
    Err(Invalid::new("key", "must begin with message:, messages: or room:").into())
}

/// Here alone somebody asked for Redis itself, so that it is away is the answer.
#[expect(clippy::needless_pass_by_value, reason = "the shape of `map_err`")]
fn away(error: redis::Error) -> Error {
    tracing::debug!(%error, "the cache was asked for in vain");
    Error::Unavailable(None)
}
