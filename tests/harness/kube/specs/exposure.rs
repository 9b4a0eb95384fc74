//! Rules of the pods, the Service, and what leads to it.

use serde_json::{Value, json};

use super::{Case, external_mysql, field};

fn gateway(parents: &Value, hosts: &Value) -> Value {
    json!({ "gateway": { "parentRefs": parents, "hostnames": hosts } })
}

fn otlp(endpoint: &str, one_in: i32) -> Value {
    json!({ "observability": { "otlp": { "endpoint": endpoint, "oneIn": one_in } } })
}

/// Pairs for the pods and the Service.
pub(super) fn pods_and_service() -> Vec<Case> {
    vec![
        (json!({ "replicas": 0 }), json!({ "replicas": 1 })),
        (json!({ "replicas": 201 }), external_mysql(&json!({ "replicas": 200 }))),
        (json!({ "image": "registry:5000/chat" }), json!({ "image": "registry:5000/chat:1" })),
        (
            json!({ "image": "chat:latest" }),
            json!({ "image": format!("chat@sha256:{}", "0a".repeat(32)) }),
        ),
        field("podTemplate", "env", json!([{ "name": "A-B" }]), json!([{ "name": "A_B" }])),
        field("service", "nodePort", json!(30_000), json!(null)),
        (
            json!({ "service": { "type": "NodePort", "nodePort": 0 } }),
            json!({ "service": { "type": "NodePort", "nodePort": 30_000 } }),
        ),
    ]
}

/// Pairs for certificates, Ingress, Gateway, monitoring and network policies.
pub(super) fn outside() -> Vec<Case> {
    vec![
        field("ingress", "host", json!("https://chat.example"), json!("chat.example")),
        field("tls", "secretName", json!("tls/chat"), json!("chat-tls")),
        (gateway(&json!([]), &json!([])), gateway(&json!([{ "name": "outer" }]), &json!([]))),
        (
            gateway(&json!([{ "name": "outer" }]), &json!(["a b"])),
            gateway(&json!([{ "name": "outer" }]), &json!(["*.chat.example"])),
        ),
        (
            json!({ "observability": { "serviceMonitor": { "interval": "1h" } } }),
            json!({ "observability": { "serviceMonitor": { "interval": "15s" } } }),
        ),
        (
            json!({ "observability": { "rules": { "exclude": ["ChatLoud"] } } }),
            json!({ "observability": { "rules": { "exclude": ["ChatAckSlow"] } } }),
        ),
        (
            json!({ "observability": { "rules": { "runbooks": "here" } } }),
            json!({ "observability": { "rules": { "runbooks": "https://runbooks.example/chat" } } }),
        ),
        (otlp("http://collector", 100), otlp("http://collector.watch:4317", 100)),
        (otlp("http://[fd00::1]:4317", -1), otlp("http://[fd00::1]:4317", 0)),
        (
            json!({ "networkPolicy": { "enabled": false, "from": [{ "podSelector": {} }] } }),
            json!({ "networkPolicy": { "from": [{ "podSelector": {} }] } }),
        ),
    ]
}
