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
    /// Address of the account; unique without regard to case.
    pub email: String,
    /// 10 to 256 characters.
    pub password: String,
}

/// Body of `POST /api/auth/sign-in`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignIn {
    /// Username or email.
    pub login: String,
    /// The password.
    pub password: String,
}

/// Answer to sign-up and sign-in. The same token is set as an httpOnly cookie.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct SignedIn {
    /// Opaque bearer token, for `Authorization: Bearer` and for the socket's `auth: {token}`.
    pub token: String,
    /// Who signed in.
    pub me: Me,
}

/// One signed-in device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// The session's id; it says nothing about its token.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub id: Id,
    /// Is it the session of this request.
    pub current: bool,
    /// What the client called itself at sign-in.
    pub user_agent: String,
    /// Address the sign-in came from.
    pub address: String,
    /// Time of the sign-in.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub created_at: DateTime<Utc>,
    /// Last use, exact to a minute.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub used_at: DateTime<Utc>,
}

/// Body of `PUT /api/me/password`. All other sessions end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangePassword {
    /// The password that is valid now.
    pub current_password: String,
    /// The new one, 10 to 256 characters.
    pub new_password: String,
}
