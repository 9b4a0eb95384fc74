//! Goal: `kubectl explain`, the values of the charts and the documents of API and socket say what
//! each field means.
//! Method: the descriptions in the generated files: of more than four words, in the definition also
//! with the range that a rule demands and the default.

use anyhow::{Context as _, Result, ensure};
use harness::checkout::read;
use serde_json::Value;

/// A shorter description only repeats the name.
const WORDS_MIN: usize = 5;

/// Calls `visit` with the path and schema of each property below a schema.
fn properties(path: &str, schema: &Value, visit: &mut dyn FnMut(&str, &Value)) {
    for parts in ["oneOf", "allOf"] {
        for part in schema[parts].as_array().into_iter().flatten() {
            properties(path, part, visit);
        }
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{path}.{name}");
        visit(&path, property);
        properties(&path, property, visit);
    }
    for (place, inner) in [("[]", "items"), ("{}", "additionalProperties")] {
        if schema[inner].is_object() {
            properties(&format!("{path}{place}"), &schema[inner], visit);
        }
    }
}

fn description(schema: &Value) -> &str {
    schema["description"].as_str().unwrap_or_default()
}

fn is_short(schema: &Value) -> bool {
    description(schema).split_whitespace().count() < WORDS_MIN
}

fn definition() -> Result<Value> {
    let text = read("manifests/crds/chatclusters.yaml")?;
    let definition: Value = serde_yaml_ng::from_str(&text)?;
    let schema = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"].clone();
    ensure!(schema.is_object(), "the definition has no schema");
    Ok(schema)
}

#[test]
fn every_field_of_a_chat_cluster_is_described() -> Result<()> {
    let (mut count, mut short) = (0, Vec::new());
    properties("", &definition()?, &mut |path, property| {
        count += 1;
        if is_short(property) {
            short.push(format!("{path}: {:?}", description(property)));
        }
    });
    ensure!(count > 300, "only {count} fields were found");
    assert!(short.is_empty(), "say what these mean:\n{}", short.join("\n"));
    Ok(())
}

/// A field that refers to a type may have its description beside the reference.
fn is_described(property: &Value) -> bool {
    // The tag of a variant, which is described as a whole.
    let is_tag = property["enum"].as_array().is_some_and(|names| names.len() == 1);
    let parts = property["oneOf"].as_array().into_iter().flatten();
    is_tag || !is_short(property) || parts.into_iter().any(|part| !is_short(part))
}

#[test]
fn every_field_and_parameter_of_api_and_socket_is_described() -> Result<()> {
    let (mut count, mut short) = (0, Vec::new());
    for file in ["chat-server/openapi.json", "chat-server/asyncapi.json"] {
        let document: Value = serde_json::from_str(&read(file)?).context(file)?;
        for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
            properties(name, schema, &mut |path, property| {
                count += 1;
                if !is_described(property) {
                    short.push(format!("{file} {path}: {:?}", description(property)));
                }
            });
        }
        for (path, operations) in document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in operations.as_object().into_iter().flatten() {
                for parameter in operation["parameters"].as_array().into_iter().flatten() {
                    count += 1;
                    if is_short(parameter) {
                        short.push(format!("{method} {path}: parameter {}", parameter["name"]));
                    }
                }
            }
        }
    }
    ensure!(count > 300, "only {count} fields and parameters were found");
    assert!(short.is_empty(), "say what these mean:\n{}", short.join("\n"));
    Ok(())
}

/// The numbers of a rule such as `self >= 1 && self <= 200`.
fn range(property: &Value) -> Option<[&str; 2]> {
    let rules = property["x-kubernetes-validations"].as_array()?;
    rules.iter().find_map(|rule| {
        let (least, most) = rule["rule"].as_str()?.split_once(" && ")?;
        Some([least.strip_prefix("self >= ")?, most.strip_prefix("self <= ")?])
    })
}

#[test]
fn a_description_names_the_range_and_the_default() -> Result<()> {
    let (mut ranges, mut missing) = (0, Vec::new());
    properties("", &definition()?, &mut |path, property| {
        let text = description(property);
        if !path.starts_with(".spec") {
            return;
        }
        for bound in range(property).into_iter().flatten() {
            ranges += 1;
            if !text.contains(bound) {
                missing.push(format!("{path}: {bound} of its range"));
            }
        }
        let default = match &property["default"] {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(yes) => yes.to_string(),
            _ => return,
        };
        if !text.contains(&default) && !default.is_empty() {
            missing.push(format!("{path}: its default {default}"));
        }
    });
    ensure!(ranges > 30, "only {ranges} bounds were found");
    assert!(missing.is_empty(), "these descriptions lack:\n{}", missing.join("\n"));
    Ok(())
}

#[test]
fn every_value_of_a_chart_is_described() -> Result<()> {
    let mut short = Vec::new();
    for chart in ["chat-operator", "chat-cluster"] {
        let schema = read(&format!("charts/{chart}/values.schema.json"))?;
        let schema: Value = serde_json::from_str(&schema).context("no JSON")?;
        properties("", &schema, &mut |path, property| {
            // `false` refuses a field.
            if property.is_object() && is_short(property) {
                short.push(format!("{chart}{path}"));
            }
        });
    }
    assert!(short.is_empty(), "say what these values mean:\n{}", short.join("\n"));
    Ok(())
}
