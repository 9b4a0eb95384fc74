//! Publishes committed changes: encodes them once, for the cache, the sockets of this server, and
//! the other servers. The committer waits for none of these.

use chat_domain::{
    change::{NewRoom, RoomChanges},
    id::RoomId,
    message::{Message, SystemEvent},
};

use crate::{
    deliver::{Batch, Hub},
    redis::cache::window::{Writer, Written},
    trace::Parent,
};

/// See the module. Cheap to clone.
#[derive(Clone)]
pub(super) struct Publisher {
    cache: Writer,
    hub: Hub,
}

impl Publisher {
    pub(super) fn new(cache: Writer, hub: Hub) -> Self {
        Self { cache, hub }
    }

    /// A transaction has changed a room. The delivery continues `trace`.
    pub(super) fn changed(&self, changes: &RoomChanges, trace: Option<Parent>) {
        let RoomChanges { room, direct, after, up_to, ref rows } = *changes;
        let batch = Batch::encode(after, up_to, rows, trace);
        let cached = batch.rows.iter().map(|row| (row.seq, row.json.clone())).collect();
        let only_new = continues_window(after, rows);
        self.cache.write(Written { room, direct, after, up_to, only_new, rows: cached });
        self.hub.publish(room, batch);
    }

    /// A room was created.
    pub(super) fn created(&self, room: &NewRoom) {
        self.hub.invite(room.about.id, room.members.iter().map(|(user, _)| *user));
    }

    /// A room was deleted.
    pub(super) fn deleted(&self, room: RoomId) {
        self.hub.deleted(room);
    }

    /// It is unknown whether these rooms have changed: they are compared with the store soon.
    pub(super) fn uncertain(&self, rooms: Vec<RoomId>) {
        self.hub.compare_heads(rooms);
    }
}

/// Whether these rows can be appended to a cached window of the room: all are new, and none is a
/// purge.
fn continues_window(after: u64, rows: &[Message]) -> bool {
    let purges = |row: &Message| matches!(row.system, Some(SystemEvent::Purged(_)));
    rows.iter().all(|row| row.seq > after && !purges(row))
}

#[cfg(test)]
mod tests {
    use chat_domain::id::UserId;

    use super::*;

    fn row(seq: u64, system: Option<SystemEvent>) -> Message {
        let (room, by, at) = (RoomId(1), UserId(1), chrono::DateTime::UNIX_EPOCH);
        Message { system, ..Message::new(room, seq, 1, by, at) }
    }

    #[test]
    fn a_window_is_continued_by_new_rows_alone() {
        let left = || Some(SystemEvent::Left(UserId(1)));
        assert!(continues_window(5, &[row(6, None), row(7, left())]));
        assert!(!continues_window(5, &[row(6, None), row(5, None)]), "5 was changed");
        assert!(!continues_window(5, &[row(6, Some(SystemEvent::Purged(3)))]));
    }
}
