//! The rooms that this server serves: those with a subscriber now or a short while ago.

use std::{collections::HashMap, sync::Arc};

use chat_domain::id::RoomId;
use parking_lot::RwLock;

use super::Room;

/// Heartbeats for which a room without sockets is kept, because clients reconnect.
const KEEP_EMPTY: u32 = 15;

/// See the module.
#[derive(Default)]
pub(in crate::deliver) struct Rooms(RwLock<HashMap<RoomId, Arc<Room>>>);

impl Rooms {
    /// A room that is served.
    pub(in crate::deliver) fn get(&self, id: RoomId) -> Option<Arc<Room>> {
        self.0.read().get(&id).cloned()
    }

    /// All rooms.
    pub(in crate::deliver) fn all(&self) -> Vec<Arc<Room>> {
        self.0.read().values().cloned().collect()
    }

    /// The ids of all rooms.
    pub(in crate::deliver) fn ids(&self) -> Vec<RoomId> {
        self.0.read().keys().copied().collect()
    }

    /// Calls `look` with a served room, which is not removed meanwhile.
    pub(in crate::deliver) fn look<T>(
        &self,
        id: RoomId,
        look: impl FnOnce(&Arc<Room>) -> T,
    ) -> Option<T> {
        self.0.read().get(&id).map(look)
    }

    /// Calls `look` with a room, which is served from here on and not removed meanwhile; the second
    /// argument says whether it is new here.
    pub(in crate::deliver) fn look_or_open<T>(
        &self,
        id: RoomId,
        look: impl Fn(&Room, bool) -> T,
    ) -> T {
        if let Some(room) = self.0.read().get(&id) {
            return look(room, false);
        }
        let mut rooms = self.0.write();
        let mut new = false;
        let room = rooms.entry(id).or_insert_with(|| {
            new = true;
            Arc::new(Room::new(id))
        });
        look(room, new)
    }

    /// Removes a room at once.
    pub(in crate::deliver) fn remove(&self, id: RoomId) -> Option<Arc<Room>> {
        self.0.write().remove(&id)
    }

    /// Removes rooms that have had no subscriber for a while; called at each heartbeat.
    pub(in crate::deliver) fn sweep(&self) -> Vec<RoomId> {
        let mut gone = Vec::new();
        self.0.write().retain(|id, room| {
            let mut state = room.state.lock();
            state.empty_beats =
                if state.subscribers.is_empty() { state.empty_beats + 1 } else { 0 };
            let keep = state.empty_beats < KEEP_EMPTY;
            if !keep {
                gone.push(*id);
            }
            keep
        });
        gone
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_that_stays_empty_is_let_go_of() {
        let rooms = Rooms::default();
        assert!(rooms.look_or_open(RoomId(1), |_, new| new));
        assert!(!rooms.look_or_open(RoomId(1), |_, new| new));
        for _ in 1..KEEP_EMPTY {
            assert!(rooms.sweep().is_empty());
        }
        assert_eq!(rooms.sweep(), [RoomId(1)]);
        assert!(rooms.get(RoomId(1)).is_none() && rooms.ids().is_empty());
    }
}
