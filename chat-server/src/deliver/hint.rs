//! What the servers tell each other, and what may be lost.

use std::sync::Arc;

use bytes::Bytes;
use chat_contract::wire::event_name;
use chat_domain::id::{RoomId, SessionId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::sync::mpsc;

use super::{Hub, conn::Conn, event::Batch};
use crate::redis::{
    bus::Heard,
    channel::{Channel, Topic},
};

/// What one server tells the others.
#[derive(Serialize, Deserialize)]
struct Hint {
    /// Which server.
    #[serde(rename = "o")]
    origin: u32,
    // Not flattened: raw JSON cannot be read from there.
    #[serde(rename = "h")]
    body: Body,
}

#[derive(Serialize, Deserialize)]
pub(super) enum Body {
    /// A piece of a room's stream, and when it was committed, in microseconds.
    #[serde(rename = "b")]
    Batch(Batch, i64),
    /// An event that may be lost, for all in a room but one person.
    #[serde(rename = "e")]
    Ephemeral { name: Ephemeral, data: Box<RawValue>, except: Option<u64> },
    /// This person came into a room.
    #[serde(rename = "j")]
    Joined(u64),
    /// These sessions ended.
    #[serde(rename = "x")]
    SessionsEnded(Vec<u64>),
    /// The room was deleted.
    #[serde(rename = "d")]
    Deleted,
}

/// Events that may be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ephemeral {
    /// Somebody is typing.
    Typing,
    /// Somebody has read.
    ReadMarker,
    /// Somebody came or went.
    Presence,
    /// Somebody has another name or photo.
    UserChanged,
    /// Somebody has hidden a room, or shows it again.
    RoomChanged,
    /// Somebody is writing something else.
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
    /// Everybody of a room but one person gets an event that may be lost.
    pub fn ephemeral<T: Serialize>(
        &self,
        room: RoomId,
        name: Ephemeral,
        data: &T,
        except: Option<UserId>,
    ) {
        let Ok(data) = serde_json::value::to_raw_value(data) else { return };
        self.emit_ephemeral(room, name, &data, except);
        let except = except.map(|user| user.0);
        self.tell(Channel::room(room), Body::Ephemeral { name, data, except });
    }

    /// All devices of one person, but for one of this server, get an event that may be lost.
    pub fn to_user<T: Serialize>(
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
        self.tell(Channel::user(user), Body::Ephemeral { name, data, except: None });
    }

    /// Those who watch a person hear of their presence.
    pub fn presence<T: Serialize>(&self, user: UserId, data: &T) {
        let Ok(data) = serde_json::value::to_raw_value(data) else { return };
        self.emit_presence(user, &data);
        let body = Body::Ephemeral { name: Ephemeral::Presence, data, except: None };
        self.tell(Channel::presence(user), body);
    }

    /// These sessions have ended: their sockets close, here and elsewhere.
    pub fn sessions_ended(&self, user: UserId, sessions: &[SessionId]) {
        self.close_sessions(user, sessions);
        let ids = sessions.iter().map(|session| session.0).collect();
        self.tell(Channel::user(user), Body::SessionsEnded(ids));
    }

    pub(super) fn tell(&self, channel: Channel, body: Body) {
        let hint = Hint { origin: self.inner.server, body };
        if let Ok(json) = serde_json::to_vec(&hint) {
            self.inner.bus.publish(channel, Bytes::from(json));
        }
    }

    pub(super) async fn listen(self, mut hints: mpsc::Receiver<Heard>) {
        while let Some(heard) = hints.recv().await {
            self.inner.metrics.bus_heard_queue.set(i64::try_from(hints.len()).unwrap_or_default());
            match heard {
                Heard::Hint(topic, payload) => self.hear(topic, &payload),
                Heard::Missed => {
                    let rooms = self.inner.rooms.read().keys().copied().collect();
                    self.compare_heads(rooms);
                }
            }
        }
    }

    fn hear(&self, topic: Topic, payload: &[u8]) {
        let Ok(hint) = serde_json::from_slice::<Hint>(payload) else {
            self.inner.metrics.bus.with_label_values(&["unreadable"]).inc();
            return;
        };
        if hint.origin == self.inner.server {
            return;
        }
        self.inner.metrics.bus.with_label_values(&["heard"]).inc();
        match (topic, hint.body) {
            (Topic::Room(id), Body::Batch(batch, committed)) => {
                if let Some(room) = self.room(id) {
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
        let Some(room) = self.room(room) else { return };
        let conns = room.state.lock().hearers.conns().to_vec();
        for conn in conns.iter().filter(|conn| Some(conn.user) != except) {
            // First to be left out: a socket that is behind does not hear of it at all.
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
    fn a_hint_is_read_as_it_was_written() {
        let data = serde_json::value::to_raw_value(&["x"]).unwrap();
        let body = Body::Ephemeral { name: Ephemeral::Typing, data, except: Some(7) };
        let json = serde_json::to_vec(&Hint { origin: 1, body }).unwrap();
        let hint: Hint = serde_json::from_slice(&json).unwrap();
        assert!(matches!(hint.body, Body::Ephemeral { except: Some(7), .. }));
    }
}
