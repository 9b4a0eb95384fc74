//! Pure: the observed state, which every later step reads.

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

use super::OptionalKind;

/// Values of one Secret, by key.
pub(crate) type SecretData = BTreeMap<String, Vec<u8>>;

/// Random bytes for one set of generated credentials.
pub(crate) const ENTROPY_BYTES: usize = 128;

/// The state of one `ChatCluster` at one moment.
#[derive(Default)]
pub struct Observed {
    /// The moment of the observation.
    pub(crate) now: Timestamp,
    /// Deployments of servers, one for each revision.
    pub(crate) deployments: Vec<Arc<Deployment>>,
    /// Managed MySQL and Redis.
    pub(crate) stateful_sets: Vec<Arc<StatefulSet>>,
    /// Services for clients, servers and managed stores.
    pub(crate) services: Vec<Arc<Service>>,
    /// Settings of each revision, and the dashboard.
    pub(crate) config_maps: Vec<Arc<ConfigMap>>,
    /// Migrations of the database schema.
    pub(crate) jobs: Vec<Arc<Job>>,
    /// Disruption budgets of the servers.
    pub(crate) budgets: Vec<Arc<PodDisruptionBudget>>,
    /// Network policies of all components.
    pub(crate) policies: Vec<Arc<NetworkPolicy>>,
    /// Ingresses to the Service.
    pub(crate) ingresses: Vec<Arc<Ingress>>,
    /// Service accounts of the pods.
    pub(crate) accounts: Vec<Arc<ServiceAccount>>,
    /// Volume claims of uploads; those of managed stores belong to their `StatefulSet`s.
    pub(crate) claims: Vec<Arc<PersistentVolumeClaim>>,
    /// Revisions of servers and managed stores.
    pub(crate) revisions: Vec<Arc<ControllerRevision>>,
    /// Pods of all components; of their spec the node's name alone.
    pub(crate) pods: Vec<Arc<Pod>>,
    /// Secrets that the operator created, by name: generated credentials, and one for each
    /// revision.
    pub(crate) secrets: BTreeMap<String, Secret>,
    /// Secrets that the spec refers to, by name; `None` where one does not exist.
    pub(crate) references: BTreeMap<String, Option<SecretData>>,
    /// For each optional kind that the cluster has, our object; `None` where there is none.
    pub optional: Vec<(OptionalKind, Option<DynamicObject>)>,
    /// Status reports of the servers, by pod.
    pub(crate) pod_status: BTreeMap<String, PodStatus>,
    /// Why an object could not be created, by the object's name.
    pub(crate) failures: BTreeMap<String, String>,
    /// Random bytes for credentials that are to be generated; drawn only while their Secret is
    /// missing, and `None` where the system has none.
    pub entropy: Option<[u8; ENTROPY_BYTES]>,
    /// The managed MySQL's volume claim; looked up only while the Secret with credentials is
    /// missing.
    pub(crate) mysql_claim: Option<String>,
}

/// The values of a Secret.
#[must_use]
pub(crate) fn data(secret: Secret) -> SecretData {
    secret.data.unwrap_or_default().into_iter().map(|(key, value)| (key, value.0)).collect()
}
