//! What holds for the objects around the pods.

use std::sync::Arc;

use k8s_openapi::{
    api::{batch::v1::Job, core::v1::Pod},
    apimachinery::pkg::{apis::meta::v1::Time, util::intstr::IntOrString},
};
use kube::ResourceExt;
use serde_json::json;

use super::{built, built_with, encrypted, observed, resolved};
use crate::{
    build::{CredentialsWrite, Desired, build},
    names,
    observe::Observed,
    resolve::Resolved,
    rollout::{Migration, rollout},
};

#[test]
fn traces_may_leave_where_there_is_a_collector() {
    let ports = |spec: serde_json::Value| {
        let (_, desired) = built(&spec);
        json!(desired.policies).to_string().contains("4317")
    };
    assert!(!ports(json!({ "image": "chat:1" })));
    let otlp = json!({ "otlp": { "endpoint": "http://collector.watch:4317", "oneIn": 10 } });
    assert!(ports(json!({ "image": "chat:1", "observability": otlp })));
}

#[test]
fn servers_may_reach_any_port_of_redis_only_where_it_is_not_known() {
    let redis_of = |mode: &str| {
        let host = json!({ "host": "cache", "port": 6380, "mode": mode, "sentinelMaster": "chat" });
        let (_, desired) = built(&json!({ "image": "chat:1", "redis": { "external": host } }));
        let policies = desired.policies.iter();
        let mut of_servers =
            policies.filter(|one| one.metadata.name.as_deref() == Some("team-servers"));
        let egress = of_servers.next().unwrap().spec.as_ref().unwrap().egress.clone().unwrap();
        egress.iter().map(|rule| json!(rule.ports)).collect::<Vec<_>>()
    };
    let port = json!([{ "port": 6380, "protocol": "TCP" }]);
    assert!(redis_of("Standalone").contains(&port));
    assert!(!redis_of("Standalone").contains(&json!(null)), "all ports");
    assert!(redis_of("Cluster").contains(&json!(null)));
}

fn ports(desired: &Desired) -> serde_json::Value {
    json!(desired.services[0].spec.as_ref().unwrap().ports)
}

#[test]
fn the_service_speaks_what_the_selected_servers_speak() {
    let ws = json!([{
        "name": "http", "port": 80, "protocol": "TCP", "targetPort": "http",
        "appProtocol": "kubernetes.io/ws",
    }]);
    let https = json!([{
        "name": "http", "port": 443, "protocol": "TCP", "targetPort": "http",
        "appProtocol": "https",
    }]);
    let (old, before) = built(&json!({ "image": "chat:1" }));
    assert_eq!(ports(&before), ws);
    let (spec, mut seen) = encrypted();
    assert_eq!(ports(&built_with(&spec, &seen).1), https);

    // Servers without the certificate still serve while those with it start.
    seen.revisions = before.revisions.into_iter().map(Arc::new).collect();
    let new = resolved(&spec, &seen);
    let ports = |selected: &Resolved| {
        let mut plan = rollout(&new, &seen);
        plan.selected = Some(selected.revision.clone());
        ports(&build(&new, &plan, &seen))
    };
    assert_eq!(ports(&old), ws);
    assert_eq!(ports(&new), https);
}

#[test]
fn a_store_is_found_also_while_it_is_not_ready() {
    let (_, desired) = built(&json!({ "image": "chat:1" }));
    for store in ["team-mysql", "team-redis"] {
        let found =
            desired.services.iter().find(|s| s.metadata.name.as_deref() == Some(store)).unwrap();
        let spec = found.spec.as_ref().unwrap();
        assert_eq!(spec.cluster_ip, None, "its address outlasts its pods");
        assert_eq!(spec.publish_not_ready_addresses, Some(true));
    }
}

#[test]
fn one_server_has_no_budget() {
    let (_, desired) = built(&json!({ "image": "chat:1", "replicas": 1 }));
    assert!(desired.budgets.is_empty());
    let (_, desired) = built(&json!({ "image": "chat:1", "replicas": 2 }));
    let budget = desired.budgets[0].spec.as_ref().unwrap();
    assert_eq!(budget.unhealthy_pod_eviction_policy.as_deref(), Some("AlwaysAllow"));
}

/// A server on a node.
fn server_on(node: &str) -> Arc<Pod> {
    let labels = json!({ names::COMPONENT: names::SERVER });
    let spec = json!({ "nodeName": node, "containers": [] });
    Arc::new(
        serde_json::from_value(json!({ "metadata": { "labels": labels }, "spec": spec })).unwrap(),
    )
}

/// The same, terminating: scaled down, or evicted by a node drain.
fn going_from(node: &str, evicted: bool) -> Arc<Pod> {
    let mut pod = server_on(node).as_ref().clone();
    pod.metadata.deletion_timestamp = Some(Time("2026-01-01T00:00:00Z".parse().unwrap()));
    let reason = if evicted { "EvictionByEvictionAPI" } else { "PreemptionByScheduler" };
    let target = json!({ "type": "DisruptionTarget", "status": "True", "reason": reason });
    pod.status = serde_json::from_value(json!({ "conditions": [target] })).unwrap();
    Arc::new(pod)
}

