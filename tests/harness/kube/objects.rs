//! All objects of a namespace that the operator makes.

use std::collections::BTreeMap;

use anyhow::Result;
use kube::{
    Api, ResourceExt,
    api::{DeleteParams, DynamicObject, ListParams, TypeMeta},
};
use operator::names::Namespaced;

use super::Site;

/// Deletes an object of any kind.
pub async fn delete<K: Namespaced>(api: &Api<K>, name: &str) -> Result<()> {
    api.delete(name, &DeleteParams::background()).await?;
    Ok(())
}

/// Kinds of all objects that the operator makes, and `ChatCluster`s.
const KINDS: [(&str, &str, &str); 13] = [
    ("apps/v1", "Deployment", "deployments"),
    ("apps/v1", "StatefulSet", "statefulsets"),
    ("apps/v1", "ControllerRevision", "controllerrevisions"),
    ("batch/v1", "Job", "jobs"),
    ("v1", "Service", "services"),
    ("v1", "ConfigMap", "configmaps"),
    ("v1", "Secret", "secrets"),
    ("v1", "ServiceAccount", "serviceaccounts"),
    ("v1", "PersistentVolumeClaim", "persistentvolumeclaims"),
    ("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies"),
    ("networking.k8s.io/v1", "Ingress", "ingresses"),
    ("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets"),
    ("chatcluster.dev/v1alpha1", "ChatCluster", "chatclusters"),
];

/// All objects of these kinds in a namespace, by kind and name.
pub async fn objects(site: &Site) -> Result<BTreeMap<String, DynamicObject>> {
    let mut found = BTreeMap::new();
    for (group, kind, plural) in KINDS {
        let (group, version) = group.split_once('/').unwrap_or(("", group));
        let kind = kube::core::GroupVersionKind::gvk(group, version, kind);
        let resource = kube::core::ApiResource::from_gvk_with_plural(&kind, plural);
        let api: Api<DynamicObject> =
            Api::namespaced_with(site.client.clone(), &site.namespace, &resource);
        for mut object in api.list(&ListParams::default()).await? {
            // In a list they do not say what they are.
            let (api_version, kind) = (resource.api_version.clone(), resource.kind.clone());
            object.types = Some(TypeMeta { api_version, kind });
            found.insert(format!("{plural} {}", object.name_any()), object);
        }
    }
    Ok(found)
}

/// Their versions.
pub async fn versions(site: &Site) -> Result<BTreeMap<String, String>> {
    let all = objects(site).await?.into_iter();
    Ok(all.map(|(name, object)| (name, object.resource_version().unwrap_or_default())).collect())
}
