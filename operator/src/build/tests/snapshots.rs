//! Every field of every object, for a few specs that together use all of `ChatCluster`.
//!
//! After an intended change: `UPDATE_EXPECT=1 cargo test --package chat-operator --lib snapshots`,
//! and read the difference.

use expect_test::expect_file;
use k8s_openapi::api::apps::v1::ControllerRevision;
use serde::Serialize;
use serde_json::{Value, json};

use super::{built_with, observed};
use crate::{
    build::{CredentialsWrite, Desired},
    crd::Alert,
    observe::{Observed, OptionalKind},
};

/// Longer texts (dashboards, texts of alerts) have tests of their own.
const TEXT_MAX: usize = 300;

#[test]
fn of_the_minimal_spec() {
    let seen = Observed { entropy: Some([7; _]), ..Observed::default() };
    let text = objects(&json!({ "image": "chat:1" }), &seen);
    expect_file!["snapshots/minimal.yaml"].assert_eq(&text);
}

#[test]
fn of_external_stores_s3_and_exposure() {
    let spec = json!({
        "image": "chat:1", "replicas": 4, "imagePullSecrets": [{ "name": "registry" }],
        "mysql": { "connections": 20, "external": {
            "host": "db.example", "port": 3307, "database": "talk",
            "secretRef": { "name": "db", "usernameKey": "user" },
            "tls": { "mode": "VerifyCa", "caSecretRef": { "name": "db", "key": "ca" } },
        }},
        "redis": { "external": {
            "host": "cache.example", "mode": "Sentinel", "sentinelService": "main",
            "secretRef": { "name": "cache" }, "sentinelSecretRef": { "name": "cache" },
            "tls": { "enabled": true, "caSecretRef": { "name": "cache", "key": "ca" } },
        }},
        "uploads": { "s3": {
            "bucket": "pictures", "prefix": "chat/", "endpoint": "https://s3.example:9000",
            "region": "eu-1", "pathStyle": true, "secretRef": { "name": "s3" },
            "caSecretRef": { "name": "s3", "key": "ca" },
        }},
        "service": { "type": "LoadBalancer", "annotations": { "a": "service" } },
        "ingress": {
            "host": "chat.example", "className": "nginx", "tlsSecretName": "chat-tls",
            "annotations": { "a": "ingress" },
        },
        "gateway": {
            "parentRefs": [{ "name": "outer", "namespace": "edge", "sectionName": "https" }],
            "hostnames": ["chat.example"],
        },
        "observability": {
            "serviceMonitor": { "interval": "30s", "labels": { "release": "prometheus" } },
            "otlp": { "endpoint": "http://collector.watch:4317", "oneIn": 10 },
        },
    });
    expect_file!["snapshots/external.yaml"].assert_eq(&objects(&spec, &seen()));
}

#[test]
fn of_every_other_field() {
    let spec = json!({
        "image": "chat:1", "replicas": 3, "deletionPolicy": "Delete",
        "mysql": { "managed": {
            "image": "mariadb:11", "persistence": { "size": "20Gi", "storageClassName": "fast" },
            "resources": { "limits": { "memory": "3Gi" } },
        }},
        "redis": { "managed": { "maxMemory": "100mb", "persistence": { "enabled": false } } },
        "cache": {
            "messageTtl": "2m", "windowTtl": "3m", "windowMessages": 40, "workerInterval": "20s",
        },
        "session": { "ttl": "10d", "cacheTtl": "5m" }, "retention": "90d",
        "limits": {
            "signUpsPerMinute": 3, "signInsPerMinute": 4, "sendsPerSecond": 5, "sendsBurst": 6,
            "uploadBytesMax": 1_000_000,
        },
        "tuning": {
            "heartbeat": "5s", "commitBatch": 64, "commitLanes": 4, "socketQueue": 100,
            "socketCommands": 32,
        },
        "logging": { "filter": "debug", "format": "Text" },
        "http": {
            "publicOrigins": ["https://chat.example"], "trustedProxies": ["10.0.0.0/8"],
        },
        "uploads": { "volume": {
            "size": "5Gi", "storageClassName": "shared", "accessMode": "ReadWriteMany",
        }},
        "tls": { "secretName": "chat-tls" },
        "service": { "type": "NodePort", "nodePort": 30_080, "clientAffinity": true },
        "ingress": { "host": "chat.example" },
        "gateway": { "parentRefs": [{ "name": "outer" }] },
        "observability": {
            "rules": {
                "labels": { "team": "chat" }, "runbooks": "https://books.example/",
                "exclude": all_but(&["ChatAbsent", "ChatHttpFailing"]),
            },
            "dashboards": { "labels": { "grafana": "yes" }, "annotations": { "folder": "chat" } },
        },
        "drain": { "perSecond": 50, "graceSeconds": 60, "settleSeconds": 2 },
        "podTemplate": {
            "resources": { "requests": { "cpu": "1" } }, "nodeSelector": { "disk": "ssd" },
            "affinity": { "podAntiAffinity": {} }, "priorityClassName": "high",
            "topologySpreadConstraints": [{
                "maxSkew": 2, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule",
            }],
            "tolerations": [{ "key": "chat", "operator": "Exists" }],
            "annotations": { "a": "pod" }, "labels": { "l": "pod" },
            "serviceAccountAnnotations": { "a": "account" },
            "env": [{ "name": "RUST_BACKTRACE", "value": "1" }],
        },
        "networkPolicy": { "from": [{ "ipBlock": { "cidr": "10.1.0.0/16" } }] },
    });
    expect_file!["snapshots/other.yaml"].assert_eq(&objects(&spec, &seen()));
}

