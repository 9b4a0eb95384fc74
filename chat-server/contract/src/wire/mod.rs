//! JSON shapes of the REST API and of the socket events.
//!
//! Keys are camelCase, ids are strings, times are RFC 3339 in UTC, absent means `null` or left out.
//! Requests refuse unknown fields; responses may get new ones at any time.

mod account;
mod admin;
mod command;
mod draft;
mod event;
mod id;
mod message;
mod problem;
mod room;
mod user;

pub use account::*;
pub use admin::*;
pub use command::*;
pub use draft::*;
pub use event::*;
pub use id::*;
pub use message::*;
pub use problem::*;
pub use room::*;
pub use user::*;
