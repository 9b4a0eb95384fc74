//! Ring `api`: needs a database and a Redis. One server, asked over HTTP.

mod account;
mod bucket;
mod cache;
mod config;
mod conversation;
mod limit;
mod migrate;
mod problem;
mod session;
mod smoke;
mod tls;
mod upload;
mod user;
