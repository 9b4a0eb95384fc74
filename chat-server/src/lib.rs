//! The chat server.
//!
//! A folder named after a technology (`http`, `socket`, `mysql`, `redis`) is an edge and may do
//! I/O; a folder named after a chat concept (`service`, `commit`, `deliver`) is the core. The
//! README of this crate has the table of allowed imports between modules; a test enforces it.

pub mod admin;
mod background;
mod commit;
mod deliver;
mod files;
pub mod http;
mod lifecycle;
pub mod metrics;
pub mod mysql;
mod random;
mod redis;
mod request;
pub mod run;
mod service;
mod socket;
pub mod telemetry;
pub mod tls;
mod trace;
mod wire;
