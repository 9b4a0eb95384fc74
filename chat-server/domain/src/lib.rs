//! The domain of chat: types and rules, without I/O.
//!
//! What a name, a message, a reaction may be, who may do what, and how a change modifies a room
//! ([`change`]).
//! Invariant: no I/O, no clock, no randomness, no JSON. Time and ids are arguments.

pub mod account;
pub mod change;
pub mod draft;
pub mod id;
pub mod limit;
pub mod member;
pub mod message;
pub mod presence;
pub mod room;
pub mod upload;
pub mod user;

/// A value that breaks a rule: which value, and the rule as text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {rule}")]
pub struct Invalid {
    /// Name of the value, as the API calls it.
    pub field: &'static str,
    /// What it must be.
    pub rule: String,
}

impl Invalid {
    /// A broken rule for `field`.
    pub fn new(field: &'static str, rule: impl Into<String>) -> Self {
        Self { field, rule: rule.into() }
    }
}
