//! Use cases: one function for each action of a user, a socket or the server itself.
//!
//! Shape of a use case: load, decide (`chat_domain`), store (`commit` or `mysql`), publish. REST
//! calls and socket commands call the same functions. Authorisation is done here and in the
//! committer, which checks the role again under the room's lock.
//!
//! Invariant: only this module sees the store, Redis, the cache and the hub of an [`App`].

pub(crate) mod account;
pub(crate) mod administration;
mod app;
pub(crate) mod cache;
pub(crate) mod connection;
mod error;
pub(crate) mod health;
pub(crate) mod message;
pub(crate) mod presence;
mod problem;
pub(crate) mod rate_limit;
pub(crate) mod relay;
pub(crate) mod room;
pub(crate) mod session;
pub(crate) mod soft_state;
pub(crate) mod upload;
pub(crate) mod user;
mod warm_up;

pub(crate) use app::{App, Infrastructure, Parts};
pub(crate) use error::{Error, Result};
pub(crate) use problem::problem;
