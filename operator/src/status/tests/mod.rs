//! What the status reports.

mod scenarios;
mod scene;

use kube::api::DynamicObject;
use serde_json::json;

use super::*;
use crate::{
    observe::{Observed, OptionalKind},
    resolve::resolve,
    rollout::rollout,
};

fn cluster(status: &serde_json::Value) -> ChatCluster {
    serde_json::from_value(json!({
        "apiVersion": "chatcluster.dev/v1alpha1", "kind": "ChatCluster",
        "metadata": { "name": "team", "namespace": "talk", "generation": 7 },
        "spec": { "image": "chat:1" },
        "status": status,
    }))
    .unwrap()
}

#[test]
fn a_failure_leaves_the_rest_as_reported() {
    let wish = json!({ "replicas": 2, "conditions": [
        { "type": "Available", "status": "True", "reason": "ServersReady", "message": "2",
          "lastTransitionTime": "2026-01-01T00:00:00Z" },
        { "type": "Degraded", "status": "True", "reason": "Old", "message": "old",
          "lastTransitionTime": "2026-01-01T00:00:00Z" },
    ] });
    let now = "2026-02-02T00:00:00Z".parse().unwrap();
    let status = failed(&cluster(&wish), None, "SecretMissing", "no such Secret", now);
    assert_eq!((status.replicas, status.observed_generation), (2, Some(7)));
    let find = |kind: &str| status.conditions.iter().find(|c| c.type_ == kind).unwrap();
    assert_eq!(find("Available").status, "True");
    assert_eq!(find("Ready").reason, "SecretMissing");
    let degraded = find("Degraded");
    assert_eq!(degraded.message, "no such Secret");
    let since = degraded.last_transition_time.0.to_string();
    assert_eq!(since, "2026-01-01T00:00:00Z", "it was degraded before");
    assert_eq!(status.conditions.len(), Kind::ALL.len() + condition::DEPRECATED.len());
}

#[test]
fn the_same_failure_is_reported_once() {
    let now = "2026-02-02T00:00:00Z".parse().unwrap();
    let first = failed(&cluster(&json!({})), None, "A", "b", now);
    let later = "2026-02-02T00:01:00Z".parse().unwrap();
    let second = failed(&cluster(&serde_json::to_value(&first).unwrap()), None, "A", "b", later);
    assert_eq!(first, second);
}

#[test]
fn uploads_that_cannot_be_stored_are_reported() {
    let states = |problem: Option<&str>| {
        let cluster = cluster(&json!({}));
        let mut seen = Observed { entropy: Some([7; _]), ..Observed::default() };
        let pod = seen.pod_status.entry("team-1".to_owned()).or_default();
        pod.uploads_problem = problem.map(str::to_owned);
        let resolved = resolve(&cluster, &seen).unwrap();
        let plan = rollout(&resolved, &seen);
        let states = states::states(&resolved, &plan, &seen);
        let find = |kind| states.iter().find(|(k, _)| *k == kind).unwrap().1.clone();
        (find(Kind::UploadsReady), find(Kind::Degraded))
    };
    let (uploads, degraded) = states(Some("the bucket s3://x at AWS: there is no such bucket"));
    assert_eq!((uploads.status, uploads.reason.as_str()), ("False", "NoAnswer"));
    assert!(uploads.message.ends_with("there is no such bucket"));
    assert_eq!((degraded.status, degraded.reason.as_str()), ("True", "UploadsUnavailable"));
    let (uploads, degraded) = states(None);
    assert_eq!((uploads.status, degraded.status), ("True", "False"));
}

