//! The server's configuration: read once, checked whole, all problems reported together.
//!
//! [`ServerConfig::from_vars`] takes a look-up function, so nothing here touches the process
//! environment; the operator goes the other way with [`ServerConfig::to_vars`].

mod duration;
mod network;
mod server;
pub mod tls;
mod uploads;
mod vars;

pub use duration::{format_duration, parse_duration};
pub use network::Network;
pub use server::{LogFormat, ServerConfig, percent_encode};
pub use uploads::{Bucket, Uploads};
pub use vars::{Problem, Vars};
