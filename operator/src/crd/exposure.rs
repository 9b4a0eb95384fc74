//! Exposure of the servers: Service, certificate, Ingress, routes, network policies.

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
    /// Type of the Service: `ClusterIP` (reachable inside of the cluster, the default), `NodePort`
    /// (on a port of every node) or `LoadBalancer` (through a load balancer of the cloud).
    #[serde(rename = "type")]
    pub service_type: ServiceType,
    /// Port on the nodes, from 1 to 65535 and in the cluster's range, which is usually 30000 to
    /// 32767; by default the cluster chooses one. Only with the types `NodePort` and
    /// `LoadBalancer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self >= 1 && self <= 65535", "service.nodePort: a port of the cluster's range, usually 30000 to 32767")
    ]))]
    pub node_port: Option<i32>,
    /// Whether a client address is led to the same server for three hours; false by default. Not
    /// needed: any server answers any request.
    pub client_affinity: bool,
    /// Annotations of the Service, which configure load balancers; none by default.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// Type of the Service.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ServiceType {
    /// Reachable inside of the cluster.
    #[default]
    ClusterIP,
    /// Reachable on a port of every node.
    NodePort,
    /// Reachable through a load balancer of the cloud.
    LoadBalancer,
}

/// HTTPS by the servers themselves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tls {
    /// Secret of the type `kubernetes.io/tls` with `tls.crt` and `tls.key`, and with `ca.crt` where
    /// no public authority signed it. Servers take over a renewed certificate without a restart.
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
    /// Host name of the site, such as chat.example.org, without scheme, port and path.
    #[schemars(length(min = 1, max = 253))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')", "ingress.host: a name such as chat.example.org, without scheme, port and path")
    ]))]
    pub host: String,
    /// Class of the Ingress; by default the default class of the cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub class_name: Option<String>,
    /// Secret with the certificate that browsers are shown; with it the site is served by HTTPS. By
    /// default it is served by HTTP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub tls_secret_name: Option<String>,
    /// Annotations of the Ingress, which configure its controller; none by default.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// An `HTTPRoute` to the Service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Gateway {
    /// The Gateways, or listeners of Gateways, to which the route is attached, from 1 to 8.
    #[schemars(length(max = 8))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("size(self) >= 1", "gateway.parentRefs: name at least one Gateway")
    ]))]
    pub parent_refs: Vec<ParentRef>,
    /// Host names of the site, such as chat.example.org or *.example.org, without scheme, port and
    /// path; at most 16. By default the route takes those of its Gateways.
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
    /// Name of the Gateway to attach to.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// Namespace of the Gateway; by default that of the `ChatCluster`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 63))]
    pub namespace: Option<String>,
    /// Name of one listener of the Gateway; by default all its listeners.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub section_name: Option<String>,
}

/// Network policies of the pods.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("x-kubernetes-validations" = [
    rule("self.enabled || !has(self.from)", "networkPolicy.from: has no meaning while enabled is false")
]))]
pub struct NetworkPolicySettings {
    /// Whether network policies deny all traffic that the chat does not need; true by default. The
    /// cluster's network plugin has to enforce them.
    pub enabled: bool,
    /// Peers that may connect to the page and the API, at most 32; by default everybody.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub from: Vec<NetworkPolicyPeer>,
}

impl Default for NetworkPolicySettings {
    fn default() -> Self {
        Self { enabled: true, from: Vec::new() }
    }
}
