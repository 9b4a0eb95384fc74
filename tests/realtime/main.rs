//! The ring `realtime`: sockets, several servers, outages.

mod alarm;
mod crash;
mod crowd;
mod delivery;
mod encrypted;
mod failover;
mod held;
mod hidden;
mod https;
mod input;
mod marker;
mod members;
mod memory;
mod observe;
mod order;
mod outage;
mod polling;
mod retry;
mod session;
mod slow;
mod sync;
mod trace;
