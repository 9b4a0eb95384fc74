//! Notifications to and from other servers, and best-effort events.

use std::sync::Arc;

use bytes::Bytes;
use chat_contract::wire::event_name;
use chat_domain::id::{RoomId, SessionId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::sync::mpsc;

use super::{Conn, Hub, event::Batch};
use crate::redis::{
    self,
    bus::{Bus, Received},
    channel::{Channel, Topic},
};

/// What one server publishes for the others.
#[derive(Serialize, Deserialize)]
struct Notification {
    /// The server that published it.
    #[serde(rename = "o")]
    origin: u32,
    // Not flattened: raw JSON cannot be read from there.
    #[serde(rename = "h")]
    body: Body,
}

#[derive(Serialize, Deserialize)]
pub(super) enum Body {
    /// A batch of a room's stream, and when it was committed, in microseconds since 1970.
    #[serde(rename = "b")]
    Batch(Batch, i64),
    /// A best-effort event for all members of a room but one user.
    #[serde(rename = "e")]
    Ephemeral { name: Ephemeral, data: Box<RawValue>, except: Option<u64> },
    /// This user joined a room.
    #[serde(rename = "j")]
    Joined(u64),
    /// These sessions ended.
    #[serde(rename = "x")]
    SessionsEnded(Vec<u64>),
    /// The room was deleted.
    #[serde(rename = "d")]
    Deleted,
}

/// Publishes to the other servers.
pub(super) struct Peers {
    /// Number of this server, to recognise its own notifications.
    server: u32,
    bus: Bus,
}

impl Peers {
    pub(super) fn new(bus: Bus) -> Self {
        Self { server: crate::random::number(), bus }
    }

    /// This server's own number among the others.
    pub(super) fn server(&self) -> u32 {
        self.server
    }

    /// Whether the bus is connected.
    pub(super) fn is_connected(&self) -> bool {
        self.bus.is_connected()
    }

    /// Queues a notification for publishing. Never waits.
    pub(super) fn publish(&self, channel: Channel, body: Body) {
        let notification = Notification { origin: self.server, body };
        if let Ok(json) = serde_json::to_vec(&notification) {
            self.bus.publish(channel, Bytes::from(json));
        }
    }

    pub(super) async fn subscribe(&self, channels: Vec<Channel>) -> redis::Result<()> {
        self.bus.subscribe(channels).await
    }

    pub(super) async fn unsubscribe(&self, channels: Vec<Channel>) -> redis::Result<()> {
        self.bus.unsubscribe(channels).await
    }
}

/// Best-effort events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Ephemeral {
    /// A user is typing.
    Typing,
    /// A user has read messages.
    ReadMarker,
    /// A user's presence changed.
    Presence,
    /// A user's name or photo changed.
    UserChanged,
    /// A user has hidden a room, or shows it again.
    RoomChanged,
    /// A user's draft changed.
    DraftChanged,
}

impl Ephemeral {
    fn event(self) -> &'static str {
        match self {
            Self::Typing => event_name::TYPING,
            Self::ReadMarker => event_name::READ_MARKER,
            Self::Presence => event_name::PRESENCE,
            Self::UserChanged => event_name::USER_CHANGED,
            Self::RoomChanged => event_name::ROOM_CHANGED,
            Self::DraftChanged => event_name::DRAFT_CHANGED,
        }
    }
}

impl Hub {
    /// Sends a best-effort event to all members of a room but one user.
    pub(crate) fn ephemeral<T: Serialize>(
        &self,
        room: RoomId,
        name: Ephemeral,
        data: &T,
        except: Option<UserId>,
    ) {
        let Ok(data) = serde_json::value::to_raw_value(data) else { return };
        self.emit_ephemeral(room, name, &data, except);
        let except = except.map(|user| user.0);
        self.inner.peers.publish(Channel::room(room), Body::Ephemeral { name, data, except });
    }

    /// Sends a best-effort event to all devices of a user, except one socket of this server.
    pub(crate) fn to_user<T: Serialize>(
        &self,
        user: UserId,
        name: Ephemeral,
        data: &T,
        except: Option<&Arc<Conn>>,
    ) {
        let Ok(data) = serde_json::value::to_raw_value(data) else { return };
        let is_meant = |conn: &&Arc<Conn>| except.is_none_or(|other| !Arc::ptr_eq(other, conn));
        for conn in self.conns_of(user).iter().filter(is_meant) {
            self.emit(conn, name.event(), &data);
        }
        self.inner.peers.publish(Channel::user(user), Body::Ephemeral { name, data, except: None });
    }

    /// Sends a user's presence to its subscribers.
    pub(crate) fn presence<T: Serialize>(&self, user: UserId, data: &T) {
        let Ok(data) = serde_json::value::to_raw_value(data) else { return };
        self.emit_presence(user, &data);
        let body = Body::Ephemeral { name: Ephemeral::Presence, data, except: None };
        self.inner.peers.publish(Channel::presence(user), body);
    }

