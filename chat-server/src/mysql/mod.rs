//! All SQL. Rows become domain types here.
//!
//! Invariant: no change is effective before this module has committed it. MySQL 8 and MariaDB 10.6
//! or newer both work: no `RETURNING`, no feature of only one of them. Types of the driver stay in
//! here.

pub(crate) mod account;
pub(crate) mod commit;
pub(crate) mod draft;
mod encode;
mod error;
pub(crate) mod member;
pub(crate) mod message;
pub(crate) mod purge;
pub(crate) mod room;
pub(crate) mod session;
mod sql;
pub(crate) mod store;
pub(crate) mod upload;
pub(crate) mod user;

pub(crate) use self::store::{Connection, Probe};
pub use self::{error::Error, store::Store};

/// Result of this module.
pub type Result<T> = std::result::Result<T, Error>;
