//! What is built keeps its promises.

mod monitoring;
mod objects;
mod pods;
mod prune;
mod revisions;
mod snapshots;

use k8s_openapi::api::core::v1::PodSpec;
use serde_json::json;

use super::*;
use crate::{
    crd::ChatCluster,
    resolve::{credentials, resolve},
    rollout::{Migration, rollout},
};

/// The state of a new `ChatCluster`, whose credentials were generated.
fn observed() -> Observed {
    Observed { secrets: credentials::example(), ..Observed::default() }
}

fn built(spec: &serde_json::Value) -> (Resolved, Desired) {
    built_with(spec, &observed())
}

fn built_with(spec: &serde_json::Value, seen: &Observed) -> (Resolved, Desired) {
    let resolved = resolved(spec, seen);
    let mut plan = rollout(&resolved, seen);
    plan.replicas.insert(resolved.revision.clone(), 2);
    plan.migration = Migration::Due { attempt: 1, after: None };
    let desired = build(&resolved, &plan, seen);
    (resolved, desired)
}

fn resolved(spec: &serde_json::Value, seen: &Observed) -> Resolved {
    let cluster: ChatCluster = serde_json::from_value(json!({
        "apiVersion": "chatcluster.dev/v1alpha1", "kind": "ChatCluster",
        "metadata": { "name": "team", "namespace": "talk", "uid": "u" },
        "spec": spec,
    }))
    .unwrap();
    resolve(&cluster, seen).unwrap()
}

fn pods(desired: &Desired) -> Vec<PodSpec> {
    let servers = desired.deployments.iter().map(|d| d.spec.as_ref().unwrap().template.clone());
    let stores = desired.stateful_sets.iter().map(|s| s.spec.as_ref().unwrap().template.clone());
    let jobs = desired.jobs.iter().map(|j| j.spec.as_ref().unwrap().template.clone());
    servers.chain(stores).chain(jobs).map(|template| template.spec.unwrap()).collect()
}

/// A spec with a certificate, and the Secret of it.
fn encrypted() -> (serde_json::Value, Observed) {
    let values = ["tls.crt", "tls.key"].map(|key| (key.to_owned(), b"x".to_vec())).into();
    let references = [("chat-tls".to_owned(), Some(values))].into();
    let spec = json!({ "image": "chat:1", "tls": { "secretName": "chat-tls" } });
    (spec, Observed { references, ..observed() })
}
