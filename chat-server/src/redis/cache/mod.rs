//! The cache: messages, conversations and the recent window of rooms, each with a time to live.
//!
//! Invariant: only keys with a prefix of [`Class`] are ever touched here, so nothing that an
//! administrator does to the cache can reach a session. Everything in the cache is committed.

mod near;
pub(crate) mod window;
mod worker;

use std::time::Duration;

use bytes::Bytes;
use chat_contract::config::{ServerConfig, format_duration};
use fred::{
    interfaces::{KeysInterface, ListInterface},
    types::{
        Expiration, Key,
        scan::{ScanResult, Scanner},
    },
};
use futures_util::{StreamExt, stream::BoxStream};
use serde_json::value::RawValue;

use super::{Error, Redis, Result};
use crate::metrics::Metrics;

use near::Near;
pub(crate) use worker::Worker;

/// Target of the log lines, so that `CHAT_LOG=info,chat_server::cache=debug` shows them alone.
const TARGET: &str = "chat_server::cache";
/// Keys that one page of a scan looks at.
const SCAN_COUNT: u32 = 500;

/// What a key holds, by its prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// `message:{id}`: one message.
    Message,
    /// `messages:{lower user id}:{higher user id}`: a direct conversation.
    Conversation,
    /// `room:{id}:...`: the recent window of a room.
    Window,
}

impl Class {
    /// All classes.
    pub(crate) const ALL: [Self; 3] = [Self::Message, Self::Conversation, Self::Window];

    /// The class of a key; `None` where the key is not the cache's.
    #[must_use]
    pub(crate) fn of(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| key.starts_with(class.prefix()))
    }

    /// The prefix of its keys.
    #[must_use]
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::Message => "message:",
            Self::Conversation => "messages:",
            Self::Window => "room:",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Conversation => "conversation",
            Self::Window => "window",
        }
    }
}

/// The cache.
#[derive(Clone)]
pub(crate) struct Cache {
    redis: Redis,
    metrics: Metrics,
    message_ttl: Duration,
    window_ttl: Duration,
    near: Near,
}

impl Cache {
    /// The cache in this Redis, with the times to live of the configuration.
    #[must_use]
    pub(crate) fn new(redis: Redis, metrics: Metrics, config: &ServerConfig) -> Self {
        let ServerConfig { cache_message_ttl, cache_window_ttl, .. } = *config;
        let near = Near::new(cache_window_ttl);
        Self { redis, metrics, message_ttl: cache_message_ttl, window_ttl: cache_window_ttl, near }
    }

    /// How long entries of this class live unless a call says otherwise.
    #[must_use]
    pub(crate) fn ttl(&self, class: Class) -> Duration {
        if class == Class::Window { self.window_ttl } else { self.message_ttl }
    }

    /// Stores `data`; without `ttl`, as long as its class says.
    pub(crate) async fn set(&self, key: &str, data: Bytes, ttl: Option<Duration>) -> Result<()> {
        let class = class_of(key)?;
        let ttl = ttl.unwrap_or_else(|| self.ttl(class));
        let expire = Some(Expiration::PX(millis(ttl)));
        self.redis.ready()?.set::<(), _, _>(key, data, expire, None, false).await?;
        self.wrote(class, "write");
        tracing::debug!(target: TARGET, "Cached: {key} (TTL: {})", format_duration(ttl));
        Ok(())
    }

