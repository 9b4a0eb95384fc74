//! I/O: kinds that not every cluster knows: routes of the Gateway API, monitors and
//! rules of Prometheus.

use kube::{
    Api, Client,
    api::DynamicObject,
    core::{ApiResource, GroupVersionKind},
    discovery,
};

use crate::names::{self, Names};

/// A kind that not every cluster knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extra {
    /// `HTTPRoute` of the Gateway API.
    HttpRoute,
    /// `ServiceMonitor` of the Prometheus operator.
    ServiceMonitor,
    /// `PrometheusRule` of the same.
    PrometheusRule,
}

/// Why it could not be seen.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {0}: {1}")]
pub struct Error(&'static str, #[source] Box<kube::Error>);

impl Extra {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::HttpRoute, Self::ServiceMonitor, Self::PrometheusRule];

    /// Its name in the API.
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

    /// Its kind.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Self::HttpRoute => "HTTPRoute",
            Self::ServiceMonitor => "ServiceMonitor",
            Self::PrometheusRule => "PrometheusRule",
        }
    }
}

/// The objects of these kinds that belong to a `ChatCluster`, of the kinds that this cluster
/// knows.
pub async fn observe(
    client: &Client,
    namespace: &str,
    cluster: &str,
) -> Result<Vec<(Extra, Option<DynamicObject>)>, Error> {
    let mut found = Vec::new();
    for extra in Extra::ALL {
        if !is_known(client, extra).await? {
            continue;
        }
        let api: Api<DynamicObject> =
            Api::namespaced_with(client.clone(), namespace, &extra.resource());
        let object = api.get_opt(&Names::new(cluster).service()).await;
        let object = object.map_err(|error| Error(extra.kind(), Box::new(error)))?;
        let ours =
            object.filter(|object| names::label_of(&object.metadata, names::CLUSTER) == cluster);
        found.push((extra, ours));
    }
    Ok(found)
}

async fn is_known(client: &Client, extra: Extra) -> Result<bool, Error> {
    let resource = extra.resource();
    match discovery::oneshot::pinned_kind(
        client,
        &GroupVersionKind::gvk(&resource.group, &resource.version, &resource.kind),
    )
    .await
    {
        Ok(_) => Ok(true),
        Err(kube::Error::Discovery(_)) => Ok(false),
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(false),
        Err(error) => Err(Error(extra.kind(), Box::new(error))),
    }
}
