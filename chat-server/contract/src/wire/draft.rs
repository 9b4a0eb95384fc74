//! Unsent messages.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::MessageId;

/// The user's unsent message in a room, from the device that wrote it last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Draft {
    /// Markdown, up to 8,000 characters; empty where only a reply was begun.
    pub content: String,
    /// Id of the message that the draft answers; absent where it answers none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>"))]
    pub reply_to: Option<MessageId>,
    /// Time of the last change (RFC 3339, UTC), by the server's clock.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub changed_at: DateTime<Utc>,
}

/// Body of `PUT /api/rooms/{id}/draft`. With neither text nor reply the draft is removed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetDraft {
    /// Markdown, up to 8,000 characters; empty by default.
    #[serde(default)]
    pub content: String,
    /// Id of the message that the draft answers; none by default.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>"))]
    pub reply_to: Option<MessageId>,
}
