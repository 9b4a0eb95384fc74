//! The administration: the cache.

use std::time::Duration;

use axum::{Json, extract::State, http::StatusCode};
use bytes::Bytes;
use chat_contract::wire;
use serde::Deserialize;

use super::{
    docs::parameter::CACHE_KEY,
    error::Result,
    extract::{Admin, ApiPath, ApiQuery, Body},
};
use crate::service::{App, cache::CacheAdmin};

/// Which keys.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Pattern {
    /// Glob-style pattern of Redis, such as `message:*`; by default all keys of the cache.
    #[serde(default = "every")]
    pattern: String,
}

fn every() -> String {
    "*".to_owned()
}

/// List the keys of the cache.
#[utoipa::path(get, path = "/api/admin/cache", tag = "administration", params(Pattern),
    responses((status = 200, body = wire::CacheKeys)))]
pub(super) async fn cache_keys(
    State(app): State<App>,
    _: Admin,
    ApiQuery(Pattern { pattern }): ApiQuery<Pattern>,
) -> Result<Json<wire::CacheKeys>> {
    let keys = CacheAdmin::of(&app).keys(&pattern).await?;
    Ok(Json(wire::CacheKeys { keys }))
}

/// Remove all keys of the cache. Sessions are not among them.
#[utoipa::path(delete, path = "/api/admin/cache", tag = "administration",
    responses((status = 200, body = wire::CacheCleared)))]
pub(super) async fn clear_cache(
    State(app): State<App>,
    _: Admin,
) -> Result<Json<wire::CacheCleared>> {
    Ok(Json(wire::CacheCleared { cleared: CacheAdmin::of(&app).clear().await? }))
}

/// Read an entry of the cache.
#[utoipa::path(get, path = "/api/admin/cache/{key}", tag = "administration",
    params(("key" = String, Path, description = CACHE_KEY)),
    responses((status = 200, body = wire::CacheEntry)))]
pub(super) async fn get_cache(
    State(app): State<App>,
    _: Admin,
    ApiPath(key): ApiPath<String>,
) -> Result<Json<wire::CacheEntry>> {
    let value = CacheAdmin::of(&app).get(&key).await?;
    let value = String::from_utf8_lossy(&value).into_owned();
    Ok(Json(wire::CacheEntry { key, value }))
}

/// Write an entry of the cache.
#[utoipa::path(put, path = "/api/admin/cache/{key}", tag = "administration",
    params(("key" = String, Path, description = CACHE_KEY)),
    request_body = wire::SetCacheEntry, responses((status = 204, description = "It stands there.")))]
pub(super) async fn set_cache(
    State(app): State<App>,
    _: Admin,
    ApiPath(key): ApiPath<String>,
    Body(body): Body<wire::SetCacheEntry>,
) -> Result<StatusCode> {
    let wire::SetCacheEntry { value, ttl_ms } = body;
    let ttl = ttl_ms.map(Duration::from_millis);
    CacheAdmin::of(&app).set(&key, Bytes::from(value), ttl).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Remove an entry from the cache.
#[utoipa::path(delete, path = "/api/admin/cache/{key}", tag = "administration",
    params(("key" = String, Path, description = CACHE_KEY)),
    responses((status = 204, description = "It is gone.")))]
pub(super) async fn delete_cache(
    State(app): State<App>,
    _: Admin,
    ApiPath(key): ApiPath<String>,
) -> Result<StatusCode> {
    CacheAdmin::of(&app).delete(&key).await?;
    Ok(StatusCode::NO_CONTENT)
}
