//! Specs that break a rule of the CRD, each beside one that comes near and does not.

mod edits;
mod exposure;
mod settings;
mod stores;
mod uploads;

use serde_json::{Value, json};

pub use edits::edits;

/// A spec that breaks a rule, and one that does not.
pub type Case = (Value, Value);

/// A pair for each rule, of specs that are created.
#[must_use]
pub fn cases() -> Vec<Case> {
    [
        stores::cases(),
        stores::redis_modes(),
        settings::cases(),
        exposure::pods_and_service(),
        exposure::outside(),
        uploads::cases(),
    ]
    .concat()
}

fn external_mysql(more: &Value) -> Value {
    merged(
        json!({ "mysql": { "external": { "host": "db.example", "secretRef": { "name": "db" } } } }),
        more,
    )
}

fn external_redis(more: &Value) -> Value {
    merged(json!({ "redis": { "external": { "host": "cache.example" } } }), more)
}

/// `base` with the fields of `more`.
#[must_use]
pub fn merged(mut base: Value, more: &Value) -> Value {
    match (&mut base, more) {
        (Value::Object(base), Value::Object(more)) => {
            for (key, value) in more {
                let old = base.remove(key).unwrap_or(Value::Null);
                base.insert(key.clone(), merged(old, value));
            }
        }
        (base, more) => *base = more.clone(),
    }
    base
}

fn field(section: &str, name: &str, bad: Value, good: Value) -> Case {
    let with = |value: Value| {
        let mut spec = json!({ section: {} });
        spec[section][name] = value;
        spec
    };
    (with(bad), with(good))
}
