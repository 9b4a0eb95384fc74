//! Managed stores: one MySQL, one Redis.

mod mysql;
mod redis;

use std::collections::BTreeMap;

use k8s_openapi::{
    api::{
        apps::v1::{StatefulSet, StatefulSetPersistentVolumeClaimRetentionPolicy, StatefulSetSpec},
        core::v1::{
            Container, PersistentVolumeClaim, PodSpec, PodTemplateSpec, Probe,
            ResourceRequirements, TCPSocketAction, Volume,
        },
    },
    apimachinery::pkg::{apis::meta::v1::ObjectMeta, util::intstr::IntOrString},
};
use serde_json::{Value, json};

use super::{pod, volume};
use crate::{
    crd::{ChatClusterSpec, DeletionPolicy, Persistence},
    names,
    resolve::{
        Resolved,
        revision::{self, Revision},
    },
};

/// The user id of the official images.
const STORE_USER: i64 = 999;
/// Seconds for a store to terminate: MySQL flushes its memory.
const GRACE_SECONDS: i64 = 60;
/// One managed store.
pub(super) struct Part {
    /// The component, `mysql` or `redis`.
    pub(super) component: &'static str,
    /// The port of its Service and its container.
    pub(super) port: u16,
    /// The inputs that decide whether its pod must be replaced.
    pub(super) inputs: Value,
    /// The inputs of a spec with defaults only.
    pub(super) empty_inputs: Value,
    template: PodTemplateSpec,
    persistence: Persistence,
}

impl Part {
    /// The revision with these inputs, as it is stored the first time.
    pub(super) fn revision(&self) -> Revision {
        Revision {
            name: revision::name(&self.inputs),
            inputs: self.inputs.clone(),
            config: BTreeMap::new(),
            template: self.template.clone(),
        }
    }
}

/// The managed stores that the spec asks for.
pub(super) fn parts(resolved: &Resolved) -> Vec<Part> {
    [mysql::part(resolved), redis::part(resolved)].into_iter().flatten().collect()
}

/// The minimal spec: all other fields have defaults.
fn empty_spec() -> Option<ChatClusterSpec> {
    serde_json::from_value(json!({ "image": "" })).ok()
}

fn container(
    name: &str,
    port: u16,
    resources: Option<ResourceRequirements>,
    (cpu, memory, most): (&str, &str, &str),
) -> Container {
    let probe = |period, failures| Probe {
        tcp_socket: Some(TCPSocketAction {
            port: IntOrString::String(name.to_owned()),
            host: None,
        }),
        period_seconds: Some(period),
        failure_threshold: Some(failures),
        ..Probe::default()
    };
    Container {
        name: name.to_owned(),
        ports: Some(vec![pod::port(name, port)]),
        // The first start creates the database, which takes longer.
        startup_probe: Some(probe(2, 150)),
        readiness_probe: Some(probe(2, 2)),
        liveness_probe: Some(probe(10, 6)),
        resources: Some(resources.unwrap_or_else(|| pod::resources_of(cpu, memory, most))),
        security_context: Some(pod::locked_down()),
        termination_message_policy: Some("FallbackToLogsOnError".to_owned()),
        ..Container::default()
    }
}

fn pod_spec(resolved: &Resolved, persistence: &Persistence, more: Vec<Volume>) -> PodSpec {
    let mut volumes = more;
    if !persistence.enabled {
        volumes.push(volume::scratch("data"));
    }
    PodSpec {
        termination_grace_period_seconds: Some(GRACE_SECONDS),
        ..pod::base(resolved, STORE_USER, volumes)
    }
}

fn template(resolved: &Resolved, component: &str, spec: PodSpec) -> PodTemplateSpec {
    PodTemplateSpec {
        metadata: Some(ObjectMeta {
            labels: Some(resolved.names.labels(component)),
            ..ObjectMeta::default()
        }),
        spec: Some(spec),
    }
}

/// The `StatefulSet` of a store, with its pod template as it is stored.
pub(super) fn stateful_set(
    resolved: &Resolved,
    part: &Part,
    revision: &Revision,
    runs: bool,
) -> StatefulSet {
    let when_deleted = match resolved.spec.deletion_policy {
        DeletionPolicy::Retain => "Retain",
        DeletionPolicy::Delete => "Delete",
    };
    let name = resolved.names.part(part.component);
    StatefulSet {
        metadata: super::meta(resolved, name.clone(), part.component),
        spec: Some(StatefulSetSpec {
            replicas: Some(i32::from(runs)),
            service_name: Some(name),
            selector: names::select(resolved.names.selector(part.component)),
            template: revision.template.clone(),
            volume_claim_templates: part.persistence.enabled.then(|| vec![claim(resolved, part)]),
            persistent_volume_claim_retention_policy: Some(
                StatefulSetPersistentVolumeClaimRetentionPolicy {
                    when_deleted: Some(when_deleted.to_owned()),
                    when_scaled: Some("Retain".to_owned()),
                },
            ),
            revision_history_limit: Some(1),
            ..StatefulSetSpec::default()
        }),
        status: None,
    }
}

fn claim(resolved: &Resolved, part: &Part) -> PersistentVolumeClaim {
    PersistentVolumeClaim {
        metadata: ObjectMeta {
            name: Some("data".to_owned()),
            labels: Some(resolved.names.selector(part.component)),
            ..ObjectMeta::default()
        },
        spec: Some(volume::claim_spec(
            &part.persistence.size,
            part.persistence.storage_class_name.as_ref(),
            "ReadWriteOnce",
        )),
        status: None,
    }
}
