//! The definitions of a version of Kubernetes, as kubeconform reads them: a file for each kind,
//! that knows nothing of fields which the kind does not have.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};

/// Prefix of a reference inside of the document.
const REFERENCE: &str = "#/definitions/";

/// Writes the kinds of an `OpenAPI` document into a folder.
pub fn write(document: &Path, into: &Path) -> Result<()> {
    let text = fs::read_to_string(document)?;
    let document: Value = serde_json::from_str(&text)?;
    let all = document["definitions"].as_object().context("no definitions")?;
    for (name, definition) in all {
        let kinds = definition["x-kubernetes-group-version-kind"].as_array();
        for kind in kinds.map(Vec::as_slice).unwrap_or_default() {
            let mut needed = BTreeSet::new();
            collect(all, name, &mut needed);
            let definitions: Map<String, Value> = needed
                .iter()
                .filter_map(|name| Some((name.clone(), strict(all.get(name)?))))
                .collect();
            let schema =
                json!({ "$ref": format!("{REFERENCE}{name}"), "definitions": definitions });
            fs::write(into.join(file_name(kind)), schema.to_string())?;
        }
    }
    Ok(())
}

/// Writes the kinds that a definition of our own adds.
pub fn write_own(definition: &Value, into: &Path) -> Result<()> {
    let spec = &definition["spec"];
    for version in spec["versions"].as_array().context("no versions")? {
        let kind = json!({
            "group": spec["group"], "version": version["name"], "kind": spec["names"]["kind"],
        });
        let mut schema = strict(&version["schema"]["openAPIV3Schema"]);
        for (field, of) in [("apiVersion", "string"), ("kind", "string"), ("metadata", "object")] {
            schema["properties"][field] = json!({ "type": of });
        }
        fs::write(into.join(file_name(&kind)), schema.to_string())?;
    }
    Ok(())
}

fn file_name(kind: &Value) -> String {
    let part = |name: &str| kind[name].as_str().unwrap_or_default().to_lowercase();
    // kubeconform takes what stands before the slash, and for the first group that is the version.
    let group = Some(part("group")).filter(|group| !group.is_empty());
    let group = group.unwrap_or_else(|| part("version"));
    format!("{group}_{}_{}.json", part("version"), part("kind"))
}

fn collect(all: &Map<String, Value>, name: &str, needed: &mut BTreeSet<String>) {
    if !needed.insert(name.to_owned()) {
        return;
    }
    let text = all.get(name).map(Value::to_string).unwrap_or_default();
    for reference in text.split(REFERENCE).skip(1) {
        let name = reference.split('"').next().unwrap_or_default();
        collect(all, name, needed);
    }
}

/// The same, with no room for unknown fields, and with what JSON Schema cannot say in the way of
/// Kubernetes.
fn strict(schema: &Value) -> Value {
    match schema {
        Value::Object(map) => {
            let is_either = map.get("format").is_some_and(|format| format == "int-or-string")
                || map.contains_key("x-kubernetes-int-or-string");
            if is_either {
                return json!({ "type": ["string", "integer"] });
            }
            let mut map: Map<_, _> =
                map.iter().map(|(key, value)| (key.clone(), strict(value))).collect();
            let is_open = map.contains_key("additionalProperties")
                || map.contains_key("x-kubernetes-preserve-unknown-fields");
            if map.get("properties").is_some_and(|p| p.get("type").is_none_or(Value::is_object))
                && !is_open
            {
                map.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
            Value::Object(map)
        }
        Value::Array(list) => list.iter().map(strict).collect(),
        other => other.clone(),
    }
}
