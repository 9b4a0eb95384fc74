//! What may go wrong with Redis.

/// A failure of Redis. Never a reason to refuse what a person asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Not connected.
    #[error("redis: not connected")]
    Unavailable,
    /// A command failed.
    #[error("redis: {0}")]
    Command(#[from] fred::error::Error),
    /// The authority's certificate cannot be used.
    #[error("CHAT_REDIS_CA: {0} is no file with certificates (PEM): {1}")]
    Authority(String, String),
    /// The key belongs to another room of ours, or to somebody else.
    #[error("redis: {0} is no key of the cache")]
    ForeignKey(String),
    /// Something of a kind that the cache never writes.
    #[error("redis: {0} holds a {1}")]
    ForeignKind(String, String),
}
