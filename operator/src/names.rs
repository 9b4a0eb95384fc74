//! Names and labels of the children.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use kube::Resource;

/// Who made it: the value of `app.kubernetes.io/managed-by`, and our field manager.
pub const MANAGER: &str = "chat-operator";
/// Label with the name of the `ChatCluster`.
pub const CLUSTER: &str = "chatcluster.dev/cluster";
/// Label with the name of the revision.
pub const REVISION: &str = "chatcluster.dev/revision";
/// Label of the Service that has all servers, by which metrics are found.
pub const HEADLESS: &str = "chatcluster.dev/headless";
/// Annotation with the number of the attempt to migrate.
pub const ATTEMPT: &str = "chatcluster.dev/attempt";
/// Annotation of a revision that served and then crashed: why, so that it does not serve again.
pub const FAILED: &str = "chatcluster.dev/failed";
/// Annotation with a hash of what was applied, so that what is no longer wanted is noticed.
pub const APPLIED: &str = "chatcluster.dev/applied";
/// Label of what an object is part of.
pub const COMPONENT: &str = "app.kubernetes.io/component";
/// Label of who made it.
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";

/// Component: the chat servers.
pub const SERVER: &str = "server";
/// Component: the migration of the store.
pub const MIGRATION: &str = "migration";
/// Component: the managed MySQL.
pub const MYSQL: &str = "mysql";
/// Component: the managed Redis.
pub const REDIS: &str = "redis";
/// Component: what belongs to the whole.
pub const WHOLE: &str = "cluster";

/// Names of the children of one `ChatCluster`.
#[derive(Debug, Clone)]
pub struct Names {
    cluster: String,
}

impl Names {
    /// Of the `ChatCluster` with this name.
    #[must_use]
    pub fn new(cluster: &str) -> Self {
        Self { cluster: cluster.to_owned() }
    }

    /// The Service that clients use.
    #[must_use]
    pub fn service(&self) -> String {
        self.cluster.clone()
    }

    /// The headless Service of all servers.
    #[must_use]
    pub fn pods(&self) -> String {
        format!("{}-pods", self.cluster)
    }

    /// What belongs to one revision.
    #[must_use]
    pub fn revision(&self, revision: &str) -> String {
        format!("{}-{revision}", self.cluster)
    }

    /// The Job that migrates the store for a revision.
    #[must_use]
    pub fn migration(&self, revision: &str, attempt: u32) -> String {
        format!("{}-{revision}-migrate-{attempt}", self.cluster)
    }

    /// Generated passwords.
    #[must_use]
    pub fn credentials(&self) -> String {
        format!("{}-credentials", self.cluster)
    }

    /// A component other than the servers.
    #[must_use]
    pub fn part(&self, component: &str) -> String {
        format!("{}-{component}", self.cluster)
    }

    /// Labels by which the pods of a component are found, and nothing else is.
    #[must_use]
    pub fn selector(&self, component: &str) -> BTreeMap<String, String> {
        let pairs = [(CLUSTER, self.cluster.as_str()), (COMPONENT, component)];
        pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
    }

    /// All labels of an object.
    #[must_use]
    pub fn labels(&self, component: &str) -> BTreeMap<String, String> {
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

/// A selector of these labels.
#[must_use]
pub fn select(labels: BTreeMap<String, String>) -> LabelSelector {
    LabelSelector { match_labels: Some(labels), match_expressions: None }
}

/// The value of a label; empty where there is none.
pub fn label<'a, K: Resource>(object: &'a K, label: &str) -> &'a str {
    label_of(object.meta(), label)
}

/// The same, of its metadata.
#[must_use]
pub fn label_of<'a>(meta: &'a ObjectMeta, label: &str) -> &'a str {
    meta.labels.as_ref().and_then(|labels| labels.get(label)).map_or("", String::as_str)
}

/// The component that an object belongs to.
pub fn component<K: Resource>(object: &K) -> &str {
    label(object, COMPONENT)
}

/// The revision that an object belongs to.
pub fn revision<K: Resource>(object: &K) -> &str {
    label(object, REVISION)
}
