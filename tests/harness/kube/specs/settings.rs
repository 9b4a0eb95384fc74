//! Rules of the servers' settings and pods.

use serde_json::json;

use super::{Case, field};

/// Pairs for settings.
pub(super) fn cases() -> Vec<Case> {
    vec![
        field("cache", "messageTtl", json!("soon"), json!("500ms")),
        field("cache", "windowTtl", json!("0s"), json!("10m")),
        field("cache", "windowMessages", json!(9), json!(10)),
        field("cache", "workerInterval", json!("1 s"), json!("500ms")),
        field("session", "ttl", json!("30"), json!("12h")),
        field("session", "cacheTtl", json!("1d"), json!("30s")),
        (json!({ "retention": "30m" }), json!({ "retention": "365d" })),
        field("limits", "signUpsPerMinute", json!(-1), json!(0)),
        field("limits", "signInsPerMinute", json!(1_000_001), json!(5)),
        field("limits", "sendsPerSecond", json!(-1), json!(0)),
        field("limits", "sendsBurst", json!(0), json!(20)),
        field("limits", "sendsBurst", json!(19), json!(21)),
        field("limits", "uploadBytesMax", json!(10), json!(5_000_000)),
        field("tuning", "heartbeat", json!("1m"), json!("2s")),
        field("tuning", "commitBatch", json!(0), json!(1024)),
        field("tuning", "commitLanes", json!(33), json!(4)),
        field("tuning", "socketQueue", json!(1), json!(16)),
        field("tuning", "socketCommands", json!(1), json!(8)),
        field("logging", "filter", json!("in fo"), json!("info,chat_server=debug")),
        field("http", "publicOrigins", json!(["*"]), json!(["https://a.example"])),
        field(
            "http",
            "trustedProxies",
            json!(["10.0.0.0/40"]),
            json!(["10.0.0.7", "10.0.0.0/8", "::1"]),
        ),
        field("drain", "perSecond", json!(0), json!(1)),
        field("drain", "graceSeconds", json!(5), json!(10)),
        field("drain", "settleSeconds", json!(601), json!(0)),
        field(
            "podTemplate",
            "annotations",
            json!({ "chatcluster.dev/x": "y" }),
            json!({ "a.example/x": "y" }),
        ),
        field(
            "podTemplate",
            "labels",
            json!({ "app.kubernetes.io/name": "y" }),
            json!({ "team": "y" }),
        ),
        field(
            "podTemplate",
            "env",
            json!([{ "name": "CHAT_LOG", "value": "x" }]),
            json!([{ "name": "TZ", "value": "UTC" }]),
        ),
    ]
}
