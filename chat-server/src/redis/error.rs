//! Errors of Redis.

/// An error of Redis. Never a reason to reject a user's request.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Not connected.
    #[error("redis: not connected")]
    Unavailable,
    /// A command failed.
    #[error("redis: {0}")]
    Command(#[from] fred::error::Error),
    /// The file of the authority cannot be used.
    #[error("CHAT_REDIS_CA: {0} is no file with certificates (PEM): {1}")]
    Authority(String, String),
    /// The key does not belong to the cache.
    #[error("redis: {0} is no key of the cache")]
    ForeignKey(String),
    /// The key has a type that the cache never writes.
    #[error("redis: {0} holds a {1}")]
    ForeignKind(String, String),
}
