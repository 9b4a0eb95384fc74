//! New rooms.
//!
//! A new room goes through no lane: nobody else knows of it, so there is no row to lock and no
//! state to decide on. Only the store's unique keys can tell whether two users already have a
//! direct room, or a name is taken, because a missing row cannot be locked.
//! `chat_domain::change::NewRoom` has validated the room before.

use chat_domain::change::NewRoom;

use super::Committer;
use crate::mysql;

impl Committer {
    /// Creates a room in a separate transaction, and subscribes its members' sockets.
    ///
    /// # Errors
    ///
    /// As [`crate::mysql::Store::create_room`]; then the room was not created.
    pub(crate) async fn create(&self, room: &NewRoom) -> mysql::Result<()> {
        self.store.create_room(room).await?;
        self.publisher.created(room);
        Ok(())
    }
}
