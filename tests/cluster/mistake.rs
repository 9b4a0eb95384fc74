//! Goal: what is wrong with a store, or with a key, that somebody else looks after is named within
//! ten seconds, in the words of the operator's README.
//! Method: services beside the first one, with its stores and one mistake each, seen by real
//! servers. The store that takes connections and says nothing is a Redis that was told to pause; its
//! pod refuses them at other ports, where a Service would let them wait.

use std::time::Duration;

use anyhow::{Result, ensure};
use harness::{Installation, eventually};
use serde_json::{Value, json};

/// A Redis of nobody's.
const SILENT: &str = "silent";

pub(crate) async fn named(site: &Installation) -> Result<()> {
    secrets(site)?;
    let silent = silent(site).await?;
    let all = mysql(site, &silent).into_iter().chain(redis(site, &silent)).chain(others(site));
    let mut unnamed = Vec::new();
    for (number, (what, spec)) in all.enumerate() {
        if let Err(error) = made(site, number, what, &spec).await {
            unnamed.push(format!("{error:#}"));
        }
    }
    // Also after a failure: a pod without a controller would keep later chapters from draining.
    site.kubectl(&["delete", "pod", SILENT, "--grace-period=0", "--force"])?;
    ensure!(unnamed.is_empty(), "not all were named in time:\n{}", unnamed.join("\n"));
    Ok(())
}

/// Made again where it is not named in time, three times in all: a busy machine is no failure.
async fn made(site: &Installation, number: usize, what: &str, spec: &Value) -> Result<()> {
    let once = async |name: &str| {
        apply(site, name, spec)?;
        let said = site.named_of(name, what).await;
        site.kubectl(&["delete", "chatcluster", name, "--wait=false"])?;
        said.map(drop)
    };
    for attempt in 1..=2 {
        if once(&format!("mistake-{number}-{attempt}")).await.is_ok() {
            return Ok(());
        }
    }
    once(&format!("mistake-{number}-3")).await
}

/// Mistakes about MySQL.
fn mysql(site: &Installation, silent: &str) -> Vec<(&'static str, Value)> {
    let wrong = |field: &str, value: Value| {
        let mut spec = well(site);
        spec["mysql"]["external"][field] = value;
        spec
    };
    let mut closed = wrong("port", json!(3307));
    closed["mysql"]["external"]["host"] = json!(silent);
    let authority =
        json!({ "mode": "VerifyCa", "caSecretRef": { "name": "mistaken", "key": "tls.crt" } });
    vec![
        ("a wrong password of MySQL", wrong("secretRef", json!({ "name": "mistaken" }))),
        ("a database of MySQL that is not there", wrong("database", json!("nowhere"))),
        ("a host of MySQL that is not there", wrong("host", json!("nowhere.example"))),
        ("a port of MySQL that is closed", closed),
        ("an authority of MySQL that is no certificate", wrong("tls", authority)),
    ]
}

/// Mistakes about Redis.
fn redis(site: &Installation, silent: &str) -> Vec<(&'static str, Value)> {
    let wrong = |field: &str, value: Value| {
        let mut spec = well(site);
        spec["redis"]["external"][field] = value;
        spec
    };
    let mut closed = wrong("port", json!(6380));
    closed["redis"]["external"]["host"] = json!(silent);
    vec![
        ("a wrong password of Redis", wrong("secretRef", json!({ "name": "mistaken" }))),
        ("a host of Redis that is not there", wrong("host", json!("nowhere.example"))),
        ("a port of Redis that is closed", closed),
        ("a Redis that takes connections and says nothing", wrong("host", json!(silent))),
        ("a Redis without the TLS that is asked for", wrong("tls", json!({ "enabled": true }))),
        ("a Redis that is no cluster", wrong("mode", json!("Cluster"))),
    ]
}

/// Mistakes in other settings of the servers.
fn others(site: &Installation) -> Vec<(&'static str, Value)> {
    let with = |field: &str, value: Value| {
        let mut spec = well(site);
        spec[field] = value;
        spec
    };
    let s3 = json!({
        "bucket": "pictures", "endpoint": "http://nowhere.example:9000",
        "secretRef": { "name": "mistaken", "accessKeyIdKey": "username", "secretAccessKeyKey": "password" },
    });
    vec![
        ("a place of pictures that is not there", with("uploads", json!({ "s3": s3 }))),
        ("a certificate that is none", with("tls", json!({ "secretName": "mistaken" }))),
    ]
}

/// Nothing is wrong with it: it shares the stores of the first service.
fn well(site: &Installation) -> Value {
    let redis = json!({ "name": "team-credentials", "passwordKey": "redis-password" });
    json!({
        "image": site.images.server, "replicas": 1,
        "mysql": { "external": { "host": "team-mysql", "secretRef": { "name": "right" } } },
        "redis": { "external": { "host": "team-redis", "secretRef": redis } },
    })
}

fn secrets(site: &Installation) -> Result<()> {
    let path = "--output=jsonpath={.data.mysql-password}";
    let password = site.kubectl(&["get", "secret", "team-credentials", path])?;
    let right = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "right" },
        "stringData": { "username": "chat" }, "data": { "password": password },
    });
    let mistaken = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "mistaken" },
        "stringData": {
            "username": "chat", "password": "not-this-one",
            "tls.crt": "no certificate", "tls.key": "no key",
        },
    });
    for (name, secret) in [("right", right), ("mistaken", mistaken)] {
        site.apply(name, &secret)?;
    }
    Ok(())
}

/// The address of a Redis that takes connections and answers nobody for an hour.
async fn silent(site: &Installation) -> Result<String> {
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": { "name": SILENT },
        "spec": { "containers": [{
            "name": "redis", "image": "redis:7.4",
            "readinessProbe": { "tcpSocket": { "port": 6379 }, "periodSeconds": 1 },
            "securityContext": {
                "runAsNonRoot": true, "allowPrivilegeEscalation": false,
                "capabilities": { "drop": ["ALL"] },
                "seccompProfile": { "type": "RuntimeDefault" },
            },
        }] },
    });
    site.apply(SILENT, &pod)?;
    let object = format!("pod/{SILENT}");
    site.kubectl(&["wait", &object, "--for=condition=Ready", "--timeout=60s"])?;
    let pause = ["client", "pause", "3600000", "all"];
    site.kubectl(&[&["exec", SILENT, "--", "redis-cli"], &pause[..]].concat())?;
    eventually("it has an address", Duration::from_secs(10), || async {
        let address = site.kubectl(&["get", &object, "--output=jsonpath={.status.podIP}"])?;
        ensure!(!address.is_empty());
        Ok(address)
    })
    .await
}

fn apply(site: &Installation, name: &str, spec: &Value) -> Result<()> {
    let cluster = json!({
        "apiVersion": "chatcluster.dev/v1alpha1", "kind": "ChatCluster",
        "metadata": { "name": name }, "spec": spec,
    });
    site.apply(name, &cluster)
}
