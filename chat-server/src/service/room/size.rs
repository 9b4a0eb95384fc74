//! How many members a room has, as far as that decides who is notified of typing and of read
//! markers.
//!
//! It is asked at every key stroke, so it is kept for a while: one count of a room in so long, on
//! each server where somebody is typing or reading. Those who ask at the same time share it.

use std::{sync::Arc, time::Duration};

use chat_domain::{id::RoomId, limit};
use moka::sync::Cache;
use tokio::sync::OnceCell;

use crate::service::App;

/// After this time the members are counted again.
const TTL: Duration = Duration::from_secs(10);
/// So long the last count stands in where the store does not answer.
const LAST_TTL: Duration = Duration::from_hours(1);
/// Rooms that are kept, of some hundred bytes each.
const ROOMS_MAX: u64 = 50_000;
/// A store that takes longer to count is not waited for: the socket's next commands would be, too.
const COUNT_TIMEOUT: Duration = Duration::from_millis(500);
/// Nobody asks how much larger a room is.
const COUNTED_MAX: usize = limit::TYPING_MEMBERS_MAX + 1;

/// The sizes of rooms that were counted a short while ago.
pub(in crate::service) struct Sizes {
    now: Cache<RoomId, Arc<OnceCell<usize>>>,
    last: Cache<RoomId, usize>,
}

impl Default for Sizes {
    fn default() -> Self {
        Self {
            now: Cache::builder().max_capacity(ROOMS_MAX).time_to_live(TTL).build(),
            last: Cache::builder().max_capacity(ROOMS_MAX).time_to_live(LAST_TTL).build(),
        }
    }
}

/// Members of a room, counted up to [`COUNTED_MAX`]. Where the store cannot say, the last count; of
/// a room that was not counted yet, its sockets here.
pub(in crate::service) async fn size(app: &App, room: RoomId) -> usize {
    let size = app.room_sizes.now.get_with(room, Arc::default);
    *size.get_or_init(|| count(app, room)).await
}

async fn count(app: &App, room: RoomId) -> usize {
    let count = app.store.count_members(room, COUNTED_MAX);
    match tokio::time::timeout(COUNT_TIMEOUT, count).await {
        Ok(Ok(size)) => {
            app.room_sizes.last.insert(room, size);
            return size;
        }
        Ok(Err(error)) => {
            tracing::debug!(%error, room = room.0, "the members of a room could not be counted");
        }
        Err(_) => tracing::debug!(room = room.0, "counting the members of a room took too long"),
    }
    app.room_sizes.last.get(&room).unwrap_or_else(|| app.hub.subscriber_count(room))
}
