//! What may go wrong with Redis.

/// A failure of Redis. Never a reason to refuse what a person asked for.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not connected.
    #[error("redis: not connected")]
    Away,
    /// A command failed.
    #[error("redis: {0}")]
    Command(#[from] fred::error::Error),
    /// A value there is not what was put there.
    #[error("redis: unreadable value at {0}")]
    Unreadable(String),
    /// The key belongs to another room of ours, or to somebody else.
    #[error("redis: {0} is no key of the cache")]
    ForeignKey(String),
}