#[test]
fn servers_of_one_node_may_go_together_and_never_more_than_half() {
    let together = |replicas: i32, nodes: &[&str], going: &[Arc<Pod>]| {
        let stay = nodes.iter().map(|node| server_on(node));
        let pods = stay.chain(going.iter().cloned()).collect();
        let seen = Observed { pods, ..observed() };
        let spec = json!({ "image": "chat:1", "replicas": replicas });
        let (_, desired) = built_with(&spec, &seen);
        desired.budgets[0].spec.clone().unwrap().max_unavailable.unwrap()
    };
    for (replicas, nodes, expected) in [
        (2, &[][..], 1),
        (2, &["a", "b"], 1),
        (2, &["a", "a"], 1),
        (3, &["a", "b", "c"], 1),
        (3, &["a", "b", "b"], 2),
        (3, &["b", "b", "b"], 2),
        (6, &["a", "a", "b", "b", "c", "c"], 2),
    ] {
        let going = [going_from("a", false)];
        let together = together(replicas, nodes, &going);
        assert_eq!(together, IntOrString::Int(expected), "{replicas} {nodes:?}");
    }
    // The first of two is evicted, and its replacement has no node yet.
    let going = [going_from("a", true)];
    assert_eq!(together(3, &["a", "b"], &going), IntOrString::Int(2), "the second one would wait");
}

#[test]
fn every_name_fits() {
    let (resolved, desired) = built(&json!({ "image": "chat:1" }));
    // Of the longest name that is allowed.
    let more = 40 - resolved.name.len();
    let names = desired.jobs.iter().map(|job| job.metadata.name.clone().unwrap());
    let names = names.chain(desired.deployments.iter().map(|d| d.metadata.name.clone().unwrap()));
    for name in names {
        // A pod's name, and a Job's label, have at most 63 characters.
        assert!(name.len() + more <= 63, "{name}");
    }
}

#[test]
fn credentials_are_created_once_and_their_owner_follows_the_policy() {
    let spec = |policy: &str| json!({ "image": "chat:1", "deletionPolicy": policy });
    let new = Observed { entropy: Some([7; _]), ..Observed::default() };
    let owners = |policy: &str, seen: &Observed| match built_with(&spec(policy), seen).1.credentials
    {
        Some(CredentialsWrite::Create(secret)) => {
            let labels = secret.metadata.labels.unwrap_or_default();
            assert_eq!(labels["app.kubernetes.io/managed-by"], "chat-operator");
            ("create", secret.metadata.owner_references.unwrap_or_default().len())
        }
        Some(CredentialsWrite::SetOwners(name, owners)) => {
            assert_eq!(name, "team-credentials");
            ("set owners", owners.len())
        }
        None => ("nothing", 0),
    };
    assert_eq!(owners("Retain", &new), ("create", 0));
    assert_eq!(owners("Delete", &new), ("create", 1));
    assert_eq!(owners("Retain", &observed()), ("nothing", 0));
    assert_eq!(owners("Delete", &observed()), ("set owners", 1));
}

#[test]
fn nothing_is_written_while_it_is_paused() {
    let (_, desired) = built_with(&json!({ "image": "chat:1", "paused": true }), &observed());
    assert!(desired.credentials.is_none() && desired.delete.is_empty());
    assert!(desired.accounts.is_empty() && desired.revisions.is_empty());
    assert!(desired.deployments.is_empty() && desired.services.is_empty());
}

#[test]
fn the_cause_of_a_failure_is_written_at_the_failed_revision_alone() {
    let (old, before) = built(&json!({ "image": "chat:1" }));
    let revisions = before.revisions.into_iter().map(Arc::new).collect();
    let seen = Observed { revisions, ..observed() };
    let new = resolved(&json!({ "image": "chat:2" }), &seen);
    let mut plan = rollout(&new, &seen);
    plan.replicas = [(old.revision.clone(), 2), (new.revision.clone(), 1)].into();
    plan.failed = Some("it does not start".to_owned());
    let desired = build(&new, &plan, &seen);
    let causes: Vec<_> = desired
        .deployments
        .iter()
        .map(|deployment| (names::revision(deployment), deployment.metadata.annotations.clone()))
        .collect();
    let cause = [(names::FAILED.to_owned(), "it does not start".to_owned())].into();
    assert_eq!(causes, [(new.revision.as_str(), Some(cause)), (old.revision.as_str(), None)]);
}

#[test]
fn a_job_is_made_for_each_attempt_and_only_where_one_is_due() {
    let new = resolved(&json!({ "image": "chat:1" }), &observed());
    let jobs = |migration: Migration| {
        let mut plan = rollout(&new, &observed());
        plan.migration = migration;
        let jobs = build(&new, &plan, &observed()).jobs;
        let attempt = |job: &Job| (job.name_any(), job.annotations()[names::ATTEMPT].clone());
        jobs.iter().map(attempt).collect::<Vec<_>>()
    };
    let (attempt, after) = (3, Some("no space".to_owned()));
    let third = [(new.names.migration(&new.revision, 3), "3".to_owned())];
    for there in [
        Migration::Due { attempt, after: after.clone() },
        Migration::Running { attempt, after: after.clone(), long_since: None },
        Migration::Failed { attempt, cause: "no space".to_owned() },
        Migration::Done { attempt },
    ] {
        assert_eq!(jobs(there), third);
    }
    let busy = Migration::Busy { revision: "old".to_owned(), after };
    for none in [Migration::Unneeded, Migration::Waiting, busy] {
        assert_eq!(jobs(none), []);
    }
}
