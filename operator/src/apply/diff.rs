//! Pure: whether a live object is as wanted already.

use serde_json::Value;

use crate::quantity::quantity;

/// Selectors: one label more selects something else, so each is compared as a whole.
const WHOLE: [&str; 6] = [
    "selector",
    "matchLabels",
    "podSelector",
    "namespaceSelector",
    "labelSelector",
    "nodeSelector",
];

/// Whether `live` has all fields of `wanted`. Fields that others added do not matter.
#[must_use]
pub(super) fn covers(live: &Value, wanted: &Value) -> bool {
    match (live, wanted) {
        (Value::Object(live), Value::Object(wanted)) => {
            wanted.iter().all(|(key, wanted)| match live.get(key) {
                Some(live) if WHOLE.contains(&key.as_str()) => live == wanted,
                Some(live) => covers(live, wanted),
                None => is_empty(wanted),
            })
        }
        (Value::Array(live), Value::Array(wanted)) => {
            if let Some(key) = merge_key(wanted) {
                return wanted.iter().all(|wanted| {
                    let same = |live: &&Value| live.get(key) == wanted.get(key);
                    live.iter().find(same).is_some_and(|live| covers(live, wanted))
                });
            }
            live.len() == wanted.len() && live.iter().zip(wanted).all(|(l, w)| covers(l, w))
        }
        (Value::String(live), Value::String(wanted)) => {
            live == wanted || is_same_quantity(live, wanted)
        }
        _ => live == wanted,
    }
}

/// The API server drops empty values.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.values().all(is_empty),
        _ => false,
    }
}

/// The field that identifies the elements of a list; `None` where their position does.
fn merge_key(list: &[Value]) -> Option<&'static str> {
    ["name", "type", "uid"].into_iter().find(|key| {
        !list.is_empty() && list.iter().all(|one| one.get(key).is_some_and(Value::is_string))
    })
}

/// The API server writes `1000m` as `1`.
fn is_same_quantity(a: &str, b: &str) -> bool {
    match (quantity(a), quantity(b)) {
        (Some(a), Some(b)) => (a - b).abs() <= f64::EPSILON * a.abs().max(b.abs()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_others_added_does_not_matter() {
        let wanted = json!({ "a": 1, "list": [{ "name": "x", "v": 1 }], "none": {}, "gone": null });
        let live =
            json!({ "a": 1, "b": 2, "list": [{ "name": "y" }, { "name": "x", "v": 1, "w": 2 }] });
        assert!(covers(&live, &wanted));
    }

    #[test]
    fn what_was_changed_is_noticed() {
        let wanted = json!({ "a": 1, "list": [{ "name": "x", "v": 1 }], "args": ["a", "b"] });
        for live in [
            json!({ "a": 2, "list": [{ "name": "x", "v": 1 }], "args": ["a", "b"] }),
            json!({ "list": [{ "name": "x", "v": 1 }], "args": ["a", "b"] }),
            json!({ "a": 1, "list": [{ "name": "x", "v": 2 }], "args": ["a", "b"] }),
            json!({ "a": 1, "list": [], "args": ["a", "b"] }),
            json!({ "a": 1, "list": [{ "name": "x", "v": 1 }], "args": ["b", "a"] }),
            json!({ "a": 1, "list": [{ "name": "x", "v": 1 }], "args": ["a", "b", "c"] }),
        ] {
            assert!(!covers(&live, &wanted), "{live}");
        }
    }

    #[test]
    fn what_selects_is_ours_as_a_whole() {
        let wanted = json!({ "selector": { "a": "b" }, "podSelector": {} });
        assert!(covers(&wanted, &wanted));
        let narrower = json!({ "selector": { "a": "b", "c": "d" }, "podSelector": {} });
        assert!(!covers(&narrower, &wanted));
        let narrower = json!({ "selector": { "a": "b" }, "podSelector": { "matchLabels": {} } });
        assert!(!covers(&narrower, &wanted));
    }

    #[test]
    fn quantities_are_numbers() {
        assert!(covers(&json!({ "cpu": "1" }), &json!({ "cpu": "1000m" })));
        assert!(covers(&json!("1Gi"), &json!("1024Mi")));
        assert!(!covers(&json!("1Gi"), &json!("1G")));
    }
}
