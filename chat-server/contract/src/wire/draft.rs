//! What I am writing and have not sent.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::MessageId;

/// What I have in the composer of a room, on whatever device I wrote it last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Draft {
    /// Its text; empty where only a reply was begun.
    pub content: String,
    /// The message that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>"))]
    pub reply_to: Option<MessageId>,
    /// When it became so, by the server's clock.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub changed_at: DateTime<Utc>,
}

/// Body of `PUT /api/rooms/{id}/draft`. Neither text nor a reply: there is no draft any more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetDraft {
    /// Markdown, up to 8,000 characters.
    #[serde(default)]
    pub content: String,
    /// The message that it answers.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>"))]
    pub reply_to: Option<MessageId>,
}
