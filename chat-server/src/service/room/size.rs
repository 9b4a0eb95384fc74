//! How many members a room has, as far as that decides who hears of typing and of read markers.
//!
//! It is asked at every key stroke, so it is kept for a while: one count of a room in so long, on
//! each server where somebody is typing or reading.

use std::time::Duration;

use chat_domain::{id::RoomId, limit};
use moka::sync::Cache;

use crate::service::App;

/// After this time the members are counted again.
const TTL: Duration = Duration::from_secs(10);
/// Rooms that are kept, of some hundred bytes each.
const ROOMS_MAX: u64 = 50_000;
/// A store that takes longer to count is not waited for: the socket's next commands would be, too.
const COUNT_TIMEOUT: Duration = Duration::from_millis(500);
/// Nobody asks how much larger a room is.
const COUNTED_MAX: usize = limit::TYPING_MEMBERS_MAX + 1;

/// The sizes of rooms that were counted a short while ago.
pub(in crate::service) struct Sizes(Cache<RoomId, usize>);

impl Default for Sizes {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(ROOMS_MAX).time_to_live(TTL).build())
    }
}

/// Members of a room, counted up to [`COUNTED_MAX`]. Where the store cannot say, its sockets here.
pub(in crate::service) async fn size(app: &App, room: RoomId) -> usize {
    if let Some(size) = app.room_sizes.0.get(&room) {
        return size;
    }
    let count = app.store.count_members(room, COUNTED_MAX);
    let size = match tokio::time::timeout(COUNT_TIMEOUT, count).await {
        Ok(Ok(size)) => size,
        Ok(Err(error)) => {
            tracing::debug!(%error, room = room.0, "the members of a room could not be counted");
            app.hub.subscriber_count(room)
        }
        Err(_) => app.hub.subscriber_count(room),
    };
    app.room_sizes.0.insert(room, size);
    size
}
