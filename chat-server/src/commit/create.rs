//! New rooms.
//!
//! A room that is about to be made goes through no lane: nobody else can know of it, so there is
//! no row to lock and nothing that it could be decided on. Whether two people have a direct room
//! already, or a name is taken, only the store's unique keys can say, as a row that is not there
//! cannot be locked. What a new room may be is decided before, by `chat_domain::change::NewRoom`.

use chat_domain::change::NewRoom;

use super::Committer;
use crate::mysql;

impl Committer {
    /// Makes a room in a transaction of its own, and lets its members' sockets in.
    ///
    /// # Errors
    ///
    /// As [`crate::mysql::Store::create_room`]; then there is no such room.
    pub(crate) async fn create(&self, room: &NewRoom) -> mysql::Result<()> {
        self.store.create_room(room).await?;
        self.publisher.created(room);
        Ok(())
    }
}
