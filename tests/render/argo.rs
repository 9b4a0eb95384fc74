//! Goal: Argo CD shows a `ChatCluster` as what it is.
//! Method: a real Lua runs the health check on statuses as the operator writes them.

use std::{fmt::Write as _, fs, process::Command};

use anyhow::{Context as _, Result};
use harness::checkout;
use serde_json::{Value, json};
use testbed::program;

use crate::chart::folder;

const KEY: &str = "resource.customizations.health.chatcluster.dev_ChatCluster";

/// A value as Lua writes it.
fn lua(value: &Value) -> String {
    match value {
        Value::Null => "nil".to_owned(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(lua).collect();
            format!("{{{}}}", items.join(","))
        }
        Value::Object(fields) => {
            let mut text = String::from("{");
            for (key, value) in fields {
                let _ = write!(text, "[{key:?}]={},", lua(value));
            }
            text + "}"
        }
        other => other.to_string(),
    }
}

fn health(script: &str, object: &Value) -> Result<String> {
    let file = folder("argo")?.join("health.lua");
    let text = format!(
        "local obj = {}\nlocal function check()\n{script}\nend\nlocal health = check()\n\
         print(health.status .. ': ' .. health.message)\n",
        lua(object)
    );
    fs::write(&file, text)?;
    Ok(program::output(Command::new("lua5.4").arg(&file))?.trim().to_owned())
}

fn object(spec: &Value, seen: u64, conditions: &[(&str, &str)], message: &str) -> Value {
    let conditions: Vec<Value> =
        conditions.iter().map(|(kind, status)| json!({ "type": kind, "status": status })).collect();
    json!({
        "metadata": { "name": "team", "generation": 2 }, "spec": spec,
        "status": { "observedGeneration": seen, "conditions": conditions, "message": message },
    })
}

#[test]
fn argo_cd_shows_it_as_what_it_is() -> Result<()> {
    let file: Value = serde_yaml_ng::from_str(&checkout::read("manifests/argo-cd/health.yaml")?)?;
    let script = file["data"][KEY].as_str().context("no script")?;
    let plain = json!({});
    let asleep = json!({ "hibernated": true });
    let new = json!({ "metadata": { "generation": 1 }, "spec": {} });
    let well = [("Ready", "True"), ("Degraded", "False"), ("Paused", "False")];
    let ill = [("Ready", "False"), ("Degraded", "True")];
    let busy = [("Ready", "False"), ("Degraded", "False"), ("Progressing", "True")];
    let held = [("Ready", "False"), ("Paused", "True"), ("Degraded", "True")];
    let cases = [
        (new, "Progressing: the operator has not seen it yet"),
        (object(&plain, 1, &well, "3/3"), "Progressing: the operator has not seen it yet"),
        (object(&plain, 2, &busy, "waits"), "Progressing: waits"),
        (object(&plain, 2, &well, "3/3"), "Healthy: 3/3"),
        (object(&plain, 2, &ill, "no such image"), "Degraded: no such image"),
        (object(&plain, 2, &held, "paused"), "Suspended: paused"),
        (object(&asleep, 2, &busy, "sleeps"), "Suspended: sleeps"),
        (object(&asleep, 2, &ill, "no such Secret"), "Degraded: no such Secret"),
    ];
    for (object, expected) in cases {
        assert_eq!(health(script, &object)?, expected, "{object}");
    }
    Ok(())
}
