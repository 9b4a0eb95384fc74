//! The recent window of a room: a list of pieces, the newest first.
//!
//! Each piece names the heads from which and to which it goes, so a reader detects whether the
//! pieces follow each other without a gap up to the head in the store. A window that is stale or
//! has lost a piece is detected and not used; so writes may be late or dropped.

use std::sync::Arc;

use bytes::Bytes;
use chat_contract::wire::{Id, Message};
use chat_domain::id::{MessageId, RoomId, Seq, UserId};
use fred::{
    interfaces::{KeysInterface, ListInterface, TransactionInterface},
    types::Expiration,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Cache, Class, Result, millis};
use crate::{metrics::Metrics, redis::Redis};

/// Writes that may wait. Beyond that they are dropped: the head reveals that the window is stale.
const QUEUE: usize = 16_384;
/// Writes in one round trip.
const PIPELINE: usize = 256;
/// With more pieces, reading costs more than loading from the store.
const PIECES: i64 = 64;

/// Key of a room's window; that of a direct conversation is built from its two users.
#[must_use]
pub(crate) fn key(room: RoomId, direct: Option<(UserId, UserId)>) -> String {
    match direct {
        Some((low, high)) => format!("messages:{}:{}", Id(low.0), Id(high.0)),
        None => format!("room:{}:recent", Id(room.0)),
    }
}

/// A piece of the window.
#[derive(Serialize, Deserialize)]
struct Piece<M> {
    /// The head before it.
    #[serde(rename = "a")]
    after: Seq,
    /// The head after it.
    #[serde(rename = "u")]
    up_to: Seq,
    /// The oldest piece: loaded whole from the store.
    #[serde(rename = "w", default)]
    whole: bool,
    /// The room's history begins with it: there is nothing older.
    #[serde(rename = "f", default)]
    first: bool,
    #[serde(rename = "m")]
    messages: Vec<M>,
}

/// A window that was read and is up to date.
#[derive(Debug)]
pub(crate) struct Window {
    /// In order of `seq`.
    pub messages: Vec<Message>,
    /// There is nothing older.
    pub first: bool,
}

/// What a transaction changed, for the cache.
pub(crate) struct Written {
    /// The room.
    pub room: RoomId,
    /// Is it a direct room: between whom.
    pub direct: Option<(UserId, UserId)>,
    /// Head before.
    pub after: Seq,
    /// Head after.
    pub up_to: Seq,
    /// All rows are new and nothing was purged; otherwise the window cannot be continued and is
    /// deleted.
    pub only_new: bool,
    /// The rows, by their place in the room.
    pub rows: Vec<(Seq, Arc<RawValue>)>,
}

/// Writes committed changes to the cache.
#[derive(Clone)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Written>,
    metrics: Metrics,
}

impl Writer {
    /// Starts the task that writes.
    #[must_use]
    pub(crate) fn start(cache: Cache, lifecycle: &crate::lifecycle::Lifecycle) -> Self {
        let (queue, receiver) = mpsc::channel(QUEUE);
        let metrics = cache.metrics.clone();
        lifecycle.spawn(write(cache, receiver, lifecycle.stopping.clone()));
        Self { queue, metrics }
    }

    /// Queues a write. Never waits.
    pub(crate) fn write(&self, written: Written) {
        if self.queue.try_send(written).is_err() {
            self.metrics.cache_writes.with_label_values(&["window", "left_out"]).inc();
        } else {
            self.metrics.cache_queue.inc();
        }
    }
}

impl Cache {
    /// The window of a room, if it is there and reaches exactly to `head`.
    pub(crate) async fn window(&self, key: &str, head: Seq) -> Result<Option<Arc<Window>>> {
        let class = super::class_of(key)?;
        if let Some(window) = self.near.get(key, head) {
            self.metrics.cache_lookups.with_label_values(&[class.label(), "near"]).inc();
            tracing::debug!(target: super::TARGET, "Cache hit: {key}");
            return Ok(Some(window));
        }
        let pieces: Vec<Bytes> = match self.redis.ready() {
            Ok(client) => client.lrange(key, 0, -1).await?,
            Err(error) => {
                self.metrics.cache_lookups.with_label_values(&[class.label(), "away"]).inc();
                return Err(error);
            }
        };
        let found = !pieces.is_empty();
        let window = join(&pieces, head).map(Arc::new);
        let outcome = match (found, &window) {
            (false, _) => "miss",
            (true, None) => "stale",
            (true, Some(_)) => "hit",
        };
        self.metrics.cache_lookups.with_label_values(&[class.label(), outcome]).inc();
        tracing::debug!(target: super::TARGET, "Cache {outcome}: {key}");
        if let Some(window) = &window {
            self.near.set(key, head, window.clone());
        }
        Ok(window)
    }

