//! Errors of use cases.

use chat_domain::Invalid;

use super::account::password;
use crate::{files, mysql, redis};

/// Result of a use case.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// Why a use case was rejected; `problem` gives each its code, status and text.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A value breaks a rule.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The request has the wrong shape.
    #[error("{0}")]
    Shape(String),
    /// The body, the file or the text is too large.
    #[error("{0}")]
    TooLarge(String),
    /// The file is no supported picture.
    #[error("{0}")]
    UnsupportedImage(String),
    /// Nobody is signed in.
    #[error("sign in first")]
    Unauthenticated,
    /// Name or password is wrong; which one is not revealed.
    #[error("the name or the password is wrong")]
    WrongCredentials,
    /// The request came from a page of another origin.
    #[error("the page that sent this is not one of ours")]
    OriginRefused,
    /// The caller's role does not allow it.
    #[error("{0}")]
    Forbidden(String),
    /// The caller is not a member of the room.
    #[error("you are not a member of this room")]
    NotMember,
    /// There is no such thing, or the caller may not know of it.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// There is no such user.
    #[error("nobody here is called {0}")]
    UserNotFound(String),
    /// The username is taken.
    #[error("this username is taken")]
    UsernameTaken,
    /// There is an account with this address.
    #[error("there is an account with this address")]
    EmailTaken,
    /// There is a public room of this name.
    #[error("there is a public room of this name")]
    NameTaken,
    /// The same client id was sent before with other content.
    #[error("this clientId was used for another message; make a new one")]
    ClientIdReused,
    /// Conflict with the current state.
    #[error("{0}")]
    Conflict(String),
    /// The message has the maximum of reactions.
    #[error("the message has as many reactions as it may have")]
    TooManyReactions,
    /// Rate limit exceeded.
    #[error("too many requests; try again in {retry_after} s")]
    TooMany {
        /// Seconds to wait.
        retry_after: u64,
    },
    /// The store is unavailable or too slow. Nothing was done.
    #[error("the server cannot reach its store; nothing was lost, try again")]
    Unavailable(#[source] Option<mysql::Error>),
    /// The upload storage is unavailable. Nothing was done.
    #[error("pictures can be neither stored nor fetched now; try again in a moment")]
    UploadsUnavailable(#[source] files::Error),
    /// An internal error.
    #[error("a fault of the server")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<mysql::Error> for Error {
    fn from(error: mysql::Error) -> Self {
        match error {
            mysql::Error::Taken(key) => match key.as_str() {
                "users_username" => Self::UsernameTaken,
                "users_email" => Self::EmailTaken,
                "rooms_public_name" => Self::NameTaken,
                _ => Self::Conflict(format!("{key} exists already")),
            },
            error if error.is_transient() => Self::Unavailable(Some(error)),
            error => Self::Internal(Box::new(error)),
        }
    }
}

impl From<redis::Error> for Error {
    fn from(error: redis::Error) -> Self {
        Self::Internal(Box::new(error))
    }
}

impl From<files::Error> for Error {
    fn from(error: files::Error) -> Self {
        Self::UploadsUnavailable(error)
    }
}

impl From<password::Error> for Error {
    fn from(error: password::Error) -> Self {
        match error {
            password::Error::Busy => Self::TooMany { retry_after: 2 },
            error @ password::Error::Hash(_) => Self::Internal(Box::new(error)),
        }
    }
}
