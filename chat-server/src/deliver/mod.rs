//! From the commit to the sockets: the Socket.IO adapter of this system.
//!
//! The server that committed puts the changes into its own room queue; the others learn of them
//! over the bus, or by comparing heads; from there on it is the same code.
//!
//! Invariant: what leaves a room's queue is gapless and in order: each batch begins where the one
//! before ended. Nothing depends on a hint: a lost one is found by the next heartbeat.
//! Invariant: a socket hears a room only while its person is a member, and no message from before
//! they could see it.

mod conn;
mod event;
mod hearers;
mod heartbeat;
mod hint;
mod hub;
mod lease;
mod load;
mod member;
mod room;
mod stream;
mod visible;
mod watch;

pub use conn::Conn;
pub use hint::Ephemeral;
pub use hub::Hub;
pub use lease::{Lease, Looked};

use chat_domain::{
    id::{RoomId, Seq, UserId},
    message::Message,
};

use crate::trace::Parent;

/// What one transaction changed in one room.
#[derive(Debug, Clone)]
pub struct Committed {
    /// The room.
    pub room: RoomId,
    /// Is it a direct room: between whom.
    pub direct: Option<(UserId, UserId)>,
    /// Its head before.
    pub after: Seq,
    /// Its head after.
    pub up_to: Seq,
    /// The rows, whole, in order of their last change.
    pub rows: Vec<Message>,
    /// The trace of a request among those that changed it.
    pub trace: Option<Parent>,
}
