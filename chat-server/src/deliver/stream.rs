//! The stream of a room: from the commit or the bus into the queue, and from there to sockets.

use std::{sync::Arc, time::Duration};

use chat_contract::wire::RoomChange;
use chat_domain::id::{RoomId, Seq, UserId};
use tokio::time::Instant;
use tracing::Span;

use super::{
    Batch, Conn, Hub,
    event::events,
    peer::Body,
    room::{Room, Todo},
    row::Effect,
    visible,
};
use crate::{random, redis::channel::Channel, trace};

/// How long an early batch waits for its predecessor before the gap is fetched.
const EARLY_WAIT: Duration = Duration::from_millis(10);
/// Attempts to fetch a gap before it is left to the next heartbeat.
const ATTEMPTS: u32 = 3;
/// Rows of a gap in one query.
const FETCH_ROWS: u32 = 500;
/// Under load a room collects messages for about as long as the current fan-out of all rooms takes:
/// a packet with several messages costs little more than one with one. A quiet room never waits.
/// The delay regulates itself: it grows with the deliveries per second and reaches its maximum
/// where they would use a whole core.
const PACE_PER_SOCKET: Duration = Duration::from_micros(30);
/// Maximum of that delay.
const PACE_MAX: Duration = Duration::from_millis(150);
/// Below this, waiting costs more than it saves.
const PACE_MIN: Duration = Duration::from_millis(1);

impl Hub {
    /// Publishes a transaction of this server: to its own sockets first, then to the other servers.
    pub(crate) fn publish(&self, room: RoomId, batch: Batch) {
        let joined: Vec<UserId> = batch.joined().collect();
        let body = Body::Batch(batch.clone(), chrono::Utc::now().timestamp_micros());
        if let Some(room) = self.inner.rooms.get(room) {
            self.accept(&room, batch);
        }
        self.invite(room, joined.into_iter());
        self.inner.peers.publish(Channel::room(room), body);
    }

    /// These users have become members: their sockets on all servers enter the room.
    pub(crate) fn invite(&self, room: RoomId, users: impl Iterator<Item = UserId>) {
        for user in users {
            self.inner.peers.publish(Channel::user(user), Body::Joined(room.0));
            self.joined(room, user);
        }
    }

    /// A transaction of this server has deleted a room.
    pub(crate) fn deleted(&self, room: RoomId) {
        self.inner.peers.publish(Channel::room(room), Body::Deleted);
        self.forget(room);
    }

    pub(super) fn accept(&self, room: &Arc<Room>, batch: Batch) {
        let todo = room.state.lock().accept(batch);
        self.act(room, todo, "order");
    }

    pub(super) fn act(&self, room: &Arc<Room>, todo: Todo, noticed_by: &'static str) {
        if todo.deliver {
            tokio::spawn(self.clone().deliver(room.clone()));
        }
        if todo.fetch {
            tokio::spawn(self.clone().fetch(room.clone(), noticed_by));
        }
    }

    /// Delivers queued batches, and those that arrive meanwhile, until the queue is empty.
    async fn deliver(self, room: Arc<Room>) {
        let mut share = self.inner.under_way.share();
        let mut in_step = true;
        loop {
            let (batches, conns, visible_from, todo) = {
                let mut state = room.state.lock();
                let Some((batches, todo)) = state.take() else { return };
                for user in batches.iter().flat_map(Batch::left) {
                    // A user who left gets nothing from the removal's number on.
                    for conn in state.subscribers.leave(room.id, user) {
                        self.emit_change(&conn, room.id, RoomChange::Removed);
                    }
                }
                let subscribers = &state.subscribers;
                (batches, subscribers.conns().to_vec(), subscribers.visible_from(), todo)
            };
            self.act(&room, todo, "full_queue");
            share.set(conns.len());
            let spans = traced(&room, &batches, conns.len());
            let began = Instant::now();
            let seen = |conn: &Arc<Conn>| conn.visible_from(room.id).unwrap_or(Seq::MAX);
            let views = visible::views(&batches, &conns, visible_from, seen);
            if views.is_empty() {
                self.give(&room, &batches, &conns).await;
            }
            for (batches, conns) in views {
                self.give(&room, &batches, &conns).await;
            }
            drop(spans);
            if let Some(last) = batches.last() {
                room.state.lock().delivered = last.up_to;
            }
            self.after_delivery(&room, &batches, &conns);
            let mut pace =
                PACE_PER_SOCKET.saturating_mul(self.inner.under_way.sockets()).min(PACE_MAX);
            if pace >= PACE_MIN {
                // Rooms that start together would stay in step and wait for each other each time.
                if std::mem::take(&mut in_step) {
                    pace = pace.mul_f64(f64::from(random::number()) / f64::from(u32::MAX));
                }
                tokio::time::sleep_until(began + pace).await;
            }
        }
    }