    /// These sessions have ended: their sockets close, here and elsewhere.
    pub(crate) fn sessions_ended(&self, user: UserId, sessions: &[SessionId]) {
        self.close_sessions(user, sessions);
        let ids = sessions.iter().map(|session| session.0).collect();
        self.inner.peers.publish(Channel::user(user), Body::SessionsEnded(ids));
    }

    pub(super) async fn listen(self, mut notifications: mpsc::Receiver<Received>) {
        while let Some(received) = notifications.recv().await {
            let waiting = i64::try_from(notifications.len()).unwrap_or_default();
            self.inner.metrics.bus_received_queue.set(waiting);
            match received {
                Received::Notification(topic, payload) => self.receive(topic, &payload),
                Received::Missed => self.compare_heads(self.inner.rooms.ids()),
            }
        }
    }

    fn receive(&self, topic: Topic, payload: &[u8]) {
        let Ok(notification) = serde_json::from_slice::<Notification>(payload) else {
            self.inner.metrics.bus.with_label_values(&["unreadable"]).inc();
            return;
        };
        if notification.origin == self.inner.peers.server() {
            return;
        }
        self.inner.metrics.bus.with_label_values(&["heard"]).inc();
        match (topic, notification.body) {
            (Topic::Room(id), Body::Batch(batch, committed)) => {
                if let Some(room) = self.inner.rooms.get(id) {
                    let micros = (chrono::Utc::now().timestamp_micros() - committed).max(0);
                    self.inner.metrics.publish_to_deliver_seconds.observe(micros as f64 / 1e6);
                    self.accept(&room, batch);
                }
            }
            (Topic::Room(id), Body::Ephemeral { name, data, except }) => {
                self.emit_ephemeral(id, name, &data, except.map(UserId));
            }
            (Topic::Room(id), Body::Deleted) => self.forget(id),
            (Topic::User(user), Body::Joined(room)) => self.joined(RoomId(room), user),
            (Topic::User(user), Body::SessionsEnded(ids)) => {
                let sessions: Vec<_> = ids.into_iter().map(SessionId).collect();
                self.close_sessions(user, &sessions);
            }
            (Topic::User(user), Body::Ephemeral { name, data, .. }) => {
                for conn in self.conns_of(user) {
                    self.emit(&conn, name.event(), &data);
                }
            }
            (Topic::Presence(user), Body::Ephemeral { data, .. }) => {
                self.emit_presence(user, &data);
            }
            _ => {}
        }
    }

    fn emit_ephemeral(
        &self,
        room: RoomId,
        name: Ephemeral,
        data: &RawValue,
        except: Option<UserId>,
    ) {
        let Some(room) = self.inner.rooms.get(room) else { return };
        let conns = room.state.lock().subscribers.conns().to_vec();
        for conn in conns.iter().filter(|conn| Some(conn.user) != except) {
            // Dropped first: a lagging socket does not get it.
            if !conn.is_lagging() {
                self.emit(conn, name.event(), data);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notification_is_read_as_it_was_written() {
        let data = serde_json::value::to_raw_value(&["x"]).unwrap();
        let body = Body::Ephemeral { name: Ephemeral::Typing, data, except: Some(7) };
        let json = serde_json::to_vec(&Notification { origin: 1, body }).unwrap();
        let read: Notification = serde_json::from_slice(&json).unwrap();
        assert!(matches!(read.body, Body::Ephemeral { except: Some(7), .. }));
    }

    /// Recorded from a server of commit 4c51096.
    const OLD: &str = r#"{"o":467126177,"h":{"b":[{"a":2,"u":3,"r":[{"n":true,"c":3,"m":{"id":"6h2e688vf2n47-3","roomId":"6h2e688vf2n47","seq":3,"changedSeq":3,"ordinal":1,"senderId":"6h2e686c11x06","clientId":"25ea479b-2d6b-40cd-93f5-8e650aa7d76b","content":"welcome","createdAt":"2026-11-29T11:38:02.175182Z"}}]},1795952282202234]}}"#;

    #[test]
    fn a_batch_of_an_older_server_is_understood() {
        let read: Notification = serde_json::from_str(OLD).unwrap();
        let Body::Batch(batch, committed) = &read.body else { unreachable!("no batch") };
        assert_eq!((read.origin, *committed), (467_126_177, 1_795_952_282_202_234));
        assert_eq!((batch.after, batch.up_to, batch.rows[0].seq), (2, 3, 3));
        // This version adds a field that an older server ignores.
        let ours = serde_json::to_string(&read).unwrap();
        assert_eq!(ours, OLD.replace("}}]},", r#"},"q":3}]},"#));
    }

    #[test]
    fn other_notifications_are_those_of_an_older_server() {
        for old in [
            r#"{"o":7,"h":{"e":{"name":"Typing","data":{"x":1},"except":5}}}"#,
            r#"{"o":7,"h":{"j":9}}"#,
            r#"{"o":7,"h":{"x":[1,2]}}"#,
            r#"{"o":7,"h":"d"}"#,
        ] {
            let read: Notification = serde_json::from_str(old).unwrap();
            assert_eq!(serde_json::to_string(&read).unwrap(), old);
        }
    }
}
