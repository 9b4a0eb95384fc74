//! Rules of MySQL and Redis.

use serde_json::{Value, json};

use super::{Case, external_mysql, external_redis};

fn mysql(name: &str, bad: Value, good: Value) -> Case {
    let with = |value| external_mysql(&json!({ "mysql": { "external": { name: value } } }));
    (with(bad), with(good))
}

fn redis(bad: Value, good: Value) -> Case {
    let with = |value: Value| external_redis(&json!({ "redis": { "external": value } }));
    (with(bad), with(good))
}

fn volume(store: &str, bad: &str, good: &str) -> Case {
    let with = |size: &str| json!({ store: { "managed": { "persistence": { "size": size } } } });
    (with(bad), with(good))
}

fn redis_memory(bad: &str, bad_for: &Value, good: &str, good_for: &Value) -> Case {
    let with = |memory: &str, resources: &Value| json!({ "redis": { "managed": { "maxMemory": memory, "resources": resources } } });
    (with(bad, bad_for), with(good, good_for))
}

/// Pairs for MySQL and Redis.
pub(super) fn cases() -> Vec<Case> {
    vec![
        (json!({ "mysql": {} }), json!({ "mysql": { "managed": {} } })),
        (external_mysql(&json!({ "mysql": { "managed": {} } })), external_mysql(&json!({}))),
        (json!({ "redis": {} }), external_redis(&json!({}))),
        (
            json!({ "mysql": { "managed": {}, "connections": 3 } }),
            json!({ "mysql": { "managed": {}, "connections": 4 } }),
        ),
        (
            json!({ "mysql": { "managed": { "image": "mysql" } } }),
            json!({ "mysql": { "managed": { "image": "mysql:9" } } }),
        ),
        (
            json!({ "redis": { "managed": { "image": "redis" } } }),
            json!({ "redis": { "managed": { "image": "valkey:8" } } }),
        ),
        (
            json!({ "redis": { "managed": { "maxMemory": "1Gi" } } }),
            json!({ "redis": { "managed": { "maxMemory": "300mb" } } }),
        ),
        (json!({ "replicas": 25 }), json!({ "replicas": 24 })),
        (
            json!({ "replicas": 24, "mysql": { "managed": {}, "connections": 17 } }),
            external_mysql(&json!({ "replicas": 24, "mysql": { "connections": 17 } })),
        ),
        (json!({ "tuning": { "commitLanes": 32 }, "replicas": 12 }), json!({ "replicas": 12 })),
        redis_memory("512mb", &json!(null), "500mb", &json!(null)),
        redis_memory(
            "1gb",
            &json!({ "limits": { "memory": "1000Mi" } }),
            "1gb",
            &json!({ "limits": { "memory": 1_200_000_000 } }),
        ),
        redis_memory(
            "2gb",
            &json!({ "requests": { "memory": "4Gi" }, "limits": { "memory": "2Gi" } }),
            "2gb",
            &json!({ "requests": { "memory": "4Gi" } }),
        ),
        volume("mysql", "big", "20Gi"),
        volume("redis", "0", "1Gi"),
        mysql("host", json!("mysql://db"), json!("db.example")),
        mysql("host", json!("db:3306"), json!("2001:db8::1")),
        mysql("port", json!(70_000), json!(3307)),
        mysql("database", json!("a/b"), json!("chat_1")),
        mysql(
            "tls",
            json!({ "mode": "Required", "caSecretRef": { "name": "ca" } }),
            json!({ "mode": "VerifyCa", "caSecretRef": { "name": "ca" } }),
        ),
    ]
}

/// Pairs for the modes of an external Redis.
pub(super) fn redis_modes() -> Vec<Case> {
    vec![
        redis(json!({ "host": "redis://r" }), json!({ "host": "r" })),
        redis(json!({ "port": 0 }), json!({ "port": 6380 })),
        redis(
            json!({ "mode": "Sentinel" }),
            json!({ "mode": "Sentinel", "sentinelService": "main" }),
        ),
        redis(json!({ "sentinelService": "main" }), json!({ "mode": "Standalone" })),
        redis(json!({ "mode": "Cluster", "database": 1 }), json!({ "mode": "Cluster" })),
        redis(json!({ "database": 256 }), json!({ "database": 255 })),
        redis(
            json!({ "sentinelSecretRef": { "name": "s" } }),
            json!({
                "mode": "Sentinel", "sentinelService": "main", "sentinelSecretRef": { "name": "s" },
            }),
        ),
        redis(
            json!({ "tls": { "caSecretRef": { "name": "ca" } } }),
            json!({ "tls": { "enabled": true, "caSecretRef": { "name": "ca" } } }),
        ),
    ]
}
