//! What surrounds the pods: Service, certificate, Ingress, routes, network policies.

use std::collections::BTreeMap;

use k8s_openapi::api::networking::v1::NetworkPolicyPeer;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rule;

/// The Service in front of the servers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("x-kubernetes-validations" = [
    rule("!has(self.nodePort) || self.type != 'ClusterIP'", "service.nodePort: needs type NodePort or LoadBalancer")
]))]
pub struct ServiceSettings {
    /// Who reaches it.
    #[serde(rename = "type")]
    pub service_type: ServiceType,
    /// Its port on the nodes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self >= 1 && self <= 65535", "service.nodePort: a port of the cluster's range, usually 30000 to 32767")
    ]))]
    pub node_port: Option<i32>,
    /// Send a client to the same server each time. Not needed: any server will do.
    pub client_affinity: bool,
    /// Its annotations, for load balancers.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// Who reaches a Service.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ServiceType {
    /// The cluster.
    #[default]
    ClusterIP,
    /// Who reaches a node.
    NodePort,
    /// Who reaches the load balancer that the cloud makes.
    LoadBalancer,
}

/// HTTPS by the servers themselves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tls {
    /// Secret of the type `kubernetes.io/tls`: `tls.crt`, `tls.key`, and `ca.crt` where no public
    /// authority signed. When its content changes, the servers take it over without a restart.
    #[schemars(length(min = 1, max = 253))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')", "tls.secretName: the name of a Secret of this namespace, such as chat-tls")
    ]))]
    pub secret_name: String,
}

/// An Ingress to the Service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Ingress {
    /// Name of the site.
    #[schemars(length(min = 1, max = 253))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')", "ingress.host: a name such as chat.example.org, without scheme, port and path")
    ]))]
    pub host: String,
    /// Its class; without one, the cluster's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub class_name: Option<String>,
    /// Secret with its certificate; with it, the site is https.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub tls_secret_name: Option<String>,
    /// Its annotations, for its controller.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// An `HTTPRoute` to the Service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Gateway {
    /// The gateways that it hangs on.
    #[schemars(length(max = 8))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("size(self) >= 1", "gateway.parentRefs: name at least one Gateway")
    ]))]
    pub parent_refs: Vec<ParentRef>,
    /// Names of the site.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16), inner(length(max = 253)))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.all(h, h.matches('^(\\\\*\\\\.)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?$'))", "gateway.hostnames: names such as chat.example.org, without scheme, port and path")
    ]))]
    pub hostnames: Vec<String>,
}

/// A Gateway, or one listener of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ParentRef {
    /// Its name.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// Its namespace, where it is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 63))]
    pub namespace: Option<String>,
    /// Its listener.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub section_name: Option<String>,
}

/// Who may reach the pods.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("x-kubernetes-validations" = [
    rule("self.enabled || !has(self.from)", "networkPolicy.from: has no meaning while enabled is false")
]))]
pub struct NetworkPolicySettings {
    /// Deny what is not needed.
    pub enabled: bool,
    /// Who may reach the page and the API; without any, everybody.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub from: Vec<NetworkPolicyPeer>,
}

impl Default for NetworkPolicySettings {
    fn default() -> Self {
        Self { enabled: true, from: Vec::new() }
    }
}
