//! The administration.

use serde::{Deserialize, Serialize};

/// Keys of the cache, in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct CacheKeys {
    /// At most 10,000.
    pub keys: Vec<String>,
}

/// What stands at a key of the cache.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct CacheEntry {
    /// The key.
    pub key: String,
    /// The value, that of a list as a JSON array; bytes that are no text are replaced by U+FFFD.
    pub value: String,
}

/// Body of `PUT /api/admin/cache/{key}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetCacheEntry {
    /// The value.
    pub value: String,
    /// Milliseconds to live; without it, as long as its class.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<u32>"))]
    pub ttl_ms: Option<u64>,
}

/// Answer to `DELETE /api/admin/cache`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct CacheCleared {
    /// How many keys there were.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub cleared: u64,
}
