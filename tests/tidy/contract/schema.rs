//! What a change of a JSON schema breaks for those who wrote to it, or who read what it describes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Who writes values of a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Direction {
    /// Others write, we read: a request, a command, a `spec`.
    Request,
    /// We write, others read: an answer, an event, a `status`.
    Answer,
}

/// Two documents whose schemas are compared, and what was found.
pub(super) struct Comparison<'a> {
    pub(super) old: &'a Value,
    pub(super) new: &'a Value,
    /// What breaks, by place.
    pub(super) breaks: BTreeMap<String, BTreeSet<String>>,
    /// References under comparison, so that a schema that holds itself has an end.
    under_way: BTreeSet<(String, String, Direction)>,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(old: &'a Value, new: &'a Value) -> Self {
        Self { old, new, breaks: BTreeMap::new(), under_way: BTreeSet::new() }
    }

    pub(super) fn broken(&mut self, at: &str, what: impl Into<String>) {
        self.breaks.entry(at.to_owned()).or_default().insert(what.into());
    }

    /// Compares a schema of the old document with its successor.
    pub(super) fn schemas(&mut self, at: &str, old: &Value, new: &Value, direction: Direction) {
        let reference = |schema: &Value| schema["$ref"].as_str().unwrap_or_default().to_owned();
        let key = (reference(old), reference(new), direction);
        let is_reference = !key.0.is_empty() || !key.1.is_empty();
        if is_reference && !self.under_way.insert(key.clone()) {
            return;
        }
        let (old, new) = (whole(self.old, old), whole(self.new, new));
        match (variants(&old), variants(&new)) {
            (None, None) => self.plain(at, &old, &new, direction),
            (was, is) => {
                let was = was.unwrap_or_else(|| vec![old.clone()]);
                let is = is.unwrap_or_else(|| vec![new.clone()]);
                self.unions(at, &was, &is, direction);
            }
        }
        if is_reference {
            self.under_way.remove(&key);
        }
    }

    /// Each variant that was there is still there; an answer is not suddenly nothing.
    fn unions(&mut self, at: &str, was: &[Value], is: &[Value], direction: Direction) {
        let null = |all: &[Value]| all.iter().any(|schema| types(schema).contains("null"));
        if direction == Direction::Answer && null(is) && !null(was) {
            self.broken(at, "made optional");
        }
        for (number, old) in was.iter().enumerate() {
            let fits = is.iter().any(|new| {
                let mut attempt = Comparison::new(self.old, self.new);
                attempt.under_way.clone_from(&self.under_way);
                attempt.schemas(at, old, new, direction);
                attempt.breaks.is_empty()
            });
            // A reader does not mind an answer that never comes.
            let is_null = types(old).contains("null") && direction == Direction::Answer;
            if !fits && !is_null {
                self.broken(at, format!("variant {} removed or changed", label(old, number)));
            }
        }
    }

    fn plain(&mut self, at: &str, old: &Value, new: &Value, direction: Direction) {
        let (was, is) = (types(old), types(new));
        let fits = match direction {
            Direction::Request => is.is_empty() || (was.is_subset(&is) && !was.is_empty()),
            Direction::Answer => was.is_empty() || (is.is_subset(&was) && !is.is_empty()),
        };
        if !fits || old["format"] != new["format"] {
            let only_null = is.difference(&was).all(|name| name == "null") && was.is_subset(&is);
            let what = if only_null && old["format"] == new["format"] {
                "made optional"
            } else {
                "retyped"
            };
            self.broken(at, what);
            return;
        }
        self.words(at, old, new, direction);
        if direction == Direction::Request {
            self.limits(at, old, new);
        }
        if old["default"] != new["default"] && !old["default"].is_null() {
            self.broken(at, "default changed");
        }
        self.properties(at, old, new, direction);
        for (name, mark) in [("items", "[]"), ("additionalProperties", "{}")] {
            if old[name].is_object() && new[name].is_object() {
                self.schemas(&format!("{at}{mark}"), &old[name], &new[name], direction);
            }
        }
        let closed = |schema: &Value| schema["additionalProperties"] == false;
        if direction == Direction::Request && closed(new) && !closed(old) {
            self.broken(at, "refuses unknown fields");
        }
    }

    /// Words of a list may be added; in a request a list that is new narrows what was free.
    fn words(&mut self, at: &str, old: &Value, new: &Value, direction: Direction) {
        let words = |schema: &Value| {
            let one = schema.get("const").into_iter();
            let all = one.chain(schema["enum"].as_array().into_iter().flatten());
            all.map(ToString::to_string).collect::<BTreeSet<_>>()
        };
        let (was, is) = (words(old), words(new));
        if was.is_empty() && !is.is_empty() && direction == Direction::Request {
            self.broken(at, "narrowed to a list of words");
        }
        if !is.is_empty() {
            for word in was.difference(&is) {
                self.broken(at, format!("{word} removed"));
            }
        }
    }

    fn limits(&mut self, at: &str, old: &Value, new: &Value) {
        for (name, is_upper) in [
            ("maximum", true),
            ("maxLength", true),
            ("maxItems", true),
            ("maxProperties", true),
            ("minimum", false),
            ("minLength", false),
            ("minItems", false),
        ] {
            let narrower = match (old[name].as_f64(), new[name].as_f64()) {
                (Some(was), Some(is)) => {
                    if is_upper {
                        is < was
                    } else {
                        is > was
                    }
                }
                (None, Some(is)) => is_upper || is > 0.0,
                _ => false,
            };
            if narrower {
                self.broken(at, format!("{name} narrowed"));
            }
        }
        if new["pattern"].is_string() && new["pattern"] != old["pattern"] {
            self.broken(at, "pattern changed");
        }
        let rules = |schema: &Value| {
            let rules = schema["x-kubernetes-validations"].as_array().into_iter().flatten();
            rules.map(|rule| rule["rule"].to_string()).collect::<BTreeSet<_>>()
        };
        for rule in rules(new).difference(&rules(old)) {
            self.broken(at, format!("new rule {rule}"));
        }
    }

    fn properties(&mut self, at: &str, old: &Value, new: &Value, direction: Direction) {
        let (needed_before, needed_now) = (required(old), required(new));
        for (name, was) in old["properties"].as_object().into_iter().flatten() {
            let at = format!("{at}.{name}");
            match new["properties"].get(name) {
                None => self.broken(&at, "removed"),
                Some(is) => self.schemas(&at, was, is, direction),
            }
        }
        match direction {
            Direction::Request => {
                for name in needed_now.difference(&needed_before) {
                    self.broken(&format!("{at}.{name}"), "made required");
                }
            }
            Direction::Answer => {
                for name in needed_before.difference(&needed_now) {
                    if new["properties"].get(name).is_some() {
                        self.broken(&format!("{at}.{name}"), "made optional");
                    }
                }
            }
        }
    }
}

