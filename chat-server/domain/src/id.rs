//! Ids.

use chrono::{DateTime, Utc};

macro_rules! id {
    ($name:ident, $what:literal) => {
        #[doc = $what]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u64);

        impl $name {
            /// A new id: 42 bits of milliseconds, then 22 bits of `random`, so that ids sort by age
            /// and two servers do not collide (a unique key catches the case that they do).
            #[must_use]
            pub fn new(now: DateTime<Utc>, random: u32) -> Self {
                let millis = u64::try_from(now.timestamp_millis()).unwrap_or_default();
                Self((millis << 22) | u64::from(random >> 10))
            }
        }
    };
}

id!(UserId, "A person, for ever.");
id!(RoomId, "A room.");
id!(SessionId, "A signed-in device.");
id!(UploadId, "An uploaded file.");

/// Number of a change in a room, from 1; 0: before the first one.
pub type Seq = u64;

/// A message: its room and its place there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId {
    /// The room.
    pub room: RoomId,
    /// The place.
    pub seq: Seq,
}

/// The sender's own id for a message.
pub type ClientId = uuid::Uuid;
