//! What is wished and observed, for plans and diagnoses.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{
    crd::ChatCluster,
    observe::Observed,
    resolve::{Resolved, resolve},
};

pub(super) fn made<K: DeserializeOwned>(object: Value) -> Arc<K> {
    Arc::new(serde_json::from_value(object).unwrap())
}

pub(super) fn resolved(spec: &Value) -> Resolved {
    let mut cluster = json!({
        "apiVersion": "chatcluster.dev/v1alpha1", "kind": "ChatCluster",
        "metadata": { "name": "team", "namespace": "talk", "uid": "u" }, "spec": spec,
    });
    cluster["spec"]["image"] = json!("chat:2");
    cluster["spec"]["redis"] = json!({ "external": { "host": "cache" } });
    if spec["mysql"].is_null() {
        cluster["spec"]["mysql"] =
            json!({ "external": { "host": "db", "secretRef": { "name": "db" } } });
    }
    let cluster: ChatCluster = serde_json::from_value(cluster).unwrap();
    let data = ["username", "password"].map(|key| (key.to_owned(), b"x".to_vec()));
    let references = [("db".to_owned(), Some(data.into()))].into();
    let entropy = Some([7; _]);
    let seen = Observed { references, entropy, ..Observed::default() };
    let resolved = resolve(&cluster, &seen).unwrap();
    assert!(resolved.stored.is_none());
    resolved
}

pub(super) fn labels(component: &str, revision: &str) -> Value {
    json!({
        "chatcluster.dev/cluster": "team", "app.kubernetes.io/component": component,
        "chatcluster.dev/revision": revision,
    })
}

/// So many ready servers of a revision that serves.
pub(super) fn serving(revision: &str, count: usize) -> Observed {
    let mut seen = Observed { now: "2026-01-01T01:00:00Z".parse().unwrap(), ..<_>::default() };
    seen.services.push(made(json!({
        "metadata": { "name": "team" },
        "spec": { "selector": { "chatcluster.dev/revision": revision } },
    })));
    servers(&mut seen, revision, count);
    seen
}

pub(super) fn servers(seen: &mut Observed, revision: &str, count: usize) {
    seen.deployments.push(made(json!({
        "metadata": { "name": format!("team-{revision}"), "labels": labels("server", revision) },
        "spec": { "replicas": count, "selector": {}, "template": {} },
    })));
    for number in 0..count {
        seen.pods.push(made(json!({
            "metadata": {
                "name": format!("{revision}-{number}"), "labels": labels("server", revision),
            },
            "status": { "conditions": [{
                "type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z",
            }] },
        })));
    }
}

/// The status of a pod whose container is in this state, and was in that one before.
pub(super) fn container(state: &Value, last: &Value) -> Value {
    json!({ "containerStatuses": [{
        "name": "one", "image": "chat:1", "imageID": "", "ready": false, "restartCount": 1,
        "state": state, "lastState": last,
    }] })
}

/// A pod of a migration's Job with its container in this state.
pub(super) fn pod_of(seen: &mut Observed, job: &str, revision: &str, state: &Value) {
    let mut labels = labels("migration", revision);
    labels["batch.kubernetes.io/job-name"] = json!(job);
    seen.pods.push(made(json!({
        "metadata": { "name": format!("{job}-x"), "labels": labels },
        "status": container(state, &json!({})),
    })));
}

/// A Job with its pod's container in this state.
pub(super) fn migrates(seen: &mut Observed, revision: &str, state: &Value) {
    let name = format!("team-{revision}-migrate-1");
    seen.jobs.push(made(json!({
        "metadata": { "name": name, "labels": labels("migration", revision) },
        "status": { "startTime": "2026-01-01T00:30:00Z" },
    })));
    pod_of(seen, &name, revision, state);
}