    /// Stores a window that was loaded whole and reaches to `head`.
    pub(crate) async fn set_window(
        &self,
        key: &str,
        head: Seq,
        window: &Arc<Window>,
    ) -> Result<()> {
        let class = super::class_of(key)?;
        self.near.set(key, head, window.clone());
        let messages = window.messages.iter().collect();
        let piece = Piece { after: 0, up_to: head, whole: true, first: window.first, messages };
        let Ok(json) = serde_json::to_vec(&piece) else { return Ok(()) };
        let ttl = self.ttl(class);
        // In one transaction: otherwise a piece that another server adds in between would end up
        // behind the whole.
        let transaction = self.redis.ready()?.multi();
        transaction.del::<(), _>(key).await?;
        transaction.rpush::<(), _, _>(key, Bytes::from(json)).await?;
        transaction.pexpire::<(), _>(key, millis(ttl), None).await?;
        transaction.exec::<()>(true).await?;
        self.wrote(class, "write");
        tracing::debug!(target: super::TARGET, "Cached: {key} (TTL: {}s)", ttl.as_secs());
        Ok(())
    }
}

/// Joins pieces, newest first, into a window, where they follow each other up to `head`.
fn join(pieces: &[Bytes], head: Seq) -> Option<Window> {
    let mut expected = head;
    let mut parts: Vec<Vec<Message>> = Vec::new();
    for bytes in pieces {
        let piece: Piece<Message> = serde_json::from_slice(bytes).ok()?;
        if piece.up_to != expected {
            return None;
        }
        parts.push(piece.messages);
        if piece.whole {
            let messages = parts.into_iter().rev().flatten().collect();
            return Some(Window { messages, first: piece.first });
        }
        expected = piece.after;
    }
    None
}

async fn write(cache: Cache, mut queue: mpsc::Receiver<Written>, stopping: CancellationToken) {
    let mut writes = Vec::with_capacity(PIPELINE);
    loop {
        tokio::select! {
            count = queue.recv_many(&mut writes, PIPELINE) => if count == 0 { return },
            () = stopping.cancelled() => return,
        }
        cache.metrics.cache_queue.sub(i64::try_from(writes.len()).unwrap_or_default());
        if let Err(error) = write_all(&cache, &cache.redis, &writes).await {
            tracing::debug!(%error, "cache not written");
        }
        writes.clear();
    }
}

async fn write_all(cache: &Cache, redis: &Redis, writes: &[Written]) -> Result<()> {
    let pipeline = redis.ready()?.pipeline();
    let message_ttl = cache.ttl(Class::Message);
    for written in writes {
        for (seq, json) in &written.rows {
            let id = MessageId { room: written.room, seq: *seq };
            let key = format!("message:{}", crate::wire::message_id_to_wire(id));
            let expire = Some(Expiration::PX(millis(message_ttl)));
            pipeline.set::<(), _, _>(&key, json.get(), expire, None, false).await?;
            tracing::debug!(target: super::TARGET, "Cached: {key} (TTL: {}s)", message_ttl.as_secs());
            cache.wrote(Class::Message, "write");
        }
        let key = key(written.room, written.direct);
        let class = if written.direct.is_some() { Class::Conversation } else { Class::Window };
        if written.only_new {
            let messages = written.rows.iter().map(|(_, json)| json).collect();
            let piece = Piece {
                after: written.after,
                up_to: written.up_to,
                whole: false,
                first: false,
                messages,
            };
            let Ok(json) = serde_json::to_vec(&piece) else { continue };
            // Only where a window exists: a room that nobody opened needs none.
            pipeline.lpushx::<(), _, _>(&key, Bytes::from(json)).await?;
            // A long list loses the whole piece at its end, and the next reader loads it again.
            pipeline.ltrim::<(), _>(&key, 0, PIECES).await?;
            pipeline.pexpire::<(), _>(&key, millis(cache.ttl(class)), None).await?;
        } else {
            pipeline.unlink::<(), _>(&key).await?;
            cache.wrote(class, "delete");
            tracing::debug!(target: super::TARGET, "Deleted from cache: {key}");
        }
    }
    pipeline.all::<fred::types::Value>().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(after: Seq, up_to: Seq, whole: bool) -> Bytes {
        let piece: Piece<Message> =
            Piece { after, up_to, whole, first: whole, messages: Vec::new() };
        Bytes::from(serde_json::to_vec(&piece).unwrap())
    }

    #[test]
    fn a_window_with_a_gap_is_not_used() {
        let whole = piece(0, 5, true);
        assert!(join(&[piece(5, 7, false), whole.clone()], 7).is_some());
        assert!(join(&[piece(5, 7, false), whole.clone()], 8).is_none(), "behind the head");
        assert!(join(&[piece(6, 7, false), whole.clone()], 7).is_none(), "a piece was lost");
        assert!(join(&[piece(5, 7, false)], 7).is_none(), "the whole piece has gone");
        assert!(join(&[whole.clone(), piece(5, 7, false)], 7).is_none(), "in another order");
    }
}
