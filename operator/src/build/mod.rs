//! Pure: every object that should be there.

mod budget;
mod deployment;
mod edge;
mod extra;
mod migrate_job;
mod network_policy;
mod pod;
mod service;
mod store;
mod volume;
mod watch;

use std::collections::BTreeMap;

use k8s_openapi::{
    ByteString,
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

use crate::{
    extra::Extra,
    names,
    observed::Observed,
    record::Record,
    resolve::Resolved,
    rollout::{Migration, Plan},
};

/// Every object that should be there.
pub struct Desired {
    /// Of all pods; it may do nothing.
    pub account: ServiceAccount,
    /// Revisions as they were written down; made once, never changed.
    pub records: Vec<ControllerRevision>,
    /// What is secret in the wanted revision; made once, never changed.
    pub secret: Secret,
    /// Variables of each revision; made once, never changed.
    pub config_maps: Vec<ConfigMap>,
    /// Its dashboard.
    pub dashboards: Vec<ConfigMap>,
    /// Who may talk to whom.
    pub policies: Vec<NetworkPolicy>,
    /// For clients, for servers, for stores.
    pub services: Vec<Service>,
    /// The volume of pictures.
    pub claims: Vec<PersistentVolumeClaim>,
    /// Managed stores.
    pub stateful_sets: Vec<StatefulSet>,
    /// The migration of the store; made once, never changed.
    pub jobs: Vec<Job>,
    /// Servers, by revision.
    pub deployments: Vec<Deployment>,
    /// How many servers may be taken away at once.
    pub budgets: Vec<PodDisruptionBudget>,
    /// The way in from outside.
    pub ingresses: Vec<Ingress>,
    /// Of kinds that not every cluster knows.
    pub extras: Vec<(Extra, DynamicObject)>,
}

/// Builds them all.
#[must_use]
pub fn build(resolved: &Resolved, plan: &Plan, seen: &Observed) -> Desired {
    let kept: Vec<_> = seen.records.iter().map(AsRef::as_ref).collect();
    let servers = servers(resolved, plan, seen);
    let wanted = &servers[0];
    let mut records: Vec<_> =
        servers.iter().map(|server| record(resolved, server, names::SERVER, seen)).collect();
    let mut stateful_sets = Vec::new();
    // Ports change with the servers behind them, not before.
    let serving = servers.iter().find(|server| plan.selected.as_ref() == Some(&server.revision));
    let is_https = serving.unwrap_or(wanted).is_https();
    let mut services = service::of_servers(resolved, plan, is_https);
    for part in [store::mysql(resolved), store::redis(resolved)].into_iter().flatten() {
        let old = Record::all(kept.iter().copied(), part.component);
        let kept = Record::find(&old, &part.inputs, &part.empty_inputs);
        let kept = kept.unwrap_or_else(|| part.record());
        records.push(record(resolved, &kept, part.component, seen));
        stateful_sets.push(store::stateful_set(resolved, &part, &kept, plan.stores_run));
        services.push(service::of_store(resolved, &part));
    }
    let deployments = servers.iter().filter_map(|server| {
        let replicas = *plan.replicas.get(&server.revision)?;
        let failed = plan.failed.as_ref().filter(|_| server.revision == resolved.revision);
        Some(deployment::build(resolved, server, replicas, failed))
    });
    Desired {
        account: ServiceAccount {
            metadata: ObjectMeta {
                annotations: pod::some(
                    resolved.spec.pod_template.service_account_annotations.clone(),
                ),
                ..meta(resolved, resolved.names.service(), names::WHOLE)
            },
            automount_service_account_token: Some(false),
            ..ServiceAccount::default()
        },
        secret: secret(resolved),
        config_maps: servers.iter().map(|server| config_map(resolved, server)).collect(),
        dashboards: watch::dashboard(resolved).into_iter().collect(),
        policies: network_policy::build(resolved),
        claims: edge::claims(resolved),
        jobs: migrate_job::build(resolved, &plan.migration, wanted).into_iter().collect(),
        deployments: deployments.collect(),
        budgets: budget::build(resolved, seen).into_iter().collect(),
        ingresses: edge::ingress(resolved).into_iter().collect(),
        extras: extra::build(resolved, seen, is_https),
        records,
        services,
        stateful_sets,
    }
}

/// The wanted revision first, then those that still have servers or serve.
fn servers(resolved: &Resolved, plan: &Plan, seen: &Observed) -> Vec<Record> {
    let kept = seen.records.iter().map(AsRef::as_ref);
    let mut records = Record::all(kept, names::SERVER);
    // Somebody deleted the record: the servers themselves say how they are.
    for deployment in &seen.deployments {
        let revision = names::revision(deployment.as_ref());
        if let Some(spec) = &deployment.spec
            && records.iter().all(|record| record.revision != revision)
        {
            records.push(Record {
                revision: revision.to_owned(),
                inputs: serde_json::Value::Null,
                config: config_of(resolved, seen, revision),
                template: spec.template.clone(),
            });
        }
    }
    let wanted = resolved.record.clone().unwrap_or_else(|| Record {
        revision: resolved.revision.clone(),
        inputs: resolved.inputs.clone(),
        config: resolved.config.clone(),
        template: pod::server(resolved),
    });
    let is_used = |record: &&Record| {
        record.revision != resolved.revision
            && (plan.replicas.contains_key(&record.revision)
                || plan.selected.as_ref() == Some(&record.revision))
    };
    std::iter::once(wanted).chain(records.iter().filter(is_used).cloned()).collect()
}

fn config_of(resolved: &Resolved, seen: &Observed, revision: &str) -> BTreeMap<String, String> {
    let name = resolved.names.revision(revision);
    let map = seen.config_maps.iter().find(|map| map.metadata.name.as_ref() == Some(&name));
    map.and_then(|map| map.data.clone()).unwrap_or_default()
}

/// Name, labels and owner of a child.
fn meta(resolved: &Resolved, name: String, component: &str) -> ObjectMeta {
    ObjectMeta {
        name: Some(name),
        namespace: Some(resolved.namespace.clone()),
        labels: Some(resolved.names.labels(component)),
        owner_references: Some(vec![resolved.owner.clone()]),
        ..ObjectMeta::default()
    }
}

/// The same of a child that belongs to a revision.
fn revision_meta(resolved: &Resolved, name: String, component: &str, revision: &str) -> ObjectMeta {
    let mut meta = meta(resolved, name, component);
    meta.labels.get_or_insert_default().insert(names::REVISION.to_owned(), revision.to_owned());
    meta
}

/// Adds labels that somebody wishes; ours stay as they are.
fn add_labels(meta: &mut ObjectMeta, wished: &BTreeMap<String, String>) {
    let labels = meta.labels.get_or_insert_default();
    for (key, value) in wished {
        labels.entry(key.clone()).or_insert_with(|| value.clone());
    }
}

fn record(
    resolved: &Resolved,
    record: &Record,
    component: &str,
    seen: &Observed,
) -> ControllerRevision {
    let name = match component {
        names::SERVER => resolved.names.revision(&record.revision),
        part => format!("{}-{}", resolved.names.part(part), record.revision),
    };
    // Of its own component: how far the others have come says nothing about it.
    let kept = seen.records.iter().filter(|kept| names::component(kept.as_ref()) == component);
    let highest = kept.map(|kept| kept.revision).max().unwrap_or(0);
    ControllerRevision {
        metadata: revision_meta(resolved, name, component, &record.revision),
        data: Some(record.data()),
        revision: highest + 1,
    }
}

fn secret(resolved: &Resolved) -> Secret {
    let name = resolved.names.revision(&resolved.revision);
    let data = resolved.secrets.iter();
    let data = data.map(|(key, value)| (key.clone(), ByteString(value.clone().into_bytes())));
    Secret {
        metadata: revision_meta(resolved, name, names::SERVER, &resolved.revision),
        data: Some(data.collect()),
        immutable: Some(true),
        ..Secret::default()
    }
}

fn config_map(resolved: &Resolved, record: &Record) -> ConfigMap {
    let name = resolved.names.revision(&record.revision);
    ConfigMap {
        metadata: revision_meta(resolved, name, names::SERVER, &record.revision),
        data: Some(record.config.clone()),
        immutable: Some(true),
        ..ConfigMap::default()
    }
}

/// One pair.
fn pair(key: &str, value: &str) -> BTreeMap<String, String> {
    [(key.to_owned(), value.to_owned())].into()
}

/// Does the plan keep the Job of an attempt.
fn attempt_of(migration: &Migration) -> Option<u32> {
    match migration {
        Migration::Unneeded | Migration::Waiting | Migration::Busy { .. } => None,
        Migration::Due { attempt, .. }
        | Migration::Running { attempt, .. }
        | Migration::Failed { attempt, .. }
        | Migration::Done { attempt } => Some(*attempt),
    }
}

#[cfg(test)]
mod tests;
