//! The server's configuration: read once, checked whole, all problems reported together.
//!
//! [`ServerConfig::from_vars`] takes a look-up function, so nothing here touches the process
//! environment; the operator goes the other way with [`ServerConfig::to_vars`].

mod duration;
mod former;
mod kind;
mod network;
mod reference;
mod server;
mod stores;
mod telemetry;
#[cfg(test)]
mod tests;
pub mod tls;
mod uploads;
mod vars;

pub use duration::{format_duration, parse_duration};
pub use former::former_name;
pub use kind::Shape;
pub use network::Network;
pub use reference::{Section, Variable};
pub use server::ServerConfig;
pub use telemetry::LogFormat;
pub use uploads::{Bucket, Uploads};
pub use vars::{Problem, Vars, percent_encode};
