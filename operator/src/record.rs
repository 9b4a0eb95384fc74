//! Pure: what a revision is, and when a spec asks for another one.
//!
//! A revision is kept as a `ControllerRevision`: the inputs that it was made from, and the pods
//! that were made of them. As long as the inputs say the same, the pods stay as they were
//! written down, whatever a newer operator would write. So a new operator moves no pod, and what
//! somebody changes by hand is put back as it was.

use chat_contract::config::tls;
use k8s_openapi::{
    api::{apps::v1::ControllerRevision, core::v1::PodTemplateSpec},
    apimachinery::pkg::runtime::RawExtension,
};
use kube::ResourceExt;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::names;

/// A revision of one component.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its name: a few letters that depend on the inputs.
    pub revision: String,
    /// What decides whether pods must be made anew.
    pub inputs: Value,
    /// The variables of the servers, without the secrets.
    #[serde(default)]
    pub config: std::collections::BTreeMap<String, String>,
    /// The pods.
    pub template: PodTemplateSpec,
}

impl Record {
    /// Do its servers speak HTTPS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.config.contains_key(tls::CERTIFICATE)
    }

    /// The record that stands for these inputs; `empty` are those of a spec that says nothing.
    #[must_use]
    pub fn find(records: &[Self], inputs: &Value, empty: &Value) -> Option<Self> {
        records.iter().find(|record| same(&record.inputs, inputs, empty)).cloned()
    }

    /// Reads what was kept; nothing where it cannot be read.
    #[must_use]
    pub fn read(kept: &ControllerRevision) -> Option<Self> {
        let data = kept.data.as_ref()?.0.clone();
        serde_json::from_value(data)
            .inspect_err(|error| tracing::error!(record = kept.name_any(), %error, "unreadable"))
            .ok()
    }

    /// All records of a component, the newest first.
    #[must_use]
    pub fn all<'a>(
        kept: impl IntoIterator<Item = &'a ControllerRevision>,
        component: &str,
    ) -> Vec<Self> {
        let mut kept: Vec<_> =
            kept.into_iter().filter(|record| names::component(*record) == component).collect();
        kept.sort_by_key(|record| std::cmp::Reverse(record.revision));
        kept.into_iter().filter_map(Self::read).collect()
    }

    /// As it is kept.
    #[must_use]
    pub fn data(&self) -> RawExtension {
        RawExtension(serde_json::to_value(self).unwrap_or_default())
    }
}

/// A name for these inputs.
#[must_use]
pub fn name(inputs: &Value) -> String {
    short_hash(inputs.to_string().as_bytes())
}

/// Ten letters without vowels, so that no word comes out.
#[must_use]
pub fn short_hash(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";
    Sha256::digest(bytes)
        .iter()
        .take(10)
        .map(|b| char::from(LETTERS[usize::from(*b) % 27]))
        .collect()
}

/// Do two sets of inputs ask for the same pods. What only one of them has, because it was written
/// by another version of the operator, must say nothing, or what `empty` says.
#[must_use]
pub fn same(kept: &Value, now: &Value, empty: &Value) -> bool {
    match (kept, now) {
        (Value::Object(kept), Value::Object(now)) => {
            let keys = kept.keys().chain(now.keys().filter(|key| !kept.contains_key(*key)));
            let nothing = Value::Object(Map::new());
            keys.into_iter().all(|key| {
                let default = empty.get(key).unwrap_or(&Value::Null);
                match (kept.get(key), now.get(key)) {
                    (Some(kept), Some(now)) => {
                        same(kept, now, if default.is_null() { &nothing } else { default })
                    }
                    (Some(one), None) | (None, Some(one)) => says_nothing(one) || one == default,
                    (None, None) => true,
                }
            })
        }
        _ => kept == now,
    }
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(yes) => !yes,
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.values().all(says_nothing),
        Value::Number(_) | Value::String(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_new_setting_with_its_default_changes_nothing() {
        let empty =
            json!({ "image": "", "cache": { "ttl": "5s", "extra": 7 }, "new": { "a": "x" } });
        let kept = json!({ "image": "a:1", "cache": { "ttl": "9s" } });
        let now =
            json!({ "image": "a:1", "cache": { "ttl": "9s", "extra": 7 }, "new": { "a": "x" } });
        assert!(same(&kept, &now, &empty));
        assert!(same(&now, &kept, &empty), "an older operator sees a newer record");
        let changed = json!({ "image": "a:1", "cache": { "ttl": "9s", "extra": 8 } });
        assert!(!same(&kept, &changed, &empty));
        let changed = json!({ "image": "a:2", "cache": { "ttl": "9s" } });
        assert!(!same(&kept, &changed, &empty));
    }

    #[test]
    fn what_was_taken_away_is_a_change() {
        let with = json!({ "pod": { "priority": "high", "labels": {} } });
        let without = json!({ "pod": {} });
        assert!(!same(&with, &without, &json!({})));
        assert!(same(&json!({ "pod": { "labels": {} } }), &without, &json!({})));
        assert!(!same(&json!({ "list": [1] }), &json!({ "list": [1, 2] }), &json!({})));
    }

    #[test]
    fn names_are_short_and_fit_everywhere() {
        let name = name(&json!({ "image": "a:1" }));
        assert_eq!(name.len(), 10);
        assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
        assert_ne!(name, super::name(&json!({ "image": "a:2" })));
    }
}
