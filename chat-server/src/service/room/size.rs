//! Sizes of rooms, which decide whether typing and read markers are broadcast.
//!
//! The size is needed at every key stroke, so it is cached: one count per room and [`TTL`], on each
//! server with a user who types or reads. Concurrent callers share it.

use std::{sync::Arc, time::Duration};

use chat_domain::{id::RoomId, limit};
use moka::sync::Cache;
use tokio::sync::OnceCell;

use crate::service::App;

/// How long a count is cached.
const TTL: Duration = Duration::from_secs(10);
/// How long the last count is used where the store does not answer.
const LAST_TTL: Duration = Duration::from_hours(1);
/// Cached rooms, of some hundred bytes each.
const ROOMS_MAX: u64 = 50_000;
/// Limit for a count, because the socket's next commands wait for it, too.
const COUNT_TIMEOUT: Duration = Duration::from_millis(500);
/// Counting stops here: larger sizes make no difference.
const COUNTED_MAX: usize = limit::TYPING_MEMBERS_MAX + 1;

/// Recently counted sizes of rooms.
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

/// Members of a room, counted up to [`COUNTED_MAX`]. Where the store does not answer: the last
/// count, or else the number of sockets here.
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
