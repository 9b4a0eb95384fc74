//! Pure: what was seen, as every step after `observe` reads it.

use std::{collections::BTreeMap, sync::Arc};

use chat_contract::ops::PodStatus;
use k8s_openapi::{
    api::{
        apps::v1::{ControllerRevision, Deployment, StatefulSet},
        batch::v1::Job,
        core::v1::{ConfigMap, PersistentVolumeClaim, Pod, Secret, Service, ServiceAccount},
        networking::v1::{Ingress, NetworkPolicy},
        policy::v1::PodDisruptionBudget,
    },
    jiff::Timestamp,
};
use kube::api::DynamicObject;

use crate::extra::Extra;

/// Values of one Secret.
pub type SecretData = BTreeMap<String, Vec<u8>>;

/// What is there now.
#[derive(Default)]
pub struct Observed {
    /// When.
    pub now: Timestamp,
    /// Children, by kind.
    pub deployments: Vec<Arc<Deployment>>,
    /// See above.
    pub stateful_sets: Vec<Arc<StatefulSet>>,
    /// See above.
    pub services: Vec<Arc<Service>>,
    /// See above.
    pub config_maps: Vec<Arc<ConfigMap>>,
    /// See above.
    pub jobs: Vec<Arc<Job>>,
    /// See above.
    pub budgets: Vec<Arc<PodDisruptionBudget>>,
    /// See above.
    pub policies: Vec<Arc<NetworkPolicy>>,
    /// See above.
    pub ingresses: Vec<Arc<Ingress>>,
    /// See above.
    pub accounts: Vec<Arc<ServiceAccount>>,
    /// See above.
    pub claims: Vec<Arc<PersistentVolumeClaim>>,
    /// See above.
    pub records: Vec<Arc<ControllerRevision>>,
    /// Pods of all components.
    pub pods: Vec<Arc<Pod>>,
    /// Secrets of ours, by name.
    pub secrets: BTreeMap<String, Secret>,
    /// Secrets that the spec refers to, by name; nothing where there is none.
    pub references: BTreeMap<String, Option<SecretData>>,
    /// Children of kinds that not every cluster knows; nothing where there is none.
    pub extras: Vec<(Extra, Option<DynamicObject>)>,
    /// What the servers say of themselves, by pod.
    pub pod_status: BTreeMap<String, PodStatus>,
    /// Why something could not be made, by the object's name.
    pub failures: BTreeMap<String, String>,
}

/// The values of a Secret.
#[must_use]
pub fn data(secret: Secret) -> SecretData {
    secret.data.unwrap_or_default().into_iter().map(|(key, value)| (key, value.0)).collect()
}
