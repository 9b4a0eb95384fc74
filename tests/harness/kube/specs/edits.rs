//! Edits of a `ChatCluster` that would lose data.

use serde_json::{Value, json};

use super::{
    external_mysql, external_redis, merged,
    uploads::{bucket, volume},
};

/// A spec, an edit of it that would lose data, and one that would not.
#[must_use]
pub fn edits() -> Vec<(Value, Value, Value)> {
    let persistence = |store: &str, size: &str| json!({ store: { "managed": { "persistence": { "size": size } } } });
    vec![
        (
            json!({}),
            external_mysql(&json!({ "mysql": { "managed": null } })),
            json!({ "replicas": 3 }),
        ),
        (
            persistence("mysql", "1Gi"),
            persistence("mysql", "2Gi"),
            json!({ "mysql": { "managed": { "image": "mysql:9" } } }),
        ),
        (
            persistence("redis", "1Gi"),
            persistence("redis", "2Gi"),
            external_redis(&json!({ "redis": { "managed": null } })),
        ),
        (
            volume(&json!({ "size": "1Gi" })),
            volume(&json!({ "size": "2Gi" })),
            json!({ "image": "chat:2" }),
        ),
        (
            volume(&json!({ "size": "1Gi" })),
            json!({ "uploads": null }),
            merged(bucket(&json!({})), &volume(&json!(null))),
        ),
        (
            bucket(&json!({})),
            json!({ "uploads": { "s3": null, "volume": { "size": "1Gi" } } }),
            bucket(&json!({ "region": "eu-central-1" })),
        ),
    ]
}
