//! Ring `realtime`: needs a database and a Redis. Sockets, several servers, outages.

mod delivery;
