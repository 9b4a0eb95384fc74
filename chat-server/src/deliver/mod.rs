//! From the commit to the sockets: the Socket.IO adapter of this system.
//!
//! The committing server puts changes into its own room queue; other servers receive them over the
//! bus, or find them by comparing heads. From there on the code is the same.
//!
//! The state has four owners, each with its own locks: `room::Rooms` (served rooms and their
//! subscribers), `connection::Connections` (connected sockets), `connection::Pending` (sockets
//! with pending work) and `presence::Watchers` (who subscribes to whose presence). [`Hub`] composes
//! them.
//!
//! Invariant: a room's queue is delivered gapless and in order: each batch begins where the
//! previous one ended. Nothing depends on a notification: the next heartbeat detects a lost one.
//! Invariant: a socket subscribes to a room only while its user is a member, and gets no message
//! that its user may not see.

mod admission;
mod connection;
mod event;
mod heartbeat;
mod hub;
mod load;
mod peer;
mod presence;
mod room;
mod row;
mod stream;
mod visible;

pub(crate) use connection::{Conn, Looked, SessionLease};
pub(crate) use event::Batch;
pub(crate) use hub::Hub;
pub(crate) use peer::Ephemeral;
