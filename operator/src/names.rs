//! Names, labels and annotations of the child objects of a `ChatCluster`.
//!
//! Invariant: installations find their objects by these; none of them ever changes.

use std::{collections::BTreeMap, fmt::Debug};

use k8s_openapi::{
    NamespaceResourceScope,
    apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta},
};
use kube::Resource;
use serde::{Serialize, de::DeserializeOwned};

/// The value of `app.kubernetes.io/managed-by`, and the field manager of server-side apply.
pub(crate) const MANAGER: &str = "chat-operator";
/// Label with the name of the `ChatCluster`.
pub(crate) const CLUSTER: &str = "chatcluster.dev/cluster";
/// Label with the name of the revision.
pub(crate) const REVISION: &str = "chatcluster.dev/revision";
/// Label of the headless Service of all servers, which a `ServiceMonitor` selects.
pub(crate) const HEADLESS: &str = "chatcluster.dev/headless";
/// Annotation of a migration Job: the number of the attempt, from 1.
pub(crate) const ATTEMPT: &str = "chatcluster.dev/attempt";
/// Annotation of a Deployment whose servers crashed while they served: the cause. The Service does
/// not select this revision again.
pub(crate) const FAILED: &str = "chatcluster.dev/failed";
/// Annotation with a hash of the applied object, which reveals fields that are no longer set.
pub(crate) const APPLIED: &str = "chatcluster.dev/applied";
/// Label with the component that an object belongs to.
pub(crate) const COMPONENT: &str = "app.kubernetes.io/component";
/// Label with the manager of an object.
pub(crate) const MANAGED_BY: &str = "app.kubernetes.io/managed-by";

/// Component: the chat servers.
pub(crate) const SERVER: &str = "server";
/// Component: the migration of the database schema.
pub(crate) const MIGRATION: &str = "migration";
/// Component: the managed MySQL.
pub(crate) const MYSQL: &str = "mysql";
/// Component: the managed Redis.
pub(crate) const REDIS: &str = "redis";
/// Component: objects that belong to the `ChatCluster` as a whole.
pub(crate) const WHOLE: &str = "cluster";

/// A kind whose objects live in a namespace.
pub trait Namespaced:
    Resource<Scope = NamespaceResourceScope, DynamicType = ()>
    + Clone
    + Debug
    + Serialize
    + DeserializeOwned
{
}

impl<K> Namespaced for K where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>
        + Clone
        + Debug
        + Serialize
        + DeserializeOwned
{
}

/// Names of the child objects of one `ChatCluster`.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    cluster: String,
}

impl Names {
    /// Names for the `ChatCluster` with this name.
    #[must_use]
    pub(crate) fn new(cluster: &str) -> Self {
        Self { cluster: cluster.to_owned() }
    }

    /// The Service that clients use; the Ingress, the budget and the `ServiceAccount` share its
    /// name.
    #[must_use]
    pub(crate) fn service(&self) -> String {
        self.cluster.clone()
    }

    /// The headless Service with the pods of all revisions.
    #[must_use]
    pub(crate) fn pods(&self) -> String {
        format!("{}-pods", self.cluster)
    }

    /// The objects of one revision: Deployment, `ConfigMap`, Secret and `ControllerRevision`.
    #[must_use]
    pub(crate) fn revision(&self, revision: &str) -> String {
        format!("{}-{revision}", self.cluster)
    }

    /// The Job that migrates the database schema for a revision; attempts count from 1.
    #[must_use]
    pub(crate) fn migration(&self, revision: &str, attempt: u32) -> String {
        format!("{}-{revision}-migrate-{attempt}", self.cluster)
    }

    /// The Secret with generated passwords.
    #[must_use]
    pub(crate) fn credentials(&self) -> String {
        format!("{}-credentials", self.cluster)
    }

    /// An object of a component other than the servers, such as `mysql`.
    #[must_use]
    pub(crate) fn part(&self, component: &str) -> String {
        format!("{}-{component}", self.cluster)
    }

    /// The labels that select the pods of a component, and only those.
    #[must_use]
    pub(crate) fn selector(&self, component: &str) -> BTreeMap<String, String> {
        let pairs = [(CLUSTER, self.cluster.as_str()), (COMPONENT, component)];
        pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
    }

    /// All labels of an object of a component.
    #[must_use]
    pub(crate) fn labels(&self, component: &str) -> BTreeMap<String, String> {
        let mut labels = self.selector(component);
        for (key, value) in [
            ("app.kubernetes.io/name", "chat"),
            ("app.kubernetes.io/instance", self.cluster.as_str()),
            (MANAGED_BY, MANAGER),
        ] {
            labels.insert(key.to_owned(), value.to_owned());
        }
        labels
    }
}

/// A selector that matches these labels.
#[must_use]
pub(crate) fn select(labels: BTreeMap<String, String>) -> LabelSelector {
    LabelSelector { match_labels: Some(labels), match_expressions: None }
}

/// The value of a label; empty where the label is missing.
pub(crate) fn label<'a, K: Resource>(object: &'a K, label: &str) -> &'a str {
    label_of(object.meta(), label)
}

/// The value of a label in metadata; empty where the label is missing.
#[must_use]
pub(crate) fn label_of<'a>(meta: &'a ObjectMeta, label: &str) -> &'a str {
    meta.labels.as_ref().and_then(|labels| labels.get(label)).map_or("", String::as_str)
}

/// The component that an object is labelled with.
pub(crate) fn component<K: Resource>(object: &K) -> &str {
    label(object, COMPONENT)
}

/// The revision that an object is labelled with.
pub(crate) fn revision<K: Resource>(object: &K) -> &str {
    label(object, REVISION)
}
