//! I/O: kinds that are optional in a cluster: routes of the Gateway API, monitors and rules of the
//! Prometheus operator.

use kube::{
    Api, Client,
    api::DynamicObject,
    core::{ApiResource, GroupVersionKind},
    discovery,
};

use crate::names::{self, Names};

/// A kind that a cluster may lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptionalKind {
    /// `HTTPRoute` of the Gateway API.
    HttpRoute,
    /// `ServiceMonitor` of the Prometheus operator.
    ServiceMonitor,
    /// `PrometheusRule` of the Prometheus operator.
    PrometheusRule,
}

/// Why an object could not be read: its kind, and the error of the API server.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {0}: {1}")]
pub(crate) struct Error(&'static str, #[source] Box<kube::Error>);

impl OptionalKind {
    /// All optional kinds.
    pub const ALL: [Self; 3] = [Self::HttpRoute, Self::ServiceMonitor, Self::PrometheusRule];

    /// Group, version and plural in the API.
    #[must_use]
    pub fn resource(self) -> ApiResource {
        let (group, kind, plural) = match self {
            Self::HttpRoute => ("gateway.networking.k8s.io", "HTTPRoute", "httproutes"),
            Self::ServiceMonitor => ("monitoring.coreos.com", "ServiceMonitor", "servicemonitors"),
            Self::PrometheusRule => ("monitoring.coreos.com", "PrometheusRule", "prometheusrules"),
        };
        let kind = GroupVersionKind::gvk(group, "v1", kind);
        ApiResource::from_gvk_with_plural(&kind, plural)
    }

    /// The name of the kind, such as `HTTPRoute`.
    #[must_use]
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::HttpRoute => "HTTPRoute",
            Self::ServiceMonitor => "ServiceMonitor",
            Self::PrometheusRule => "PrometheusRule",
        }
    }
}

/// For each optional kind that this cluster has, the object that belongs to a `ChatCluster`.
pub(super) async fn observe(
    client: &Client,
    namespace: &str,
    cluster: &str,
) -> Result<Vec<(OptionalKind, Option<DynamicObject>)>, Error> {
    let mut found = Vec::new();
    for kind in OptionalKind::ALL {
        if !is_known(client, kind).await? {
            continue;
        }
        let api: Api<DynamicObject> =
            Api::namespaced_with(client.clone(), namespace, &kind.resource());
        let object = api.get_opt(&Names::new(cluster).service()).await;
        let object = object.map_err(|error| Error(kind.kind(), Box::new(error)))?;
        let ours =
            object.filter(|object| names::label_of(&object.metadata, names::CLUSTER) == cluster);
        found.push((kind, ours));
    }
    Ok(found)
}

async fn is_known(client: &Client, kind: OptionalKind) -> Result<bool, Error> {
    let resource = kind.resource();
    match discovery::oneshot::pinned_kind(
        client,
        &GroupVersionKind::gvk(&resource.group, &resource.version, &resource.kind),
    )
    .await
    {
        Ok(_) => Ok(true),
        Err(kube::Error::Discovery(_)) => Ok(false),
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(false),
        Err(error) => Err(Error(kind.kind(), Box::new(error))),
    }
}
