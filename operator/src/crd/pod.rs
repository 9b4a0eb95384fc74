//! What may be said of the servers' pods: a list of allowed fields, none of which widens rights.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    Affinity, ResourceRequirements, Toleration, TopologySpreadConstraint,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rule;

/// What may be said of the servers' pods.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct PodTemplate {
    /// What a server may use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<ResourceRequirements>,
    /// Where it may run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub affinity: Option<Affinity>,
    /// Labels of the nodes where it may run.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub node_selector: BTreeMap<String, String>,
    /// How the servers are spread; without any, over the nodes as far as possible.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8))]
    pub topology_spread_constraints: Vec<TopologySpreadConstraint>,
    /// Taints that it tolerates.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub tolerations: Vec<Toleration>,
    /// Its priority class.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub priority_class_name: Option<String>,
    /// Additional annotations.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 32))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.all(k, !k.startsWith('chatcluster.dev/') && !k.contains('.chatcluster.dev/'))", "podTemplate.annotations: chatcluster.dev/ belongs to the operator")
    ]))]
    pub annotations: BTreeMap<String, String>,
    /// Annotations of the pods' `ServiceAccount`, by which clouds give them a role, such as
    /// `eks.amazonaws.com/role-arn`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 32))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.all(k, !k.startsWith('chatcluster.dev/') && !k.contains('.chatcluster.dev/'))", "podTemplate.serviceAccountAnnotations: chatcluster.dev/ belongs to the operator")
    ]))]
    pub service_account_annotations: BTreeMap<String, String>,
    /// Additional labels.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 32))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.all(k, !k.startsWith('chatcluster.dev/') && !k.startsWith('app.kubernetes.io/'))", "podTemplate.labels: chatcluster.dev/ and app.kubernetes.io/ belong to the operator, which finds its pods by them")
    ]))]
    pub labels: BTreeMap<String, String>,
    /// Additional variables.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.all(e, !e.name.startsWith('CHAT_') && !e.name.startsWith('REDIS_'))", "podTemplate.env: CHAT_ and REDIS_ are set by the operator; use the field of the spec instead")
    ]))]
    pub env: Vec<EnvVar>,
}

/// A variable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EnvVar {
    /// Its name.
    #[schemars(length(max = 128))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.matches('^[A-Za-z_][A-Za-z0-9_]*$')", "podTemplate.env: a name of letters, digits and _")
    ]))]
    pub name: String,
    /// Its value.
    #[serde(default)]
    pub value: String,
}
