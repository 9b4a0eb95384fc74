//! Goal: what cannot work is refused, in words that say what to do; what can work is not.
//! Method: each rule of the definition, broken once and kept once, on a real API, without
//! writing anything. A rule that no case breaks fails the test.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, bail};
use harness::{
    kube::Site,
    mistake::{self, Mistake},
};
use kube::{
    Api,
    api::{Patch, PatchParams, PostParams},
};
use operator::crd::{self, ChatCluster};
use serde_json::{Value, json};

fn external_mysql(more: &Value) -> Value {
    merged(
        json!({ "mysql": { "external": { "host": "db.example", "secretRef": { "name": "db" } } } }),
        more,
    )
}

fn external_redis(more: &Value) -> Value {
    merged(json!({ "redis": { "external": { "host": "cache.example" } } }), more)
}

fn merged(mut base: Value, more: &Value) -> Value {
    match (&mut base, more) {
        (Value::Object(base), Value::Object(more)) => {
            for (key, value) in more {
                let old = base.remove(key).unwrap_or(Value::Null);
                base.insert(key.clone(), merged(old, value));
            }
        }
        (base, more) => *base = more.clone(),
    }
    base
}

/// What breaks a rule, and what comes near and does not.
type Case = (Value, Value);

fn cases() -> Vec<Case> {
    [store_cases(), mode_cases(), setting_cases(), edge_cases(), outer_cases(), upload_cases()]
        .concat()
}

fn field(section: &str, name: &str, bad: Value, good: Value) -> Case {
    let with = |value: Value| {
        let mut spec = json!({ section: {} });
        spec[section][name] = value;
        spec
    };
    (with(bad), with(good))
}

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

fn gateway(parents: &Value, hosts: &Value) -> Value {
    json!({ "gateway": { "parentRefs": parents, "hostnames": hosts } })
}

fn otlp(endpoint: &str, one_in: i32) -> Value {
    json!({ "observability": { "otlp": { "endpoint": endpoint, "oneIn": one_in } } })
}

