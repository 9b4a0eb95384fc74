//! All SQL. Rows become domain types here.
//!
//! Invariant: nothing is true before this room has committed it.
//! MySQL 8 and MariaDB 10.6 or newer both work: no `RETURNING`, no feature of only one of them.
//! Types of the driver stay in here.

pub mod account;
pub mod commit;
pub mod draft;
mod encode;
mod error;
pub mod member;
pub mod message;
pub mod purge;
pub mod room;
pub mod session;
mod sql;
pub mod store;
pub mod upload;
pub mod user;

pub use self::{
    error::Error,
    store::{Connection, Pool, Probe, Store},
};

/// Result of this room.
pub type Result<T> = std::result::Result<T, Error>;
