//! Does a server still receive what it subscribed to.
//!
//! A subscription may end without a word: in a cluster with the slot that moves to another
//! server, which the library does not report, and everywhere with a connection whose other end is
//! gone. So a server has a channel of its own in each partition, and says something there now and
//! then: a server that does not receive its own message receives nobody's.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use fred::interfaces::{ClientLike, PubsubInterface};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{
    Redis,
    channel::{Channel, PARTITIONS},
};

/// Between two calls.
const INTERVAL: Duration = Duration::from_secs(1);
/// An echo takes less.
const ECHO_TIMEOUT: Duration = Duration::from_secs(3);
/// After so long subscribing again has not helped: the connection itself is given up.
const LIMIT: Duration = Duration::from_secs(9);

/// The echoes of one server.
#[derive(Clone)]
pub(super) struct Echoes {
    redis: Redis,
    /// By partition; in one server all channels have one fate, so that one will do.
    channels: Arc<Vec<Channel>>,
    /// Since when an echo is waited for.
    waiting: Arc<Mutex<Vec<Option<Instant>>>>,
}

impl Echoes {
    pub(super) fn new(redis: &Redis) -> Self {
        let partitions = if redis.is_clustered() { PARTITIONS } else { 1 };
        let server = crate::random::number();
        let channels: Vec<_> = (0..partitions).map(|p| Channel::echo(p, server)).collect();
        let waiting = Arc::new(Mutex::new(vec![None; channels.len()]));
        Self { redis: redis.clone(), channels: Arc::new(channels), waiting }
    }

    /// What is to be subscribed.
    pub(super) fn channels(&self) -> impl Iterator<Item = Channel> {
        self.channels.iter().cloned()
    }

    /// Something was received on this channel.
    pub(super) fn received(&self, channel: &str) {
        if let Some(partition) = self.channels.iter().position(|own| own.name() == channel) {
            self.waiting.lock()[partition] = None;
        }
    }

    /// Calls, and has everything subscribed `again` where no echo comes.
    pub(super) async fn watch(self, again: Arc<Notify>, stopping: CancellationToken) {
        let mut warned = false;
        loop {
            tokio::select! {
                () = tokio::time::sleep(INTERVAL) => {}
                () = stopping.cancelled() => return,
            }
            if !self.redis.is_connected() {
                self.waiting.lock().fill(None);
                continue;
            }
            let silence = self.silence();
            if silence > LIMIT {
                let _ = self.redis.subscriber.force_reconnection().await;
                self.waiting.lock().fill(None);
            } else if silence > ECHO_TIMEOUT && !warned {
                tracing::warn!(
                    "redis: some notifications do not arrive any more; subscribing again"
                );
                again.notify_one();
            }
            warned = silence > ECHO_TIMEOUT;
            self.call().await;
        }
    }

    /// How long the longest wait for an echo is.
    fn silence(&self) -> Duration {
        self.waiting.lock().iter().flatten().map(Instant::elapsed).max().unwrap_or_default()
    }

    async fn call(&self) {
        let Ok(client) = self.redis.ready() else { return };
        let pipeline = client.pipeline();
        for channel in self.channels.iter() {
            let _ = pipeline.spublish::<(), _, _>(channel.name(), "").await;
        }
        let now = Instant::now();
        self.waiting.lock().iter_mut().for_each(|since| _ = since.get_or_insert(now));
        let called = pipeline.try_all::<i64>().await;
        // What was not said is not waited for.
        for (since, called) in self.waiting.lock().iter_mut().zip(called) {
            since.take_if(|_| called.is_err());
        }
    }
}
