//! The administration.

use serde::{Deserialize, Serialize};

/// Keys of the cache, in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct CacheKeys {
    /// Keys that match the pattern, in order, at most 10,000.
    pub keys: Vec<String>,
}

/// A key of the cache and its value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct CacheEntry {
    /// Key as it was asked for, such as `message:{id}`.
    pub key: String,
    /// The value, that of a list as a JSON array; bytes that are no text are replaced by U+FFFD.
    pub value: String,
}

/// Body of `PUT /api/admin/cache/{key}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetCacheEntry {
    /// Value as text; for a list, a JSON array.
    pub value: String,
    /// Time to live in milliseconds; by default that of the class of the key.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<u32>"))]
    pub ttl_ms: Option<u64>,
}

/// Answer to `DELETE /api/admin/cache`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct CacheCleared {
    /// Number of keys that were removed.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub cleared: u64,
}
