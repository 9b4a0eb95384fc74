//! What is deleted, and what is kept although it is no longer wanted.

use std::sync::Arc;

use kube::ResourceExt;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{built_with, observed};
use crate::{
    names,
    observe::{Observed, OptionalKind},
};

fn object<K: DeserializeOwned>(name: &str, component: &str, revision: &str) -> K {
    serde_json::from_value(json!({ "metadata": {
        "name": name, "uid": format!("uid of {name}"),
        "labels": { names::COMPONENT: component, names::REVISION: revision },
    }, "revision": 1 }))
    .unwrap()
}

/// What is deleted, as "Kind name".
fn deleted(spec: &Value, seen: &Observed) -> Vec<String> {
    let (_, desired) = built_with(spec, seen);
    desired
        .delete
        .iter()
        .inspect(|one| assert!(one.uid.is_some(), "{} could be another one", one.name))
        .map(|one| format!("{} {}", one.resource.kind, one.name))
        .collect()
}

#[test]
fn what_is_no_longer_wanted_is_deleted_after_all_else() {
    let spec = json!({ "image": "chat:1", "redis": { "external": { "host": "cache" } } });
    let (resolved, _) = built_with(&spec, &observed());
    let mut seen = observed();
    for name in ["team", "team-redis"] {
        seen.services.push(Arc::new(object(name, "redis", "")));
        seen.stateful_sets.push(Arc::new(object(name, "redis", "")));
    }
    seen.ingresses.push(Arc::new(object("team", "server", "")));
    seen.claims.push(Arc::new(object("team-uploads", "server", "")));
    for revision in [resolved.revision.as_str(), "old"] {
        let name = format!("team-{revision}");
        seen.config_maps.push(Arc::new(object(&name, "server", revision)));
        seen.revisions.push(Arc::new(object(&name, "server", revision)));
        seen.secrets.insert(name.clone(), object(&name, "server", revision));
        seen.deployments.push(Arc::new(object(&name, "server", revision)));
    }
    let mut going: k8s_openapi::api::core::v1::Service = object("team-going", "server", "");
    going.metadata.deletion_timestamp =
        Some(serde_json::from_value(json!("2026-01-01T00:00:00Z")).unwrap());
    seen.services.push(Arc::new(going));
    let route = kube::api::DynamicObject::new("team", &OptionalKind::HttpRoute.resource());
    let mut route = route.within("talk");
    route.metadata.uid = Some("u".to_owned());
    seen.optional =
        vec![(OptionalKind::HttpRoute, Some(route)), (OptionalKind::ServiceMonitor, None)];
    assert_eq!(
        deleted(&spec, &seen),
        [
            "Service team-redis",
            "StatefulSet team",
            "StatefulSet team-redis",
            "Deployment team-old",
            "Ingress team",
            "HTTPRoute team",
            "ConfigMap team-old",
            "Secret team-old",
            "ControllerRevision team-old",
        ],
        "neither the claim of uploads, nor credentials, nor what is going already"
    );
}

#[test]
fn a_running_migration_and_the_last_failure_are_kept() {
    let spec = json!({ "image": "chat:1" });
    let (resolved, desired) = built_with(&spec, &observed());
    let job = desired.jobs[0].clone();
    assert_eq!(job.annotations()[names::ATTEMPT], "1");
    let attempt = |number: u32, revision: &str| {
        let mut job = job.clone();
        job.metadata.name = Some(format!("{revision}-{number}"));
        job.metadata.uid = Some("u".to_owned());
        job.annotations_mut().insert(names::ATTEMPT.to_owned(), number.to_string());
        job.labels_mut().insert(names::REVISION.to_owned(), revision.to_owned());
        Arc::new(job)
    };
    let mut seen = observed();
    let revision = resolved.revision.as_str();
    for number in 1..=3 {
        seen.jobs.push(attempt(number, revision));
    }
    for name in ["over", "running"] {
        seen.jobs.push(attempt(1, name));
    }
    seen.pods.push(Arc::new(
        serde_json::from_value(json!({
            "metadata": { "name": "p", "labels": { "batch.kubernetes.io/job-name": "running-1" } },
            "status": { "containerStatuses": [{
                "name": "migrate", "image": "", "imageID": "", "ready": false, "restartCount": 0,
                "state": { "running": {} },
            }] },
        }))
        .unwrap(),
    ));
    let (_, mut desired) = built_with(&spec, &seen);
    // The third attempt is the newest one: the second one's failure stays until it has ended.
    desired.jobs = vec![attempt(3, revision).as_ref().clone()];
    let over = crate::build::prune::build(&resolved, &desired, &seen);
    let jobs = over.iter().filter(|one| one.resource.kind == "Job").map(|one| one.name.as_str());
    assert_eq!(jobs.collect::<Vec<_>>(), [format!("{revision}-1").as_str(), "over-1"]);
}

#[test]
fn of_the_optional_kinds_only_those_that_are_not_wanted_are_deleted() {
    let there = [OptionalKind::HttpRoute, OptionalKind::ServiceMonitor].map(|kind| {
        let mut object = kube::api::DynamicObject::new("team", &kind.resource()).within("talk");
        object.metadata.uid = Some("u".to_owned());
        (kind, Some(object))
    });
    let seen = Observed { optional: there.to_vec(), ..observed() };
    let spec = json!({ "image": "chat:1", "observability": { "serviceMonitor": {} } });
    assert_eq!(deleted(&spec, &seen), ["HTTPRoute team"]);
}
