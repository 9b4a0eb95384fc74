//! Goal: `kubectl explain` and the values of the charts say what each field means.
//! Method: the descriptions in the generated definition and in the charts' schemas: of more than
//! four words, with the range that a rule demands and the default.

use anyhow::{Context as _, Result, ensure};
use harness::checkout::read;
use serde_json::Value;

/// A shorter description only repeats the name.
const WORDS_MIN: usize = 5;

/// Calls `visit` with the path and schema of each property below a schema.
fn properties(path: &str, schema: &Value, visit: &mut dyn FnMut(&str, &Value)) {
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
