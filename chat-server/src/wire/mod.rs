//! Domain to contract and back; the only place where both are named.

mod draft;
mod message;
mod room;
mod user;

pub use draft::*;
pub use message::*;
pub use room::*;
pub use user::*;
