//! What must be there before anything runs: packages of the system, the page, the server.
//!
//! Each step looks first and does only what is missing, so that a second start takes no time.
//!
//! Invariant: what cannot be done here ends in one sentence that names the remedy.

pub mod build;
pub mod cargo_program;
pub mod disk;
pub mod packages;
pub mod page;
pub mod sources;
pub mod tool;
