//! Ring `api`: needs a database and a Redis. One server, asked over HTTP.

mod smoke;
