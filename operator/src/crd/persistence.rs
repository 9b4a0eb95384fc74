//! The volume of a managed MySQL or Redis.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rule;

/// The volume of a managed store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Persistence {
    /// Whether the data is kept on a volume; true by default. Without a volume the data is lost
    /// with the pod.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Size of the volume as a quantity, such as 20Gi; 8Gi by default. It cannot be changed here
    /// later: grow the `PersistentVolumeClaim` itself.
    #[schemars(length(max = 32))]
    #[serde(default = "eight_gi")]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("isQuantity(self) && quantity(self).isGreaterThan(quantity('0'))", "persistence.size: a size such as 8Gi")
    ]))]
    pub size: String,
    /// Storage class of the volume; by default the default class of the cluster. A class that does
    /// not exist is named in the condition `Degraded`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub storage_class_name: Option<String>,
}

impl Default for Persistence {
    fn default() -> Self {
        Self { enabled: true, size: eight_gi(), storage_class_name: None }
    }
}

fn yes() -> bool {
    true
}
fn eight_gi() -> String {
    "8Gi".to_owned()
}
