//! Container images, made without a container engine.
//!
//! [`Dockerfile`] is read as far as its last stage goes, so that the image made here and the one
//! that an engine makes are the same by construction: files, user, variables, command.
//!
//! Invariant: the same inputs make the same bytes.

pub mod dockerfile;
pub mod layout;
pub mod root;
pub mod sbom;

pub use dockerfile::Dockerfile;
pub use layout::Settings;
