//! The one error body, RFC 9457 (`application/problem+json`), with a stable `code`.

use serde::{Deserialize, Serialize};

/// What went wrong, and what to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// Stable code of the problem. Clients decide by it, never by the text.
    pub code: Code,
    /// HTTP status code of the problem, 400 to 599.
    pub status: u16,
    /// Kind of the problem in a few words.
    pub title: String,
    /// What happened and what to do, in a sentence.
    pub detail: String,
    /// Field of the request that is wrong; absent where it is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Seconds to wait before another attempt; absent where waiting does not help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(as = "Option<u32>"))]
    pub retry_after: Option<u64>,
}

/// Stable codes; a client decides by these, never by the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Code {
    /// The request has another shape than it must: JSON, type, unknown or missing field.
    InvalidRequest,
    /// A value is out of its limits; `field` says which.
    InvalidValue,
    /// The body or the text is too large.
    TooLarge,
    /// The file is not a picture of an accepted type.
    UnsupportedImage,
    /// Nobody is signed in, or the session has ended.
    Unauthenticated,
    /// The name or the password is wrong.
    WrongCredentials,
    /// The request came from a page of another origin.
    OriginRefused,
    /// The caller may not do that here.
    Forbidden,
    /// The caller is not a member of the room.
    NotMember,
    /// There is no such thing, or the caller may not know of it.
    NotFound,
    /// There is no such user; `field` has the name that was given.
    UserNotFound,
    /// The username is taken.
    UsernameTaken,
    /// There is an account with this address.
    EmailTaken,
    /// There is a public room of this name.
    NameTaken,
    /// The same `clientId` was sent before with other content.
    ClientIdReused,
    /// The request conflicts with the current state.
    Conflict,
    /// The message has as many reactions as it may have.
    TooManyReactions,
    /// Too many requests; wait for `retryAfter`.
    TooManyRequests,
    /// MySQL cannot be reached or is too slow; nothing was changed, try again.
    Unavailable,
    /// Pictures can be neither stored nor fetched now; all else works.
    UploadsUnavailable,
    /// A fault in the server; its log has the cause.
    Internal,
}
