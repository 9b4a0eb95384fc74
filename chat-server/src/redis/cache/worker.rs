//! The cache worker: reports expired keys, and repairs keys without a TTL.
//!
//! Redis removes expired keys by itself; the worker makes this visible. Its work per tick is
//! bounded whatever the size of the cache, and one server does it for all.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use fred::{
    interfaces::{KeysInterface, LuaInterface},
    types::scan::Scanner,
};
use futures_util::StreamExt;

use super::{Cache, Class, Pages, TARGET, millis, own_keys};
use crate::redis::Result;

/// Pages of keys looked at in one tick.
const PAGES: usize = 4;
/// Keys whose expiry is watched; more are not reported individually.
const WATCHED_MAX: usize = 10_000;
/// Expiries checked in one tick.
const ENDS: usize = 500;
/// The server that holds this key runs the worker.
const LEASE: &str = "worker:cache";
const TAKE_LEASE: &str = "
    local holder = redis.call('GET', KEYS[1])
    if holder and holder ~= ARGV[1] then return 0 end
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
    return 1";

/// What the worker remembers from tick to tick.
pub(crate) struct Worker {
    cache: Cache,
    name: String,
    lease: Duration,
    pages: Option<Pages>,
    /// Which prefix is scanned next.
    round: usize,
    watched: HashMap<String, Instant>,
}

impl Worker {
    /// A worker that ticks every `interval`.
    #[must_use]
    pub(crate) fn new(cache: Cache, interval: Duration) -> Self {
        let name = crate::random::number().to_string();
        let lease = interval * 3;
        Self { cache, name, lease, pages: None, round: 0, watched: HashMap::new() }
    }

    /// One bounded piece of work.
    pub(crate) async fn tick(&mut self) -> Result<()> {
        if !self.holds_lease().await? {
            self.watched.clear();
            self.pages = None;
            return Ok(());
        }
        self.look_for_ends().await?;
        for _ in 0..PAGES {
            self.look_at_page().await?;
        }
        Ok(())
    }

    async fn holds_lease(&mut self) -> Result<bool> {
        let arguments = vec![self.name.clone(), millis(self.lease).to_string()];
        let taken: u64 = self.cache.redis.ready()?.eval(TAKE_LEASE, LEASE, arguments).await?;
        Ok(taken == 1)
    }

    async fn look_at_page(&mut self) -> Result<()> {
        let mut pages = match self.pages.take() {
            Some(pages) => pages,
            None => self.next_scan()?,
        };
        let Some(page) = pages.next().await else { return Ok(()) };
        let mut page = page?;
        let keys = own_keys(&mut page);
        page.next();
        // The scan of one server of a cluster may end before the others.
        self.pages = Some(pages);
        self.look_at(keys).await
    }

    fn next_scan(&mut self) -> Result<Pages> {
        let class = Class::ALL[self.round % Class::ALL.len()];
        self.round = self.round.wrapping_add(1);
        self.cache.scan(&format!("{}*", class.prefix()))
    }

    /// Reads the TTL of these keys, and sets it where it is missing.
    async fn look_at(&mut self, keys: Vec<String>) -> Result<()> {
        for (key, left) in self.time_left(keys).await? {
            match left {
                -1 => self.repair(&key).await?,
                left => self.watch(key, left),
            }
        }
        Ok(())
    }

    /// Reports the watched keys that have expired.
    async fn look_for_ends(&mut self) -> Result<()> {
        let now = Instant::now();
        let due: Vec<String> =
            self.watched.iter().filter(|(_, end)| **end <= now).map(|(k, _)| k.clone()).collect();
        for (key, left) in self.time_left(due.into_iter().take(ENDS).collect()).await? {
            self.watched.remove(&key);
            if left != -2 {
                self.watch(key, left);
            } else if let Some(class) = Class::of(&key) {
                self.cache.wrote(class, "expire");
                tracing::debug!(target: TARGET, "Cache cleaned: {key} (expired)");
            }
        }
        Ok(())
    }

    fn watch(&mut self, key: String, millis_left: i64) {
        if self.watched.len() < WATCHED_MAX {
            let left = Duration::from_millis(u64::try_from(millis_left).unwrap_or_default());
            self.watched.insert(key, Instant::now() + left);
        }
    }

    async fn repair(&mut self, key: &str) -> Result<()> {
        let Some(class) = Class::of(key) else { return Ok(()) };
        let ttl = millis(self.cache.ttl(class));
        self.cache.redis.ready()?.pexpire::<(), _>(key, ttl, None).await?;
        tracing::warn!(target: TARGET, key, "set the missing TTL of a key");
        Ok(())
    }

    /// TTL of each key in milliseconds: -1 without a TTL, -2 expired.
    async fn time_left(&mut self, keys: Vec<String>) -> Result<Vec<(String, i64)>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let pipeline = self.cache.redis.ready()?.pipeline();
        for key in &keys {
            pipeline.pttl::<(), _>(key.as_str()).await?;
        }
        let left: Vec<i64> = pipeline.all().await?;
        Ok(keys.into_iter().zip(left).collect())
    }
}
