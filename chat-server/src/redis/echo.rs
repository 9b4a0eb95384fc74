//! Checks that a server still receives the channels that it subscribed to.
//!
//! A subscription can end silently: in a cluster when its slot moves to another server, which the
//! library does not report, and everywhere when the other end of the connection disappears. So a
//! server subscribes to an echo channel, in a cluster to one for each partition, and publishes
//! there: a server that does not receive its own messages receives no others.

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

/// Interval of the messages.
const INTERVAL: Duration = Duration::from_secs(1);
/// Limit for an echo.
const ECHO_TIMEOUT: Duration = Duration::from_secs(3);
/// After this time without an echo subscribing again has not helped: the connection is closed.
const LIMIT: Duration = Duration::from_secs(9);

/// The echoes of one server.
#[derive(Clone)]
pub(super) struct Echoes {
    redis: Redis,
    /// By partition; without a cluster all channels share one connection, so one is enough.
    channels: Arc<Vec<Channel>>,
    /// Since when each echo is due.
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

    /// The channels to subscribe to.
    pub(super) fn channels(&self) -> impl Iterator<Item = Channel> {
        self.channels.iter().cloned()
    }

    /// A message was received on this channel.
    pub(super) fn received(&self, channel: &str) {
        if let Some(partition) = self.channels.iter().position(|own| own.name() == channel) {
            self.waiting.lock()[partition] = None;
        }
    }

    /// Publishes, and notifies `again` to subscribe to all channels where an echo is missing.
    pub(super) async fn watch(self, again: Arc<Notify>, stopping: CancellationToken) {
        let mut tried = false;
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
            match remedy(silence, tried) {
                Some(Remedy::Reconnect) => {
                    let _ = self.redis.subscriber.force_reconnection().await;
                    self.waiting.lock().fill(None);
                }
                Some(Remedy::SubscribeAgain) => {
                    tracing::warn!(
                        "redis: some notifications do not arrive any more; subscribing again"
                    );
                    again.notify_one();
                }
                None => {}
            }
            tried = silence > ECHO_TIMEOUT;
            self.call().await;
        }
    }

    /// The longest time that an echo is overdue.
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
        // No echo is due for a message that was not published.
        for (since, called) in self.waiting.lock().iter_mut().zip(called) {
            since.take_if(|_| called.is_err());
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Remedy {
    SubscribeAgain,
    Reconnect,
}

/// What helps after this time without an echo; `tried`: it was already overdue a moment ago.
fn remedy(silence: Duration, tried: bool) -> Option<Remedy> {
    if silence > LIMIT {
        return Some(Remedy::Reconnect);
    }
    (silence > ECHO_TIMEOUT && !tried).then_some(Remedy::SubscribeAgain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_echo_is_subscribed_again_once_and_then_the_connection_is_closed() {
        let later = Duration::from_millis(1);
        for (silence, tried, expected) in [
            (Duration::ZERO, false, None),
            (ECHO_TIMEOUT, false, None),
            (ECHO_TIMEOUT + later, false, Some(Remedy::SubscribeAgain)),
            (ECHO_TIMEOUT + later, true, None),
            (LIMIT, true, None),
            (LIMIT + later, true, Some(Remedy::Reconnect)),
            (LIMIT + later, false, Some(Remedy::Reconnect)),
        ] {
            assert_eq!(remedy(silence, tried), expected, "{silence:?}, {tried}");
        }
    }
}
