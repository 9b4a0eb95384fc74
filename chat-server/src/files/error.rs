//! Errors of the file storage.

/// An error of the file storage.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The folder cannot be created.
    #[error("CHAT_UPLOADS_DIR: cannot make the folder {folder}: {source}")]
    Folder {
        /// Which.
        folder: String,
        /// Why.
        source: std::io::Error,
    },
    /// The certificate of S3's authority cannot be read.
    #[error("CHAT_S3_CA: cannot read {path}: {source}")]
    Authority {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The settings of the bucket are invalid.
    #[error("CHAT_UPLOADS_URL: the bucket cannot be used: {0}")]
    Bucket(#[source] object_store::Error),
    /// Reading or writing failed, or took too long.
    #[error("{place}: {why}")]
    Unavailable {
        /// Where.
        place: String,
        /// Why, in a few words.
        why: String,
    },
}
