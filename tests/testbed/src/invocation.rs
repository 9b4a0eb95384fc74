//! One call of the project's own command.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use crate::checkout::Checkout;

/// What every command of `cargo x` gets.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// The checkout that it works in.
    pub checkout: Checkout,
    /// Set by Ctrl-C and by a request to end.
    pub interrupted: Arc<AtomicBool>,
}

impl Invocation {
    /// Has somebody asked for the end.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }
}
