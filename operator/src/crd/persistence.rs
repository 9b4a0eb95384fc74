//! The volume of a managed MySQL or Redis.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rule;

/// The volume of a managed store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Persistence {
    /// Keep the data on a volume; without it, the data is lost with the pod.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Size of the volume.
    #[schemars(length(max = 32))]
    #[serde(default = "eight_gi")]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("isQuantity(self) && quantity(self).isGreaterThan(quantity('0'))", "persistence.size: a size such as 8Gi")
    ]))]
    pub size: String,
    /// Its storage class; without one, the cluster's default.
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