#[test]
fn exposure_is_reported_as_the_gateway_reports_it() {
    let of = |spec: serde_json::Value, seen: &Observed| {
        exposure::exposed(&serde_json::from_value(spec).unwrap(), seen)
    };
    let asked = json!({ "image": "chat:1", "gateway": { "parentRefs": [
        { "name": "outer" }, { "name": "inner", "namespace": "edge" },
    ] } });
    let route = |parents: serde_json::Value| {
        let mut route = DynamicObject::new("team", &OptionalKind::HttpRoute.resource());
        route.metadata.namespace = Some("talk".to_owned());
        route.data = json!({ "status": { "parents": parents } });
        Observed { optional: vec![(OptionalKind::HttpRoute, Some(route))], ..Observed::default() }
    };
    let parent = |name: &str, namespace: &str, resolved: &str| {
        json!({ "parentRef": { "name": name, "namespace": namespace }, "conditions": [
            { "type": "Accepted", "status": "True" },
            { "type": "ResolvedRefs", "status": resolved, "reason": "BackendNotFound",
              "message": "no such Service" },
        ] })
    };
    assert_eq!(of(json!({ "image": "chat:1" }), &Observed::default()).reason, "NotAskedFor");
    assert_eq!(of(asked.clone(), &Observed::default()).status, "Unknown", "not made yet");
    let outer = || parent("outer", "talk", "True");
    let one = of(asked.clone(), &route(json!([outer()])));
    assert!(one.message.contains("a Gateway inner in namespace edge"), "{}", one.message);
    let unresolved = of(asked.clone(), &route(json!([outer(), parent("inner", "edge", "False")])));
    assert_eq!(
        unresolved.message,
        "HTTPRoute team: Gateway inner says: not ResolvedRefs, BackendNotFound: no such Service"
    );
    let both = of(asked, &route(json!([outer(), parent("inner", "edge", "True")])));
    assert_eq!((both.status, both.reason.as_str()), ("True", "TakenUp"));
}

#[test]
fn the_readme_documents_every_condition() {
    let readme = include_str!("../../../README.md");
    let rows: Vec<_> = readme.lines().filter(|line| line.starts_with("| `")).collect();
    for kind in Kind::ALL {
        let name = format!("`{}`", kind.name());
        let is_documented =
            |row: &&str| row.split('|').nth(1).is_some_and(|cell| cell.contains(&name));
        assert!(rows.iter().any(is_documented), "{name} is not in the README");
    }
}

/// Scripts of version 0.1 wait for the old names.
#[test]
fn renamed_conditions_are_reported_by_both_names() {
    let old = "2026-01-01T00:00:00Z";
    let wish = json!({ "conditions": [
        { "type": "BrokerAvailable", "status": "False", "reason": "NoAnswer", "message": "refused",
          "lastTransitionTime": old },
    ] });
    let now = "2026-02-02T00:00:00Z".parse().unwrap();
    let status = failed(&cluster(&wish), None, "APIUnavailable", "the API is away", now);
    let find = |kind: &str| status.conditions.iter().find(|c| c.type_ == kind).unwrap().clone();
    for (new, old) in [
        ("MySQLReady", "StoreAvailable"),
        ("RedisReady", "BrokerAvailable"),
        ("UploadsReady", "UploadsAvailable"),
    ] {
        let mirrored = Condition { type_: new.to_owned(), ..find(old) };
        assert_eq!(mirrored, find(new));
    }
    // What an operator of version 0.1 reported is not forgotten.
    let redis = find("RedisReady");
    assert_eq!((redis.status.as_str(), redis.message.as_str()), ("False", "refused"));
    assert_eq!(redis.last_transition_time.0.to_string(), old);
    // The same in the status of a plan.
    let seen = Observed { entropy: Some([7; _]), ..Observed::default() };
    let cluster = cluster(&json!({}));
    let resolved = resolve(&cluster, &seen).unwrap();
    let status = compute(&cluster, &resolved, &rollout(&resolved, &seen), &seen);
    for (kind, old) in condition::DEPRECATED {
        let of = |name: &str| status.conditions.iter().find(|c| c.type_ == name).cloned().unwrap();
        assert_eq!(Condition { type_: old.to_owned(), ..of(kind.name()) }, of(old));
    }
}