/// Of the stores.
fn store_cases() -> Vec<Case> {
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

/// Of an external Redis.
fn mode_cases() -> Vec<Case> {
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

/// Of the settings.
fn setting_cases() -> Vec<Case> {
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

/// Of the pods and the Service.
fn edge_cases() -> Vec<Case> {
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

/// Of what surrounds them.
fn outer_cases() -> Vec<Case> {
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

fn volume_of_pictures(volume: &Value) -> Value {
    json!({ "uploads": { "volume": volume } })
}

fn bucket(more: &Value) -> Value {
    json!({ "uploads": { "s3": merged(json!({ "bucket": "pictures" }), more) } })
}

/// Of the place of pictures.
fn upload_cases() -> Vec<Case> {
    let volume = |bad: Value, good: Value| (volume_of_pictures(&bad), volume_of_pictures(&good));
    let s3 = |bad: Value, good: Value| (bucket(&bad), bucket(&good));
    let ca = json!({ "name": "ca" });
    vec![
        (json!({ "uploads": {} }), volume_of_pictures(&json!({ "size": "1Gi" }))),
        (
            merged(bucket(&json!({})), &volume_of_pictures(&json!({ "size": "1Gi" }))),
            bucket(&json!({})),
        ),
        volume(json!({ "size": "1Gi", "existingClaim": "x" }), json!({ "size": "1Gi" })),
        volume(json!({ "size": "-1" }), json!({ "existingClaim": "x" })),
        volume(
            json!({ "existingClaim": "x", "storageClassName": "y" }),
            json!({ "size": "1Gi", "storageClassName": "y" }),
        ),
        volume(
            json!({ "size": "1Gi", "accessMode": "ReadMostly" }),
            json!({ "size": "1Gi", "accessMode": "ReadWriteMany" }),
        ),
        (
            volume_of_pictures(&json!({ "size": "1Gi", "accessMode": "ReadWriteOnce" })),
            json!({
                "replicas": 1,
                "uploads": { "volume": { "size": "1Gi", "accessMode": "ReadWriteOnce" } },
            }),
        ),
        volume(
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

/// Edits that would lose data, and edits that do not.
fn edits() -> Vec<(Value, Value, Value)> {
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
            volume_of_pictures(&json!({ "size": "1Gi" })),
            volume_of_pictures(&json!({ "size": "2Gi" })),
            json!({ "image": "chat:2" }),
        ),
        (
            volume_of_pictures(&json!({ "size": "1Gi" })),
            json!({ "uploads": null }),
            merged(bucket(&json!({})), &volume_of_pictures(&json!(null))),
        ),
        (
            bucket(&json!({})),
            json!({ "uploads": { "s3": null, "volume": { "size": "1Gi" } } }),
            bucket(&json!({ "region": "eu-central-1" })),
        ),
    ]
}

async fn create(api: &Api<ChatCluster>, name: &str, spec: &Value) -> Result<Option<String>> {
    let object = json!({
        "apiVersion": "chatcluster.dev/v1alpha1", "kind": "ChatCluster",
        "metadata": { "name": name },
        "spec": merged(json!({ "image": "chat:1" }), spec),
    });
    // As a person writes it, not as our types would.
    let client = api.clone().into_client();
    let path = format!("{}?dryRun=All&fieldValidation=Strict", api.resource_url());
    said(client.request::<Value>(request("POST", &path, &object)?).await)
}

fn request(method: &str, path: &str, body: &Value) -> Result<http::Request<Vec<u8>>> {
    Ok(http::Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", "application/json")
        .body(serde_json::to_vec(body)?)?)
}

fn said<T>(answer: Result<T, kube::Error>) -> Result<Option<String>> {
    match answer {
        Ok(_) => Ok(None),
        Err(kube::Error::Api(status)) if status.code == 422 => Ok(Some(status.message)),
        Err(error) => Err(error.into()),
    }
}

/// All messages of the definition.
fn messages() -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    let definition = serde_json::to_value(crd::definition())?;
    let mut rest = vec![&definition];
    while let Some(value) = rest.pop() {
        match value {
            Value::Object(map) => {
                for rule in map
                    .get("x-kubernetes-validations")
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                {
                    found.insert(
                        rule["message"].as_str().context("a rule without a message")?.to_owned(),
                    );
                }
                rest.extend(map.values());
            }
            Value::Array(list) => rest.extend(list),
            _ => {}
        }
    }
    // Kinds that are embedded bring none of their own.
    Ok(found)
}

#[tokio::test]
async fn each_rule_refuses_what_breaks_it_and_nothing_else() -> Result<()> {
    let site = Site::bare("refuse").await?;
    let api = site.api::<ChatCluster>();
    let mut missing = messages()?;
    if missing.len() < 30 {
        bail!("only {} rules", missing.len());
    }
    let mut listed: Vec<Mistake> = mistake::all()?;
    listed.retain(|one| one.condition.is_none());
    let mut broken = |refusal: &str| {
        missing.retain(|message| !refusal.contains(message.as_str()));
        listed.retain(|one| !one.is_told_by(refusal));
    };
    for (bad, good) in cases() {
        match create(&api, "team", &bad).await? {
            Some(refusal) => broken(&refusal),
            None => bail!("not refused: {bad}"),
        }
        if let Some(refusal) = create(&api, "team", &good).await? {
            bail!("{good} was refused: {refusal}");
        }
    }
    for (name, refused) in [
        ("a2345678901234567890123456789012345678901", true),
        ("1team", true),
        ("te.am", true),
        ("team-1", false),
    ] {
        let answer = create(&api, name, &json!({})).await?;
        if answer.is_some() != refused {
            bail!("{name}: {answer:?}");
        }
        broken(&answer.unwrap_or_default());
    }
    for (number, (before, bad, good)) in edits().into_iter().enumerate() {
        let name = format!("edit-{number}");
        let object: ChatCluster = serde_json::from_value(json!({
            "apiVersion": "chatcluster.dev/v1alpha1", "kind": "ChatCluster",
            "metadata": { "name": name }, "spec": merged(json!({ "image": "chat:1" }), &before),
        }))?;
        api.create(&PostParams::default(), &object).await?;
        let params = PatchParams { dry_run: true, ..PatchParams::default() };
        let edit = async |spec: &Value| {
            said(api.patch(&name, &params, &Patch::Merge(json!({ "spec": spec }))).await)
        };
        match edit(&bad).await? {
            Some(refusal) => broken(&refusal),
            None => bail!("not refused: {bad}"),
        }
        if let Some(refusal) = edit(&good).await? {
            bail!("{good} was refused: {refusal}");
        }
    }
    if !missing.is_empty() {
        bail!("no case breaks these rules: {missing:#?}");
    }
    if !listed.is_empty() {
        bail!("nobody was told what {} says of these: {listed:#?}", mistake::README);
    }
    Ok(())
}
