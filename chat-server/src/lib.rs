//! The chat server.
//!
//! A folder named after a technology (`http`, `socket`, `mysql`, `redis`) is an edge and may do
//! I/O; a folder named after a chat idea (`service`, `commit`, `deliver`) is the core.
//! The README of this crate holds the table of who may import whom; a test enforces it.

pub mod admin;
pub mod app;
pub mod background;
pub mod commit;
pub mod deliver;
pub mod files;
pub mod guard;
pub mod http;
pub mod lifecycle;
pub mod metrics;
pub mod mysql;
pub mod people;
pub mod random;
pub mod redis;
pub mod request;
pub mod run;
pub mod service;
pub mod socket;
pub mod soft;
pub mod telemetry;
pub mod tls;
pub mod trace;
pub mod wire;
