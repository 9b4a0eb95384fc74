//! Ring `api`: needs a database and a Redis. One server, asked over HTTP.

mod account;
mod bucket;
mod cache;
mod cache_words;
mod config;
mod conversation;
mod cost;
mod draft;
mod hide;
mod history;
mod input;
mod limit;
mod migrate;
mod pool;
mod problem;
mod room;
mod run;
mod session;
mod smoke;
mod start;
mod sync;
mod tls;
mod upload;
mod user;
