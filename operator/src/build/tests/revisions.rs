//! Which revisions are written, and with which content.

use std::sync::Arc;

use k8s_openapi::api::{
    apps::v1::{ControllerRevision, Deployment},
    core::v1::ConfigMap,
};
use serde_json::{Value, json};

use super::{built, built_with, observed, resolved};
use crate::{
    build::{Desired, build},
    names,
    observe::Observed,
    rollout::rollout,
};

/// What was written for this spec, as it is observed then.
fn after(spec: &Value) -> (String, Observed) {
    let (resolved, desired) = built(spec);
    let mut seen = observed();
    seen.revisions = desired.revisions.into_iter().map(Arc::new).collect();
    seen.deployments = desired.deployments.into_iter().map(Arc::new).collect();
    seen.config_maps = desired.config_maps.into_iter().map(Arc::new).collect();
    (resolved.revision, seen)
}

/// What is written for another image, where only servers of these revisions run.
fn next(seen: &Observed, running: &[&str]) -> (String, Desired) {
    let new = resolved(&json!({ "image": "chat:2" }), seen);
    let mut plan = rollout(&new, seen);
    plan.selected = None;
    plan.replicas = running.iter().map(|name| ((*name).to_owned(), 1)).collect();
    let desired = build(&new, &plan, seen);
    (new.revision, desired)
}

fn of<'a>(desired: &'a Desired, component: &str) -> Vec<&'a ControllerRevision> {
    desired.revisions.iter().filter(|one| names::component(*one) == component).collect()
}

fn servers(desired: &Desired) -> Vec<&str> {
    of(desired, names::SERVER).into_iter().map(names::revision).collect()
}

#[test]
fn revisions_that_have_no_servers_and_do_not_serve_are_left_out() {
    let (old, seen) = after(&json!({ "image": "chat:1" }));
    let (new, desired) = next(&seen, &[&old]);
    assert_eq!(servers(&desired), [new.as_str(), &old]);
    let (new, desired) = next(&seen, &[]);
    assert_eq!(servers(&desired), [new.as_str()]);

    // The wanted one is stored already, and is written once.
    let new_seen =
        Observed { revisions: desired.revisions.into_iter().map(Arc::new).collect(), ..observed() };
    let (_, desired) = next(&new_seen, &[&new]);
    assert_eq!(servers(&desired), [new.as_str()]);
}

#[test]
fn a_revision_that_was_deleted_is_written_again_from_its_servers() {
    let (old, mut seen) = after(&json!({ "image": "chat:1" }));
    let template = |deployments: &[Deployment]| {
        let one = deployments.iter().find(|one| names::revision(*one) == old);
        json!(one.unwrap().spec.as_ref().unwrap().template)
    };
    let config = |maps: &[ConfigMap]| {
        maps.iter().find(|one| names::revision(*one) == old).unwrap().data.clone()
    };
    let (_, before) = next(&seen, &[&old]);
    let data = of(&before, names::SERVER)[1].data.as_ref().unwrap().0.clone();
    assert!(config(&before.config_maps).unwrap().len() > 5);

    // Another one is left.
    let (_, other) = built(&json!({ "image": "chat:0" }));
    seen.revisions = other.revisions.into_iter().map(Arc::new).collect();
    let (_, desired) = next(&seen, &[&old]);
    let again = of(&desired, names::SERVER)[1];
    assert_eq!(names::revision(again), old);
    let now = &again.data.as_ref().unwrap().0;
    for part in ["revision", "config", "template"] {
        assert_eq!(now[part], data[part], "{part}");
    }
    assert_eq!(config(&desired.config_maps), config(&before.config_maps));
    assert_eq!(template(&desired.deployments), template(&before.deployments));
}

#[test]
fn each_component_counts_its_own_revisions() {
    let (_, mut seen) = after(&json!({ "image": "chat:1" }));
    for (component, number) in [(names::SERVER, 7), (names::MYSQL, 2)] {
        let mut revisions = seen.revisions.iter_mut();
        let one = revisions.find(|one| names::component(one.as_ref()) == component).unwrap();
        Arc::make_mut(one).revision = number;
    }
    let (_, desired) = next(&seen, &[]);
    let number = |component| of(&desired, component)[0].revision;
    assert_eq!((number(names::SERVER), number(names::MYSQL)), (8, 3));
}

/// An older operator did not know a field of a store, which has its default now: the store keeps
/// its pod.
#[test]
fn a_new_field_of_a_store_with_its_default_replaces_no_pod() {
    let spec = json!({ "image": "chat:1" });
    for component in [names::MYSQL, names::REDIS] {
        let (_, mut seen) = after(&spec);
        let mut revisions = seen.revisions.iter_mut();
        let stored = revisions.find(|one| names::component(one.as_ref()) == component).unwrap();
        let stored = Arc::make_mut(stored);
        let inputs = &mut stored.data.as_mut().unwrap().0["inputs"][component];
        assert!(inputs.as_object_mut().unwrap().remove("image").is_some());
        let stored = stored.data.clone();
        let (_, desired) = built_with(&spec, &seen);
        assert_eq!(of(&desired, component)[0].data, stored, "{component}");
    }
}