    /// The value of `key`: a string as it is, a list as a JSON array.
    pub(crate) async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        let class = class_of(key)?;
        let found = self.read(key).await;
        let outcome = match &found {
            Ok(Some(_)) => "hit",
            Ok(None) => "miss",
            Err(_) => "away",
        };
        self.metrics.cache_lookups.with_label_values(&[class.label(), outcome]).inc();
        if found.is_ok() {
            tracing::debug!(target: TARGET, "Cache {outcome}: {key}");
        }
        found
    }

    async fn read(&self, key: &str) -> Result<Option<Bytes>> {
        let client = self.redis.ready()?;
        let kind: String = client.r#type(key).await?;
        match kind.as_str() {
            "none" => Ok(None),
            "string" => Ok(client.get(key).await?),
            "list" => {
                let entries: Vec<Bytes> = client.lrange(key, 0, -1).await?;
                Ok((!entries.is_empty()).then(|| array(&entries)))
            }
            _ => Err(Error::ForeignKind(key.to_owned(), kind)),
        }
    }

    /// Deletes `key`; `true`: it existed.
    pub(crate) async fn delete(&self, key: &str) -> Result<bool> {
        let class = class_of(key)?;
        self.near.delete(key);
        let deleted: u64 = self.redis.ready()?.unlink(key).await?;
        if deleted > 0 {
            self.wrote(class, "delete");
            tracing::debug!(target: TARGET, "Deleted from cache: {key}");
        }
        Ok(deleted > 0)
    }

    /// Keys of the cache that match a pattern of Redis, at most `limit`, in no order. Uses `SCAN`,
    /// never `KEYS`, which would block all other commands.
    pub(crate) async fn keys_by_pattern(&self, pattern: &str, limit: usize) -> Result<Vec<String>> {
        let mut keys = Vec::new();
        let mut pages = self.scan(pattern)?;
        while let Some(page) = pages.next().await {
            let mut page = page?;
            keys.extend(own_keys(&mut page));
            if keys.len() >= limit {
                page.cancel();
                break;
            }
            page.next();
        }
        // A scan may name a key twice.
        keys.sort_unstable();
        keys.dedup();
        keys.truncate(limit);
        Ok(keys)
    }

    /// Deletes all keys of the cache, and no other; returns how many there were.
    pub(crate) async fn clear_all(&self) -> Result<u64> {
        self.near.clear();
        let mut cleared: u64 = 0;
        for class in Class::ALL {
            let mut pages = self.scan(&format!("{}*", class.prefix()))?;
            while let Some(page) = pages.next().await {
                let mut page = page?;
                let pipeline = self.redis.ready()?.pipeline();
                for key in own_keys(&mut page) {
                    pipeline.unlink::<(), _>(key).await?;
                }
                cleared += pipeline.all::<Option<Vec<u64>>>().await?.iter().flatten().sum::<u64>();
                page.next();
            }
            self.wrote(class, "delete");
        }
        tracing::info!(target: TARGET, "Cache cleaned: all {cleared} keys");
        Ok(cleared)
    }

    fn scan(&self, pattern: &str) -> Result<Pages> {
        let client = self.redis.ready()?;
        let count = Some(SCAN_COUNT);
        Ok(if self.redis.is_clustered() {
            client.scan_cluster(pattern.to_owned(), count, None).boxed()
        } else {
            client.scan(pattern.to_owned(), count, None).boxed()
        })
    }

    fn wrote(&self, class: Class, operation: &str) {
        self.metrics.cache_writes.with_label_values(&[class.label(), operation]).inc();
    }
}

type Pages = BoxStream<'static, std::result::Result<ScanResult, fred::error::Error>>;

fn own_keys(page: &mut ScanResult) -> Vec<String> {
    let keys = page.take_results().unwrap_or_default();
    keys.into_iter().filter_map(Key::into_string).filter(|key| Class::of(key).is_some()).collect()
}

fn class_of(key: &str) -> Result<Class> {
    Class::of(key).ok_or_else(|| Error::ForeignKey(key.to_owned()))
}

/// The entries of a list as a JSON array: those that are JSON as they are, others as text.
fn array(entries: &[Bytes]) -> Bytes {
    let entries = entries.iter().map(|entry| {
        let text = String::from_utf8_lossy(entry).into_owned();
        RawValue::from_string(text).map_or_else(
            |_| serde_json::Value::from(String::from_utf8_lossy(entry)).to_string(),
            |json| json.get().to_owned(),
        )
    });
    format!("[{}]", entries.collect::<Vec<_>>().join(",")).into()
}

fn millis(ttl: Duration) -> i64 {
    // Redis refuses a time to live of 0.
    i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_an_array_of_what_is_in_it() {
        let entries = [r#"{"a":1}"#, "no json", "\"text\""].map(Bytes::from);
        assert_eq!(array(&entries), r#"[{"a":1},"no json","text"]"#);
        assert_eq!(array(&[Bytes::from_static(b"\xff")]), "[\"\u{fffd}\"]");
    }

    #[test]
    fn only_our_prefixes_have_a_class() {
        assert_eq!(Class::of("message:1"), Some(Class::Message));
        assert_eq!(Class::of("messages:1:2"), Some(Class::Conversation));
        assert_eq!(Class::of("room:1:window"), Some(Class::Window));
        for key in ["session:abc", "limit:x", "message", "", "rooms:1"] {
            assert_eq!(Class::of(key), None, "{key}");
        }
    }
}
