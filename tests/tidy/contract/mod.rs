//! Goal: who wrote a client, a script or a manifest for an earlier version is not broken by this one.
//! Method: compare what each version promised, kept in `tests/fixtures/contract/VERSION/`, with what
//! the code promises now. Additions pass; deliberate exceptions stand in `exceptions.yaml`.

mod document;
mod schema;
mod tests;

use anyhow::{Context as _, Result, ensure};
use harness::checkout::read;
use serde::Deserialize;
use serde_json::Value;

use self::schema::Comparison;

const DIR: &str = "tests/fixtures/contract";
const VERSIONS: [&str; 1] = ["0.1.0"];

/// A break that was decided on.
#[derive(Debug, Deserialize)]
struct Exception {
    version: String,
    at: String,
    what: String,
    reason: String,
}

#[test]
fn what_the_api_promised_still_holds() -> Result<()> {
    holds("openapi.json", "chat-server/openapi.json", document::openapi)
}

#[test]
fn what_commands_and_events_promised_still_holds() -> Result<()> {
    holds("asyncapi.json", "chat-server/asyncapi.json", document::asyncapi)
}

#[test]
fn what_the_definition_of_chat_cluster_promised_still_holds() -> Result<()> {
    holds("chatclusters.yaml", "manifests/crds/chatclusters.yaml", document::definition)
}

fn holds(
    kept: &str,
    now: &str,
    compare: for<'a> fn(&'a Value, &'a Value) -> Comparison<'a>,
) -> Result<()> {
    // JSON is YAML.
    let parse = |path: &str| -> Result<Value> {
        serde_yaml_ng::from_str(&read(path)?).with_context(|| path.to_owned())
    };
    let now = parse(now)?;
    let exceptions: Vec<Exception> =
        serde_yaml_ng::from_str(&read(&format!("{DIR}/exceptions.yaml"))?)?;
    ensure!(exceptions.iter().all(|exception| exception.reason.len() > 20), "give each a reason");
    let mut broken = Vec::new();
    for version in VERSIONS {
        let old = parse(&format!("{DIR}/{version}/{kept}"))?;
        for (at, what) in document::broken(&compare(&old, &now)) {
            let excused = exceptions.iter().any(|exception| {
                exception.version == version && exception.at == at && exception.what == what
            });
            if !excused {
                broken.push(format!("{version}: {at}: {what}"));
            }
        }
    }
    ensure!(broken.is_empty(), "promises of {kept} are broken:\n{}", broken.join("\n"));
    Ok(())
}
