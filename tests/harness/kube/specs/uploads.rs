//! Rules of the storage of uploads.

use serde_json::{Value, json};

use super::{Case, field, merged};

pub(super) fn volume(volume: &Value) -> Value {
    json!({ "uploads": { "volume": volume } })
}

pub(super) fn bucket(more: &Value) -> Value {
    json!({ "uploads": { "s3": merged(json!({ "bucket": "pictures" }), more) } })
}

/// Pairs for volumes and buckets.
pub(super) fn cases() -> Vec<Case> {
    let volumes = |bad: Value, good: Value| (volume(&bad), volume(&good));
    let s3 = |bad: Value, good: Value| (bucket(&bad), bucket(&good));
    let ca = json!({ "name": "ca" });
    vec![
        (json!({ "uploads": {} }), volume(&json!({ "size": "1Gi" }))),
        (merged(bucket(&json!({})), &volume(&json!({ "size": "1Gi" }))), bucket(&json!({}))),
        volumes(json!({ "size": "1Gi", "existingClaim": "x" }), json!({ "size": "1Gi" })),
        volumes(json!({ "size": "-1" }), json!({ "existingClaim": "x" })),
        volumes(
            json!({ "existingClaim": "x", "storageClassName": "y" }),
            json!({ "size": "1Gi", "storageClassName": "y" }),
        ),
        volumes(
            json!({ "size": "1Gi", "accessMode": "ReadMostly" }),
            json!({ "size": "1Gi", "accessMode": "ReadWriteMany" }),
        ),
        (
            volume(&json!({ "size": "1Gi", "accessMode": "ReadWriteOnce" })),
            json!({
                "replicas": 1,
                "uploads": { "volume": { "size": "1Gi", "accessMode": "ReadWriteOnce" } },
            }),
        ),
        volumes(
            json!({ "existingClaim": "x", "accessMode": "ReadWriteOncePod" }),
            json!({ "existingClaim": "x" }),
        ),
        s3(json!({ "bucket": "s3://pictures" }), json!({ "bucket": "my.pictures-1" })),
        s3(json!({ "prefix": "/team/" }), json!({ "prefix": "team/chat" })),
        s3(json!({ "prefix": "a/../b" }), json!({ "prefix": "a/b..c" })),
        s3(json!({ "endpoint": "minio:9000" }), json!({ "endpoint": "http://minio.db.svc:9000" })),
        s3(json!({ "endpoint": "https://m/x" }), json!({ "endpoint": "https://[fd00::1]" })),
        s3(json!({ "region": "eu central" }), json!({ "region": "eu-central-1" })),
        s3(
            json!({ "caSecretRef": ca, "endpoint": "http://minio" }),
            json!({ "caSecretRef": ca, "endpoint": "https://minio" }),
        ),
        field(
            "podTemplate",
            "serviceAccountAnnotations",
            json!({ "chatcluster.dev/x": "y" }),
            json!({ "eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/chat" }),
        ),
    ]
}
