//! The parts of the project's own command that others use too.
//!
//! [`stack`] starts private stores and servers: `cargo x run` uses it to run the product, the
//! test harness to test it. [`cluster`] starts a Kubernetes in the same way.
//!
//! Invariant: nothing in here talks to people; that is the work of the binary.

pub mod checkout;
pub mod cluster;
pub mod generated;
pub mod http;
pub mod image;
pub mod stack;
