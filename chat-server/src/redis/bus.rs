//! Notifications between the servers, over Redis 7 sharded pub/sub.
//!
//! A channel for each room and for each connected user, its partition as the hash tag, so that a
//! server receives only what concerns its own sockets and a cluster spreads the channels. Delivery
//! is at most once and not stored: a receiver may have missed earlier notifications.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use fred::prelude::{ClientLike, EventInterface, PubsubInterface};
use futures_util::{StreamExt, TryStreamExt, stream};
use parking_lot::Mutex;
use tokio::sync::{Notify, broadcast::error::RecvError, mpsc};
use tokio_util::sync::CancellationToken;

use super::{
    Redis, Result,
    channel::{Channel, Topic, by_partition},
    echo::Echoes,
};
use crate::{lifecycle::Lifecycle, metrics::Metrics};

/// Notifications that may wait to be published. Beyond that they are dropped: heads are compared
/// anyway.
const QUEUE: usize = 16_384;
/// Notifications in one round trip.
const PIPELINE: usize = 256;
/// Concurrent subscribe commands.
const SUBSCRIPTIONS: usize = 256;
/// Delay between two attempts to subscribe again.
const RETRY: Duration = Duration::from_millis(250);

/// What was received.
#[derive(Debug)]
pub(crate) enum Received {
    /// A notification and its topic.
    Notification(Topic, Bytes),
    /// Some may have been missed: the connection was lost, or this server was too slow.
    Missed,
}

/// A notification to be published.
struct Outgoing {
    channel: Channel,
    payload: Bytes,
    since: Instant,
}

/// The bus of one server.
#[derive(Clone)]
pub(crate) struct Bus {
    redis: Redis,
    outgoing: mpsc::Sender<Outgoing>,
    /// Channels of this server, subscribed again after each reconnect.
    wanted: Arc<Mutex<HashSet<Channel>>>,
    /// Notified when not all of them may be subscribed.
    again: Arc<Notify>,
    metrics: Metrics,
}

impl Bus {
    /// Starts publishing and receiving.
    #[must_use]
    pub(crate) fn start(
        redis: &Redis,
        metrics: &Metrics,
        lifecycle: &Lifecycle,
    ) -> (Self, mpsc::Receiver<Received>) {
        let (outgoing, queue) = mpsc::channel(QUEUE);
        let (received, notifications) = mpsc::channel(QUEUE);
        let bus = Self {
            redis: redis.clone(),
            outgoing,
            wanted: Arc::default(),
            again: Arc::default(),
            metrics: metrics.clone(),
        };
        let echoes = Echoes::new(redis);
        bus.wanted.lock().extend(echoes.channels());
        let stopping = &lifecycle.stopping;
        lifecycle.spawn(publish(redis.clone(), metrics.clone(), queue, stopping.clone()));
        lifecycle.spawn(listen(redis.clone(), received.clone(), echoes.clone(), stopping.clone()));
        lifecycle.spawn(subscribe_again(bus.clone(), received, stopping.clone()));
        lifecycle.spawn(echoes.watch(bus.again.clone(), stopping.clone()));
        (bus, notifications)
    }

    /// Queues a notification for publishing. Never waits.
    pub(crate) fn publish(&self, channel: Channel, payload: Bytes) {
        if self.outgoing.try_send(Outgoing { channel, payload, since: Instant::now() }).is_err() {
            self.metrics.bus.with_label_values(&["not_published"]).inc();
        } else {
            self.metrics.bus_queue.inc();
        }
    }

    /// Subscribes and waits for the confirmation. Channels that cannot be subscribed now are
    /// subscribed as soon as possible.
    pub(crate) async fn subscribe(&self, channels: Vec<Channel>) -> Result<()> {
        self.wanted.lock().extend(channels.iter().cloned());
        let subscribed = self.subscribe_now(channels).await;
        if subscribed.is_err() {
            self.again.notify_one();
        }
        subscribed
    }

