//! Users.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Id;

/// A user, as other users see them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Id of the user. It never changes, whatever the username becomes.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub id: Id,
    /// Unique handle of 2 to 32 characters, without `@`.
    pub username: String,
    /// Name to show, up to 64 characters; the username where none was set.
    pub display_name: String,
    /// Path of the profile photo, a square of 256 pixels; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub photo_url: Option<String>,
}

/// The account that is signed in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Me {
    /// The account as other users see it.
    #[serde(flatten)]
    pub user: User,
    /// Email address of the account. No other user sees it.
    pub email: String,
    /// Language of the page: `en` or `ja`.
    pub locale: Locale,
    /// `true` where the account may use the administration.
    pub admin: bool,
    /// Time of the sign-up (RFC 3339, UTC).
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub created_at: DateTime<Utc>,
}

/// A language of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Locale {
    /// English.
    En,
    /// Japanese.
    Ja,
}

/// Body of `PATCH /api/me`; a field that is left out keeps its value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[derive(Default)]
pub struct ChangeMe {
    /// New username: 2 to 32 letters, digits, `.`, `_` or `-`, unique without regard to case.
    #[serde(default)]
    pub username: Option<String>,
    /// New email address, up to 254 characters, unique without regard to case.
    #[serde(default)]
    pub email: Option<String>,
    /// New name to show, 1 to 64 characters.
    #[serde(default)]
    pub display_name: Option<String>,
    /// New language of the page: `en` or `ja`.
    #[serde(default)]
    pub locale: Option<Locale>,
}

/// Presence of a user, over all of their devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum PresenceStatus {
    /// At least one connected device that is in use.
    Online,
    /// Connected, and every device is idle.
    Away,
    /// No connected device.
    Offline,
}
