//! Private stores and servers, as processes that end with the one that started them.
//!
//! Each part is a file: it knows its program, its settings, how to tell that it is ready, and how
//! it stops. All listen on loopback, on ports that were free, with data below a folder of the
//! caller's choice.
//!
//! Invariant: no part knows another one; who starts them puts them together.

pub mod mysql;
pub mod nginx;
pub mod patience;
pub mod ports;
pub mod process;
pub mod program;
pub mod redis;
pub mod secret;
pub mod server;

pub use mysql::{MySql, MySqlConfig};
pub use nginx::{Balance, Nginx, NginxConfig};
pub use patience::Patience;
pub use process::Process;
pub use redis::{Redis, RedisConfig};
pub use server::{Server, ServerConfig};
