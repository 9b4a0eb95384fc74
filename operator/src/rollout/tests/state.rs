//! The numbers of a rollout, counted on objects as Kubernetes has them.

use serde_json::{Value, json};

use super::objects::{container, labels, made, resolved, serving};
use crate::{
    observe::Observed,
    rollout::state::{RevisionState, RolloutState},
};

fn state(spec: &Value, seen: &Observed) -> RolloutState {
    let wish = resolved(spec);
    RolloutState::of(&wish.spec, &wish.names, "new", seen)
}

/// What a single pod with this status counts as. It is 01:00:00, and servers settle for 5 seconds.
fn counted(status: &Value, deleted: Option<&str>) -> RevisionState {
    let mut seen = serving("old", 0);
    seen.pods.push(made(json!({
        "metadata": {
            "name": "p", "labels": labels("server", "new"), "deletionTimestamp": deleted,
        },
        "status": status,
    })));
    state(&json!({}), &seen).revisions.get("new").copied().unwrap_or_default()
}

fn ready(status: &str, since: &str) -> Value {
    json!({ "conditions": [
        { "type": "PodScheduled", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z" },
        { "type": "Ready", "status": status, "lastTransitionTime": since },
    ] })
}

#[test]
fn each_pod_counts_as_what_it_is() {
    let none = RevisionState::default();
    let there = RevisionState { pods: 1, ..none };
    let is_ready = RevisionState { ready: 1, ..there };
    let (settled, before) = ("2026-01-01T00:59:55Z", "2026-01-01T00:59:56Z");
    let ended = |code: i32| json!({ "terminated": { "exitCode": code } });
    let (running, nothing) = (json!({ "running": {} }), json!({}));
    for (status, deleted, expected) in [
        (ready("True", before), None, is_ready),
        (ready("True", settled), None, RevisionState { available: 1, ..is_ready }),
        (ready("False", settled), None, there),
        (json!({}), None, there),
        (json!({ "phase": "Running" }), None, there),
        (json!({ "phase": "Failed" }), None, none),
        (json!({ "phase": "Succeeded" }), None, none),
        (container(&ended(1), &nothing), None, RevisionState { crashed: 1, ..there }),
        (container(&running, &ended(1)), None, RevisionState { crashed: 1, ..there }),
        (container(&running, &ended(0)), None, there),
        (
            ready("True", settled),
            Some("2026-01-01T00:59:30Z"),
            RevisionState { terminating: 1, ..none },
        ),
        (ready("True", settled), Some("2026-01-01T00:59:29Z"), none),
    ] {
        assert_eq!(counted(&status, deleted), expected, "{status} {deleted:?}");
    }
    // Who is ready has not crashed, whatever was before.
    let mut back = ready("True", before);
    back["containerStatuses"] = container(&running, &ended(1))["containerStatuses"].clone();
    assert_eq!(counted(&back, None), is_ready);
}

#[test]
fn pods_are_added_up_by_revision_and_other_components_left_out() {
    let mut seen = serving("old", 3);
    seen.deployments.push(made(json!({
        "metadata": { "name": "team-new", "labels": labels("server", "new") },
        "spec": { "selector": {}, "template": {} },
    })));
    let crashed = container(&json!({ "terminated": { "exitCode": 1 } }), &json!({}));
    for (name, component, deleted) in [
        ("a", "server", None),
        ("b", "server", None),
        ("c", "server", Some("2026-01-01T01:00:00Z")),
        ("d", "server", Some("2026-01-01T01:00:00Z")),
        ("e", "migration", None),
        ("f", "mysql", None),
    ] {
        seen.pods.push(made(json!({
            "metadata": {
                "name": name, "labels": labels(component, "new"), "deletionTimestamp": deleted,
            },
            "status": crashed,
        })));
    }
    let state = state(&json!({ "replicas": 4 }), &seen);
    let old = RevisionState { replicas: 3, pods: 3, ready: 3, available: 3, ..<_>::default() };
    let new = RevisionState {
        replicas: 1,
        pods: 2,
        terminating: 2,
        crashed: 2,
        ..RevisionState::default()
    };
    assert_eq!((state.wanted, state.target()), (4, new));
    assert_eq!(state.others().collect::<Vec<_>>(), [(&"old".to_owned(), &old)]);
    assert_eq!(state.revisions.len(), 2);
}

#[test]
fn the_service_of_the_cluster_says_which_revision_serves() {
    let mut seen = Observed { now: serving("old", 0).now, ..Observed::default() };
    let service = |name: &str, selector: Value| {
        made(json!({ "metadata": { "name": name }, "spec": { "selector": selector } }))
    };
    seen.services.push(service("team-mysql", json!({ "chatcluster.dev/revision": "wrong" })));
    assert_eq!(state(&json!({}), &seen).selected, None);
    seen.services.push(service("team", json!({ "app": "x", "chatcluster.dev/revision": "old" })));
    assert_eq!(state(&json!({}), &seen).selected.as_deref(), Some("old"));
}

#[test]
fn servers_are_alone_where_one_only_can_mount_the_pictures() {
    let alone = |uploads: Value| state(&json!({ "uploads": uploads }), &serving("old", 0)).is_alone;
    assert!(!alone(json!(null)));
    assert!(alone(json!({ "volume": { "accessMode": "ReadWriteOnce" } })));
    assert!(!alone(json!({ "volume": { "accessMode": "ReadWriteMany" } })));
}

#[test]
fn a_revision_is_scaled_and_available_by_its_numbers() {
    let one = |replicas, pods, ready, available| {
        let one = RevisionState { replicas, pods, ready, available, ..<_>::default() };
        (one.remaining(), one.is_scaled(), one.is_available())
    };
    assert_eq!(one(2, 2, 2, 2), (2, true, true));
    assert_eq!(one(2, 2, 2, 1), (2, true, false));
    assert_eq!(one(2, 3, 3, 3), (2, false, false));
    assert_eq!(one(2, 1, 1, 1), (1, false, false));
    assert_eq!(one(0, 0, 0, 0), (0, true, true));
}
