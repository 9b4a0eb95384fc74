//! Accounts and sessions.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Id, Me};

/// Body of `POST /api/auth/sign-up`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignUp {
    /// 2 to 32 characters: letters, digits, `.`, `_`, `-`; unique without regard to case.
    pub username: String,
    /// Email address of the account, up to 254 characters; unique without regard to case. Only the
    /// account itself sees it.
    pub email: String,
    /// Password of 10 to 256 characters, any of Unicode.
    pub password: String,
}

/// Body of `POST /api/auth/sign-in`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignIn {
    /// Username or email address, without regard to case.
    pub login: String,
    /// Password of the account, up to 256 characters.
    pub password: String,
}

/// Answer to sign-up and sign-in. The same token is set as an httpOnly cookie.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct SignedIn {
    /// Opaque bearer token, for `Authorization: Bearer` and for the socket's `auth: {token}`.
    pub token: String,
    /// The account that is signed in now.
    pub me: Me,
}

/// A session: one device that is signed in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// Id of the session. It is no secret: the session's token cannot be derived from it.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub id: Id,
    /// `true` for the session of this request.
    pub current: bool,
    /// `User-Agent` header of the sign-in; empty where it had none.
    pub user_agent: String,
    /// IP address from which the sign-in came.
    pub address: String,
    /// Time of the sign-in (RFC 3339, UTC).
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub created_at: DateTime<Utc>,
    /// Time of the last use (RFC 3339, UTC), exact to a minute.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub used_at: DateTime<Utc>,
}

/// Body of `PUT /api/me/password`. All other sessions end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangePassword {
    /// Password that is valid now, as a proof.
    pub current_password: String,
    /// Password from now on, 10 to 256 characters.
    pub new_password: String,
}