    /// Encodes batches once, and emits them to these sockets.
    async fn give(&self, room: &Room, batches: &[Batch], conns: &[Arc<Conn>]) {
        for event in events(room.id, batches) {
            for conn in conns {
                self.emit(conn, event.name, &event.data);
            }
            self.inner.metrics.deliveries.inc_by(event.messages * conns.len() as u64);
            tokio::task::yield_now().await;
        }
    }

    fn after_delivery(&self, room: &Room, batches: &[Batch], conns: &[Arc<Conn>]) {
        for row in batches.iter().flat_map(|batch| &batch.rows) {
            match &row.effect {
                Effect::Joined(users) => users.iter().for_each(|user| self.joined(room.id, *user)),
                Effect::Refresh => {
                    for conn in conns {
                        self.emit_change(conn, room.id, RoomChange::Updated);
                    }
                }
                Effect::Left(_) | Effect::None => {}
            }
        }
    }

    /// Fetches a gap from the store.
    async fn fetch(self, room: Arc<Room>, noticed_by: &'static str) {
        tokio::time::sleep(EARLY_WAIT).await;
        let mut attempts = 0;
        while attempts < ATTEMPTS {
            match self.fetch_once(&room, noticed_by).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    attempts += 1;
                    tracing::warn!(%error, room = room.id.0, "a gap could not be fetched");
                    tokio::time::sleep(EARLY_WAIT * 10).await;
                }
            }
        }
        let todo = room.state.lock().fetched(attempts == ATTEMPTS);
        self.act(&room, todo, noticed_by);
    }

    /// One page of a gap. `true`: there may be more.
    async fn fetch_once(
        &self,
        room: &Arc<Room>,
        noticed_by: &'static str,
    ) -> crate::mysql::Result<bool> {
        if !room.state.lock().may_fetch() {
            return Ok(false);
        }
        let heads = self.inner.store.heads(&[room.id]).await?;
        let head = heads.first().and_then(|(_, head)| *head).unwrap_or_default();
        let Some(cursor) = room.state.lock().cursor.filter(|cursor| *cursor < head) else {
            return Ok(false);
        };
        let rows = self.inner.store.changed(room.id, cursor, head, FETCH_ROWS).await?;
        let more = rows.len() == FETCH_ROWS as usize;
        let up_to = if more { rows.last().map_or(head, |row| row.changed_seq) } else { head };
        self.inner.metrics.gaps.with_label_values(&[noticed_by]).inc();
        self.accept(room, Batch::encode(cursor, up_to, &rows, None));
        Ok(more)
    }
}

/// Spans of the delivery, one for each trace that it continues; mostly none.
fn traced(room: &Room, batches: &[Batch], sockets: usize) -> Vec<Span> {
    let parents = batches.iter().filter_map(|batch| batch.trace.as_ref());
    let spans = parents.map(|parent| {
        let room = room.id.0;
        parent.adopt(
            tracing::info_span!(target: trace::TARGET, parent: None, "deliver", room, sockets),
        )
    });
    spans.collect()
}
