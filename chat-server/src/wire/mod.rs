//! Conversion between domain and contract types.

mod draft;
mod message;
mod room;
mod user;

pub(crate) use draft::*;
pub(crate) use message::*;
pub(crate) use room::*;
pub(crate) use user::*;
