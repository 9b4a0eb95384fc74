//! What it takes to run the product on this machine: the set-up (packages, programs, the page), and
//! private stores and servers, as processes that end with the one that started them.
//!
//! `cargo x run` uses it to run the product, the test harness to test it. Each part is a file: it
//! defines its program, its settings, its readiness check, and how it stops. All listen on
//! loopback, on ports that were free, with data below a folder of the caller's choice.
//!
//! Invariants: no part knows another one; who starts them puts them together. Every wait has a
//! limit, and says at its end what it waited for.

pub mod checkout;
pub mod generated;
pub mod http;
pub mod invocation;
pub mod mysql;
pub mod nginx;
pub mod ports;
pub mod process;
pub mod program;
pub mod progress;
pub mod promises;
pub mod redis;
pub mod secret;
pub mod server;
pub mod setup;
pub mod timeout;

pub use checkout::Checkout;
pub use invocation::Invocation;
pub use mysql::{MySql, MySqlConfig};
pub use nginx::{Balance, Nginx, NginxConfig};
pub use process::Process;
pub use redis::{Redis, RedisConfig};
pub use server::{Server, ServerConfig};
pub use timeout::Timeout;
