//! What an outsider may know about the chat server.
//!
//! The page (TypeScript is generated from [`wire`]), the tests, the charts and the operator read
//! this crate, and nothing else of the server.
//!
//! Rule: the contract only grows.
//! An old server runs under a new operator and the reverse, so a field is added with a default,
//! deprecated, and removed one release later: `.github/VERSIONING.md`. The ring `tidy` compares
//! what this version promises with what earlier ones did.

pub mod config;
pub mod ops;
pub mod wire;
