//! People.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Id;

/// A person, as others see them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Stays the same for ever, whatever the name becomes.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub id: Id,
    /// Unique handle, without `@`.
    pub username: String,
    /// Name to show; the username where none was set.
    pub display_name: String,
    /// Path of the profile photo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub photo_url: Option<String>,
}

/// The person who is signed in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Me {
    /// As others see me.
    #[serde(flatten)]
    pub user: User,
    /// My address; nobody else sees it.
    pub email: String,
    /// `en` or `ja`.
    pub locale: Locale,
    /// May use the administration.
    pub admin: bool,
    /// Time of the sign-up.
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

/// Body of `PATCH /api/me`; what is left out stays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[derive(Default)]
pub struct ChangeMe {
    /// New username.
    #[serde(default)]
    pub username: Option<String>,
    /// New address.
    #[serde(default)]
    pub email: Option<String>,
    /// New name to show, 1 to 64 characters.
    #[serde(default)]
    pub display_name: Option<String>,
    /// New language of the page.
    #[serde(default)]
    pub locale: Option<Locale>,
}

/// Is somebody there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum PresenceStatus {
    /// At least one connected device.
    Online,
    /// Connected, and not active for some minutes.
    Away,
    /// No connected device.
    Offline,
}
