//! Step 4, pure: every object that should exist, and those that are to be deleted.

mod budget;
mod credentials;
mod deployment;
mod exposure;
mod migrate_job;
mod monitoring;
mod network_policy;
mod pod;
mod prune;
mod revisions;
mod service;
mod store;
mod volume;

use std::collections::BTreeMap;

use k8s_openapi::{
    api::{
        apps::v1::{ControllerRevision, Deployment, StatefulSet},
        batch::v1::Job,
        core::v1::{ConfigMap, PersistentVolumeClaim, Secret, Service, ServiceAccount},
        networking::v1::{Ingress, NetworkPolicy},
        policy::v1::PodDisruptionBudget,
    },
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use kube::api::DynamicObject;

pub(crate) use self::{credentials::CredentialsWrite, prune::Delete};
use crate::{
    names,
    observe::{Observed, OptionalKind},
    resolve::Resolved,
    rollout::{Phase, Plan},
};

/// What `apply` writes. By default nothing.
#[derive(Default)]
pub struct Desired {
    /// The Secret with generated credentials, where it must be written.
    pub(crate) credentials: Option<CredentialsWrite>,
    /// The `ServiceAccount` of all pods; it has no rights.
    pub(crate) accounts: Vec<ServiceAccount>,
    /// Revisions; created once, never changed.
    pub(crate) revisions: Vec<ControllerRevision>,
    /// Secret values of the wanted revision; created once, never changed.
    pub(crate) secrets: Vec<Secret>,
    /// Settings of each revision; created once, never changed.
    pub(crate) config_maps: Vec<ConfigMap>,
    /// The dashboard.
    pub dashboards: Vec<ConfigMap>,
    /// Network policies of all components.
    pub(crate) policies: Vec<NetworkPolicy>,
    /// The volume claim of uploads; never deleted.
    pub(crate) claims: Vec<PersistentVolumeClaim>,
    /// Services for clients, servers and managed stores.
    pub(crate) services: Vec<Service>,
    /// Managed MySQL and Redis.
    pub stateful_sets: Vec<StatefulSet>,
    /// The migration of the database schema; created once, never changed.
    pub(crate) jobs: Vec<Job>,
    /// Servers, one Deployment for each revision.
    pub(crate) deployments: Vec<Deployment>,
    /// How many servers may be evicted together.
    pub(crate) budgets: Vec<PodDisruptionBudget>,
    /// The Ingress to the Service.
    pub(crate) ingresses: Vec<Ingress>,
    /// Objects of the optional kinds that the cluster has.
    pub optional: Vec<(OptionalKind, DynamicObject)>,
    /// Objects that are no longer wanted.
    pub(crate) delete: Vec<Delete>,
}

/// Builds what is to be written; nothing while the `ChatCluster` is paused.
#[must_use]
pub fn build(resolved: &Resolved, plan: &Plan, seen: &Observed) -> Desired {
    if plan.phase == Phase::Paused {
        return Desired::default();
    }
    let servers = revisions::servers(resolved, plan, seen);
    let wanted = &servers[0];
    // Ports change with the servers behind them, not before.
    let serving = servers.iter().find(|server| plan.selected.as_ref() == Some(&server.name));
    let is_https = serving.unwrap_or(wanted).is_https();
    let deployments = servers.iter().filter_map(|server| {
        let replicas = *plan.replicas.get(&server.name)?;
        let failed = plan.failed.as_ref().filter(|_| server.name == resolved.revision);
        Some(deployment::build(resolved, server, replicas, failed))
    });
    let mut desired = Desired {
        credentials: credentials::build(resolved, seen),
        accounts: vec![account(resolved)],
        revisions: servers
            .iter()
            .map(|server| revisions::stored(resolved, server, names::SERVER, seen))
            .collect(),
        secrets: vec![revisions::secret(resolved)],
        config_maps: servers.iter().map(|one| revisions::config_map(resolved, one)).collect(),
        dashboards: monitoring::dashboard(resolved).into_iter().collect(),
        policies: network_policy::build(resolved),
        claims: volume::claims(resolved),
        services: service::of_servers(resolved, plan, is_https),
        jobs: migrate_job::build(resolved, &plan.migration, wanted).into_iter().collect(),
        deployments: deployments.collect(),
        budgets: budget::build(resolved, seen).into_iter().collect(),
        ingresses: exposure::ingress(resolved).into_iter().collect(),
        optional: optional(resolved, seen, is_https),
        ..Desired::default()
    };
    for part in store::parts(resolved) {
        let revision = revisions::of_store(&part, seen);
        desired.revisions.push(revisions::stored(resolved, &revision, part.component, seen));
        desired.stateful_sets.push(store::stateful_set(
            resolved,
            &part,
            &revision,
            plan.stores_run,
        ));
        desired.services.push(service::of_store(resolved, &part));
    }
    desired.delete = prune::build(resolved, &desired, seen);
    desired
}

fn account(resolved: &Resolved) -> ServiceAccount {
    let annotations = &resolved.spec.pod_template.service_account_annotations;
    ServiceAccount {
        metadata: ObjectMeta {
            annotations: pod::some(annotations.clone()),
            ..meta(resolved, resolved.names.service(), names::WHOLE)
        },
        automount_service_account_token: Some(false),
        ..ServiceAccount::default()
    }
}

/// The objects that the spec asks for, of the optional kinds that the cluster has.
fn optional(
    resolved: &Resolved,
    seen: &Observed,
    is_https: bool,
) -> Vec<(OptionalKind, DynamicObject)> {
    let build = |kind| {
        let mut meta = meta(resolved, resolved.names.service(), names::SERVER);
        let spec = match kind {
            OptionalKind::HttpRoute => exposure::route(resolved, is_https)?,
            OptionalKind::ServiceMonitor => monitoring::monitor(resolved, &mut meta)?,
            OptionalKind::PrometheusRule => monitoring::rules(resolved, &mut meta)?,
        };
        let mut object = DynamicObject::new("", &kind.resource());
        object.metadata = meta;
        object.data = serde_json::json!({ "spec": spec });
        Some((kind, object))
    };
    seen.optional.iter().filter_map(|(kind, _)| build(*kind)).collect()
}

/// Name, labels and owner of a child object.
fn meta(resolved: &Resolved, name: String, component: &str) -> ObjectMeta {
    ObjectMeta {
        name: Some(name),
        namespace: Some(resolved.namespace.clone()),
        labels: Some(resolved.names.labels(component)),
        owner_references: Some(vec![resolved.owner.clone()]),
        ..ObjectMeta::default()
    }
}

/// Name, labels and owner of a child object that belongs to a revision.
fn revision_meta(resolved: &Resolved, name: String, component: &str, revision: &str) -> ObjectMeta {
    let mut meta = meta(resolved, name, component);
    meta.labels.get_or_insert_default().insert(names::REVISION.to_owned(), revision.to_owned());
    meta
}

/// Adds labels of the spec; those of the operator stay as they are.
fn add_labels(meta: &mut ObjectMeta, more: &BTreeMap<String, String>) {
    let labels = meta.labels.get_or_insert_default();
    for (key, value) in more {
        labels.entry(key.clone()).or_insert_with(|| value.clone());
    }
}

/// A map with one entry.
fn pair(key: &str, value: &str) -> BTreeMap<String, String> {
    [(key.to_owned(), value.to_owned())].into()
}

#[cfg(test)]
mod tests;
