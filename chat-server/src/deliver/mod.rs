//! From the commit to the sockets: the Socket.IO adapter of this system.
//!
//! The server that committed puts the changes into its own room queue; the others learn of them
//! over the bus, or by comparing heads; from there on it is the same code.
//!
//! What is known here belongs to four owners, each with locks of its own: `room::Rooms` (what is served
//! and who subscribes to it), `connection::Connections` (who is connected),
//! `connection::Stragglers` (sockets that something is still to be done for) and
//! `presence::Watchers` (who watches whose presence). [`Hub`] only composes them.
//!
//! Invariant: what leaves a room's queue is gapless and in order: each batch begins where the one
//! before ended. Nothing depends on a notification: a lost one is found by the next heartbeat.
//! Invariant: a socket subscribes to a room only while its person is a member, and gets no message
//! from before they could see it.

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
