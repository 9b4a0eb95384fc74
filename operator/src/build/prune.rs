//! Which objects are no longer wanted.
//!
//! Volume claims and the Secret with generated credentials are never deleted.

use std::sync::Arc;

use k8s_openapi::api::batch::v1::Job;
use kube::{ResourceExt, api::ApiResource};

use super::Desired;
use crate::{
    names::{self, Namespaced},
    observe::Observed,
    resolve::Resolved,
    rollout::{attempt, is_running},
};

/// An object to delete: the observed one, and none that was recreated in its place.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Delete {
    /// Its kind.
    pub(crate) resource: ApiResource,
    /// Its name.
    pub(crate) name: String,
    /// Its identity.
    pub(crate) uid: Option<String>,
}

impl Delete {
    /// `None` where the object is already being deleted.
    fn of<K: Namespaced>(object: &K) -> Option<Self> {
        let is_going = object.meta().deletion_timestamp.is_some();
        let resource = ApiResource::erase::<K>(&());
        (!is_going).then(|| Self { resource, name: object.name_any(), uid: object.uid() })
    }
}

/// All observed objects that `desired` does not have.
pub(super) fn build(resolved: &Resolved, desired: &Desired, seen: &Observed) -> Vec<Delete> {
    let mut found = Vec::new();
    found.extend(surplus(&seen.accounts, &desired.accounts));
    found.extend(surplus(&seen.policies, &desired.policies));
    found.extend(surplus(&seen.services, &desired.services));
    found.extend(surplus(&seen.stateful_sets, &desired.stateful_sets));
    found.extend(surplus(&seen.deployments, &desired.deployments));
    found.extend(surplus(&seen.budgets, &desired.budgets));
    found.extend(surplus(&seen.ingresses, &desired.ingresses));
    found.extend(optional(desired, seen));
    found.extend(jobs(resolved, desired, seen));
    let config_maps = [&desired.config_maps[..], &desired.dashboards].concat();
    found.extend(surplus(&seen.config_maps, &config_maps));
    found.extend(revisions(desired, seen));
    found
}

/// Objects of one kind that are not wanted by their name.
fn surplus<K: Namespaced>(live: &[Arc<K>], wanted: &[K]) -> Vec<Delete> {
    let names: Vec<_> = wanted.iter().map(ResourceExt::name_any).collect();
    let surplus = live.iter().filter(|object| !names.contains(&object.name_any()));
    surplus.filter_map(|object| Delete::of(object.as_ref())).collect()
}

fn optional(desired: &Desired, seen: &Observed) -> Vec<Delete> {
    let is_wanted = |kind| desired.optional.iter().any(|(wanted, _)| wanted == kind);
    let surplus = seen.optional.iter().filter(|(kind, _)| !is_wanted(kind));
    let surplus = surplus.filter_map(|(kind, live)| {
        let live = live.as_ref()?;
        let (resource, name) = (kind.resource(), live.name_any());
        Some(Delete { resource, name, uid: live.uid() })
    });
    surplus.collect()
}

/// A running migration is never interrupted, whichever revision it is of: the schema would stay
/// half migrated. The last failed Job stays until the next attempt has ended: it has the cause.
fn jobs(resolved: &Resolved, desired: &Desired, seen: &Observed) -> Vec<Delete> {
    let newest = desired.jobs.iter().map(attempt).max();
    let is_kept = |job: &Job| {
        is_running(job, seen)
            || names::revision(job) == resolved.revision
                && newest.is_some_and(|newest| attempt(job) + 1 >= newest)
    };
    let over = seen.jobs.iter().filter(|job| !is_kept(job));
    over.filter_map(|job| Delete::of(job.as_ref())).collect()
}

/// Revisions without servers, each with its Secret.
fn revisions(desired: &Desired, seen: &Observed) -> Vec<Delete> {
    let names: Vec<_> = desired.revisions.iter().map(ResourceExt::name_any).collect();
    let over = seen.revisions.iter().filter(|revision| !names.contains(&revision.name_any()));
    over.flat_map(|revision| {
        let secret = seen.secrets.get(&revision.name_any());
        [secret.and_then(Delete::of), Delete::of(revision.as_ref())].into_iter().flatten()
    })
    .collect()
}
