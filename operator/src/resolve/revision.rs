//! Pure: what a revision is, and when a spec asks for another one.
//!
//! A revision is stored as a `ControllerRevision`: its inputs, and the pod template that was built
//! from them. As long as the inputs are equal, the pods stay as stored, whatever a newer operator
//! would build. So an upgrade of the operator replaces no pod, and a manual change is reverted.

use std::collections::BTreeMap;

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
pub(crate) struct Revision {
    /// Ten letters and digits that depend on the inputs.
    #[serde(rename = "revision")]
    pub(crate) name: String,
    /// What decides whether pods must be replaced.
    pub(crate) inputs: Value,
    /// Environment variables of the servers, without the secret ones; empty for managed stores.
    #[serde(default)]
    pub(crate) config: BTreeMap<String, String>,
    /// The pod template.
    pub(crate) template: PodTemplateSpec,
}

impl Revision {
    /// Whether its servers speak HTTPS.
    #[must_use]
    pub(crate) fn is_https(&self) -> bool {
        self.config.contains_key(tls::CERTIFICATE)
    }

    /// The revision that has these inputs; `empty` are those of a spec with defaults only.
    #[must_use]
    pub(crate) fn find(stored: &[Self], inputs: &Value, empty: &Value) -> Option<Self> {
        stored.iter().find(|one| is_same(&one.inputs, inputs, empty)).cloned()
    }

    /// Reads a stored revision; `None` where it cannot be read.
    #[must_use]
    fn read(stored: &ControllerRevision) -> Option<Self> {
        let data = stored.data.as_ref()?.0.clone();
        let name = stored.name_any();
        serde_json::from_value(data)
            .inspect_err(|error| tracing::error!(name, %error, "unreadable ControllerRevision"))
            .ok()
    }

    /// All revisions of a component, the newest first.
    #[must_use]
    pub(crate) fn all<'a>(
        stored: impl IntoIterator<Item = &'a ControllerRevision>,
        component: &str,
    ) -> Vec<Self> {
        let mut stored: Vec<_> =
            stored.into_iter().filter(|one| names::component(*one) == component).collect();
        stored.sort_by_key(|one| std::cmp::Reverse(one.revision));
        stored.into_iter().filter_map(Self::read).collect()
    }

    /// The data of its `ControllerRevision`.
    #[must_use]
    pub(crate) fn data(&self) -> RawExtension {
        RawExtension(serde_json::to_value(self).unwrap_or_default())
    }
}

/// The name of the revision with these inputs.
#[must_use]
pub(crate) fn name(inputs: &Value) -> String {
    short_hash(inputs.to_string().as_bytes())
}

/// A hash of ten letters and digits, without vowels, so that no word comes out.
#[must_use]
pub(crate) fn short_hash(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";
    Sha256::digest(bytes)
        .iter()
        .take(10)
        .map(|b| char::from(LETTERS[usize::from(*b) % 27]))
        .collect()
}

/// Whether two sets of inputs ask for the same pods. A field that only one of them has, because it
/// was written by another version of the operator, must be empty, or be the default that `empty`
/// has.
#[must_use]
fn is_same(stored: &Value, now: &Value, empty: &Value) -> bool {
    match (stored, now) {
        (Value::Object(stored), Value::Object(now)) => {
            let keys = stored.keys().chain(now.keys().filter(|key| !stored.contains_key(*key)));
            let nothing = Value::Object(Map::new());
            keys.into_iter().all(|key| {
                let default = empty.get(key).unwrap_or(&Value::Null);
                match (stored.get(key), now.get(key)) {
                    (Some(stored), Some(now)) => {
                        is_same(stored, now, if default.is_null() { &nothing } else { default })
                    }
                    (Some(one), None) | (None, Some(one)) => is_unset(one) || one == default,
                    (None, None) => true,
                }
            })
        }
        _ => stored == now,
    }
}

fn is_unset(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(yes) => !yes,
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.values().all(is_unset),
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
        let stored = json!({ "image": "a:1", "cache": { "ttl": "9s" } });
        let now =
            json!({ "image": "a:1", "cache": { "ttl": "9s", "extra": 7 }, "new": { "a": "x" } });
        assert!(is_same(&stored, &now, &empty));
        assert!(is_same(&now, &stored, &empty), "an older operator reads a newer revision");
        let changed = json!({ "image": "a:1", "cache": { "ttl": "9s", "extra": 8 } });
        assert!(!is_same(&stored, &changed, &empty));
        let changed = json!({ "image": "a:2", "cache": { "ttl": "9s" } });
        assert!(!is_same(&stored, &changed, &empty));
    }

    #[test]
    fn what_was_taken_away_is_a_change() {
        let with = json!({ "pod": { "priority": "high", "labels": {} } });
        let without = json!({ "pod": {} });
        assert!(!is_same(&with, &without, &json!({})));
        assert!(is_same(&json!({ "pod": { "labels": {} } }), &without, &json!({})));
        assert!(!is_same(&json!({ "list": [1] }), &json!({ "list": [1, 2] }), &json!({})));
    }

    #[test]
    fn names_are_short_and_fit_everywhere() {
        let name = name(&json!({ "image": "a:1" }));
        assert_eq!(name.len(), 10);
        assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
        assert_ne!(name, super::name(&json!({ "image": "a:2" })));
    }
}