    /// One command per channel: Redis confirms each channel separately, and the library takes a
    /// second confirmation of one command for the answer to the next.
    async fn subscribe_now(&self, channels: Vec<Channel>) -> Result<()> {
        let subscriber = &self.redis.subscriber;
        if !subscriber.is_connected() {
            return Err(super::Error::Unavailable);
        }
        stream::iter(channels)
            .map(|channel| Ok(subscriber.ssubscribe(channel.into_name())))
            .try_buffer_unordered(SUBSCRIPTIONS)
            .try_collect::<()>()
            .await?;
        Ok(())
    }

    /// Ends subscriptions.
    pub(crate) async fn unsubscribe(&self, channels: Vec<Channel>) -> Result<()> {
        {
            let mut wanted = self.wanted.lock();
            for channel in &channels {
                wanted.remove(channel);
            }
        }
        if !self.redis.subscriber.is_connected() {
            return Ok(());
        }
        for group in by_partition(channels) {
            self.redis.subscriber.sunsubscribe(group).await?;
        }
        Ok(())
    }

    /// Whether the subscriber connection is up.
    #[must_use]
    pub(crate) fn is_connected(&self) -> bool {
        self.redis.is_connected()
    }
}

async fn publish(
    redis: Redis,
    metrics: Metrics,
    mut queue: mpsc::Receiver<Outgoing>,
    stopping: CancellationToken,
) {
    let mut notifications = Vec::with_capacity(PIPELINE);
    loop {
        tokio::select! {
            count = queue.recv_many(&mut notifications, PIPELINE) => if count == 0 { return },
            () = stopping.cancelled() => return,
        }
        metrics.bus_queue.sub(i64::try_from(notifications.len()).unwrap_or_default());
        for notification in &notifications {
            metrics.bus_lag_seconds.observe(notification.since.elapsed().as_secs_f64());
        }
        let count = notifications.len() as u64;
        let outcome = match publish_all(&redis, notifications.drain(..)).await {
            Ok(()) => "published",
            Err(_) => "not_published",
        };
        metrics.bus.with_label_values(&[outcome]).inc_by(count);
    }
}

async fn publish_all(redis: &Redis, notifications: impl Iterator<Item = Outgoing>) -> Result<()> {
    let pipeline = redis.ready()?.pipeline();
    for Outgoing { channel, payload, .. } in notifications {
        pipeline.spublish::<(), _, _>(channel.into_name(), payload).await?;
    }
    pipeline.all::<Vec<i64>>().await?;
    Ok(())
}

async fn listen(
    redis: Redis,
    received: mpsc::Sender<Received>,
    echoes: Echoes,
    stopping: CancellationToken,
) {
    let mut messages = redis.subscriber.message_rx();
    loop {
        let message = tokio::select! {
            message = messages.recv() => message,
            () = stopping.cancelled() => return,
        };
        let now = match message {
            Ok(message) => {
                let Some(topic) = Topic::of(&message.channel) else {
                    echoes.received(&message.channel);
                    continue;
                };
                let Some(payload) = message.value.into_bytes() else { continue };
                Received::Notification(topic, payload)
            }
            Err(RecvError::Lagged(_)) => Received::Missed,
            Err(RecvError::Closed) => return,
        };
        if received.send(now).await.is_err() {
            return;
        }
    }
}

/// Subscribes to all channels again: a reconnect drops all subscriptions, and in a cluster a slot
/// that moves drops its own.
async fn subscribe_again(bus: Bus, received: mpsc::Sender<Received>, stopping: CancellationToken) {
    let mut reconnects = bus.redis.subscriber.reconnect_rx();
    loop {
        tokio::select! {
            event = reconnects.recv() => if matches!(event, Err(RecvError::Closed)) { return },
            () = bus.again.notified() => {}
            () = stopping.cancelled() => return,
        }
        let mut warned = false;
        loop {
            let wanted: Vec<Channel> = bus.wanted.lock().iter().cloned().collect();
            match bus.subscribe_now(wanted).await {
                Ok(()) => break,
                // Redis may be unavailable for a long time.
                Err(error) if !warned => tracing::warn!(%error, "subscribing again failed"),
                Err(_) => {}
            }
            warned = true;
            tokio::select! {
                () = tokio::time::sleep(RETRY) => {}
                () = stopping.cancelled() => return,
            }
        }
        if received.send(Received::Missed).await.is_err() {
            return;
        }
    }
}