/// A schema without references at its top, and with all parts of an `allOf` in one.
fn whole(document: &Value, schema: &Value) -> Value {
    if let Some(pointer) = schema["$ref"].as_str().and_then(|r| r.strip_prefix('#')) {
        return whole(document, document.pointer(pointer).unwrap_or(&Value::Null));
    }
    let Some(parts) = schema["allOf"].as_array() else { return schema.clone() };
    let mut all = schema.clone();
    for part in parts {
        let part = whole(document, part);
        for name in ["properties", "required"] {
            match (&mut all[name], &part[name]) {
                (Value::Object(all), Value::Object(part)) => all.extend(part.clone()),
                (Value::Array(all), Value::Array(part)) => all.extend(part.clone()),
                (all @ Value::Null, part) => *all = part.clone(),
                _ => {}
            }
        }
        if all["type"].is_null() {
            all["type"] = part["type"].clone();
        }
    }
    all
}

fn variants(schema: &Value) -> Option<Vec<Value>> {
    ["oneOf", "anyOf"].iter().find_map(|name| schema[name].as_array().cloned())
}

/// Names of the JSON types that a value may have; empty where any.
fn types(schema: &Value) -> BTreeSet<String> {
    let mut types: BTreeSet<String> = match &schema["type"] {
        Value::String(one) => [one.clone()].into(),
        Value::Array(all) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => BTreeSet::new(),
    };
    if schema["nullable"] == true {
        types.insert("null".to_owned());
    }
    types
}

fn required(schema: &Value) -> BTreeSet<String> {
    let names = schema["required"].as_array().into_iter().flatten();
    names.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Readable name of a variant: the name of its type, or its distinguishing fields.
fn label(schema: &Value, number: usize) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|r| r.rsplit('/').next()) {
        return name.to_owned();
    }
    let tag = schema["properties"]
        .as_object()
        .into_iter()
        .flatten()
        .find_map(|(_, property)| property["enum"][0].as_str().or(property["const"].as_str()));
    tag.map_or_else(|| number.to_string(), str::to_owned)
}
