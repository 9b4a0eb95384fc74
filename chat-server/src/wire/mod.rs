//! Domain to contract and back; the only place where both are named.

mod message;
mod room;
mod user;

pub use message::*;
pub use room::*;
pub use user::*;
