//! The status of a `ChatCluster`.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the operator reports of the servers and of its own work, written only where it changed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ChatClusterStatus {
    /// Generation of the spec that this status is about; while it is lower than
    /// metadata.generation, the change was not observed yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// Number of server pods of all revisions, without those that are terminating.
    pub replicas: i32,
    /// Number of server pods of all revisions that are ready to take requests.
    pub ready_replicas: i32,
    /// Ready and wanted servers for people, such as 2/3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Label selector of the wanted revision's pods, which `kubectl scale` and autoscalers read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selector: Option<String>,
    /// Name of the revision that the spec asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_revision: Option<String>,
    /// Name of the revision that the Service selects, to which new clients connect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serving_revision: Option<String>,
    /// Progress of a change of revision; absent while none is in progress.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollout: Option<Rollout>,
    /// URL of the page, as far as the operator can know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What is going on, in one sentence for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Conditions of the chat, one of each type, such as `Ready` and `Degraded`, each with the
    /// reason and the cause.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
}

/// Progress of a change of revision.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Rollout {
    /// Number of ready servers of the wanted revision.
    pub moved: i32,
    /// Number of servers that the spec asks for.
    pub of: i32,
    /// What the next step of the rollout waits for, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting_for: Option<String>,
}
