//! Overrides for the servers' pods: a list of allowed fields, none of which widens rights.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    Affinity, ResourceRequirements, Toleration, TopologySpreadConstraint,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rule;

/// Overrides for the servers' pods.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct PodTemplate {
    /// Resource requests and limits of each server; by default it requests 100m CPU and 128Mi
    /// memory, with a memory limit of 512Mi.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<ResourceRequirements>,
    /// Affinity rules for nodes and other pods; none by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub affinity: Option<Affinity>,
    /// Labels that a node must have to run servers; none by default.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub node_selector: BTreeMap<String, String>,
    /// How servers are spread over zones or nodes, at most 8 constraints; by default over the nodes
    /// as evenly as possible.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8))]
    pub topology_spread_constraints: Vec<TopologySpreadConstraint>,
    /// Taints of nodes that servers tolerate, at most 16. By default servers leave an unreachable
    /// node after 30 seconds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub tolerations: Vec<Toleration>,
    /// Priority class of the servers' pods; by default that of the cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub priority_class_name: Option<String>,
    /// Additional annotations of the servers' pods, at most 32; chatcluster.dev/ belongs to the
    /// operator.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 32))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.all(k, !k.startsWith('chatcluster.dev/') && !k.contains('.chatcluster.dev/'))", "podTemplate.annotations: chatcluster.dev/ belongs to the operator")
    ]))]
    pub annotations: BTreeMap<String, String>,
    /// Annotations of the pods' `ServiceAccount`, at most 32, by which clouds give them a role,
    /// such as `eks.amazonaws.com/role-arn`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 32))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.all(k, !k.startsWith('chatcluster.dev/') && !k.contains('.chatcluster.dev/'))", "podTemplate.serviceAccountAnnotations: chatcluster.dev/ belongs to the operator")
    ]))]
    pub service_account_annotations: BTreeMap<String, String>,
    /// Additional labels of the servers' pods, at most 32; chatcluster.dev/ and app.kubernetes.io/
    /// belong to the operator.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 32))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.all(k, !k.startsWith('chatcluster.dev/') && !k.startsWith('app.kubernetes.io/'))", "podTemplate.labels: chatcluster.dev/ and app.kubernetes.io/ belong to the operator, which finds its pods by them")
    ]))]
    pub labels: BTreeMap<String, String>,
    /// Additional environment variables of the servers, at most 64. Names that begin with
    /// `CHAT_` or `REDIS_` are rejected: the operator sets the servers' settings.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.all(e, !e.name.startsWith('CHAT_') && !e.name.startsWith('REDIS_'))", "podTemplate.env: CHAT_ and REDIS_ are set by the operator; use the field of the spec instead")
    ]))]
    pub env: Vec<EnvVar>,
}

/// An environment variable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EnvVar {
    /// Name of the variable, of letters, digits and `_`.
    #[schemars(length(max = 128))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.matches('^[A-Za-z_][A-Za-z0-9_]*$')", "podTemplate.env: a name of letters, digits and _")
    ]))]
    pub name: String,
    /// Value of the variable as plain text; empty by default.
    #[serde(default)]
    pub value: String,
}