/// Alerts that are left out.
fn all_but(names: &[&str]) -> Vec<Value> {
    let all = Alert::ALL.iter().map(|alert| json!(alert));
    all.filter(|alert| !names.iter().any(|name| alert == name)).collect()
}

/// Credentials, the Secrets that the specs name, and all optional kinds.
fn seen() -> Observed {
    let data = |values: &[(&str, &str)]| {
        let value = |(key, value): &(&str, &str)| ((*key).to_owned(), value.as_bytes().to_vec());
        Some(values.iter().map(value).collect())
    };
    let user = ("username", "chat");
    let authority = ("ca", "a certificate");
    let references = [
        ("db", data(&[("user", "chat"), ("password", "p/w"), authority])),
        ("cache", data(&[user, ("password", "p@w"), authority])),
        ("s3", data(&[("access-key-id", "AK"), ("secret-access-key", "SK"), authority])),
        ("chat-tls", data(&[("tls.crt", "a certificate"), ("tls.key", "a key")])),
    ];
    let kinds =
        [OptionalKind::HttpRoute, OptionalKind::ServiceMonitor, OptionalKind::PrometheusRule];
    Observed {
        references: references.map(|(name, values)| (name.to_owned(), values)).into(),
        optional: kinds.map(|kind| (kind, None)).to_vec(),
        ..observed()
    }
}

/// All that is built, each object under its kind and name.
fn objects(spec: &Value, seen: &Observed) -> String {
    let (_, desired) = built_with(spec, seen);
    let mut text = String::new();
    let Desired {
        credentials,
        accounts,
        revisions,
        secrets,
        config_maps,
        dashboards,
        policies,
        claims,
        services,
        stateful_sets,
        jobs,
        deployments,
        budgets,
        ingresses,
        optional,
        delete,
    } = desired;
    match credentials {
        Some(CredentialsWrite::Create(secret)) => add(&mut text, "credentials", &[*secret]),
        Some(CredentialsWrite::SetOwners(name, owners)) => {
            add(&mut text, &format!("owners of {name}"), &owners);
        }
        None => {}
    }
    add(&mut text, "service accounts", &accounts);
    add(&mut text, "revisions", &revisions.iter().map(without_template).collect::<Vec<_>>());
    add(&mut text, "secrets", &secrets);
    add(&mut text, "config maps", &config_maps);
    add(&mut text, "dashboards", &dashboards);
    add(&mut text, "network policies", &policies);
    add(&mut text, "claims", &claims);
    add(&mut text, "services", &services);
    add(&mut text, "stateful sets", &stateful_sets);
    add(&mut text, "jobs", &jobs);
    add(&mut text, "deployments", &deployments);
    add(&mut text, "disruption budgets", &budgets);
    add(&mut text, "ingresses", &ingresses);
    let optional: Vec<_> = optional.into_iter().map(|(_, object)| object).collect();
    add(&mut text, "optional kinds", &optional);
    let delete: Vec<_> = delete.iter().map(|it| (&it.resource.kind, &it.name)).collect();
    add(&mut text, "to delete", &delete);
    text
}

/// Without the pod template, which is that of the `Deployment` or the `StatefulSet`.
fn without_template(revision: &ControllerRevision) -> Value {
    let mut value = json!(revision);
    value["data"]["template"] = json!("of the pods below");
    value
}

fn add<T: Serialize>(text: &mut String, title: &str, objects: &[T]) {
    if objects.is_empty() {
        return;
    }
    let mut value = json!(objects);
    shorten(&mut value);
    let yaml = serde_yaml_ng::to_string(&value).unwrap();
    text.extend(["# --- ", title, " ---\n", &yaml]);
}

/// Replaces long texts, which others test, by the first line.
fn shorten(value: &mut Value) {
    match value {
        Value::String(text) if text.len() > TEXT_MAX => {
            *text = format!("{} …", text.lines().next().unwrap_or_default());
        }
        Value::Array(all) => all.iter_mut().for_each(shorten),
        Value::Object(all) => all.values_mut().for_each(shorten),
        _ => {}
    }
}
