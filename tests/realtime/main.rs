//! The ring `realtime`: sockets, several servers, outages.

mod crash;
mod crowd;
mod delivery;
mod input;
mod members;
mod memory;
mod order;
mod outage;
mod polling;
mod retry;
mod session;
mod slow;
mod sync;
