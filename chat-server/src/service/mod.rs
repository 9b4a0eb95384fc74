//! Use cases: one public function for each thing that a person can do.
//!
//! Shape of a use case: load, decide (`chat_domain`), store (`commit` or `mysql`), tell.
//! A REST call and a socket command end in the same function here; authorisation stands here and
//! in the committer, which checks the role again under the room's lock.

pub mod account;
pub mod cache;
pub mod draft;
mod error;
pub mod history;
pub mod limit;
pub mod marker;
pub mod member;
pub mod message;
pub mod presence;
mod problem;
pub mod retention;
pub mod room;
pub mod session;
pub mod soft;
pub mod upload;
pub mod user;
mod warm;

pub use error::{Error, Result};
pub use problem::problem;
