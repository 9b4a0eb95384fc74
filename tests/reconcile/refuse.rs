//! Goal: what cannot work is refused, in words that say what to do; what can work is not.
//! Method: each rule of the definition, broken once and kept once, on a real API, without
//! writing anything. A rule that no case breaks fails the test.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, bail};
use harness::{
    kube::{
        Site,
        specs::{cases, edits, merged},
    },
    mistake::{self, Mistake},
};
use kube::{
    Api,
    api::{Patch, PatchParams, PostParams},
};
use operator::crd::{self, ChatCluster};
use serde_json::{Value, json};

async fn create(api: &Api<ChatCluster>, name: &str, spec: &Value) -> Result<Option<String>> {
    let object = json!({
        "apiVersion": "chatcluster.dev/v1alpha1", "kind": "ChatCluster",
        "metadata": { "name": name },
        "spec": merged(json!({ "image": "chat:1" }), spec),
    });
    // As a user writes it, not as our types would.
    let client = api.clone().into_client();
    let path = format!("{}?dryRun=All&fieldValidation=Strict", api.resource_url());
    said(client.request::<Value>(request("POST", &path, &object)?).await)
}

fn request(method: &str, path: &str, body: &Value) -> Result<http::Request<Vec<u8>>> {
    Ok(http::Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", "application/json")
        .body(serde_json::to_vec(body)?)?)
}

fn said<T>(answer: Result<T, kube::Error>) -> Result<Option<String>> {
    match answer {
        Ok(_) => Ok(None),
        Err(kube::Error::Api(status)) if status.code == 422 => Ok(Some(status.message)),
        Err(error) => Err(error.into()),
    }
}

/// All messages of the definition.
fn messages() -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    let definition = serde_json::to_value(crd::definition())?;
    let mut rest = vec![&definition];
    while let Some(value) = rest.pop() {
        match value {
            Value::Object(map) => {
                for rule in map
                    .get("x-kubernetes-validations")
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                {
                    found.insert(
                        rule["message"].as_str().context("a rule without a message")?.to_owned(),
                    );
                }
                rest.extend(map.values());
            }
            Value::Array(list) => rest.extend(list),
            _ => {}
        }
    }
    // Kinds that are embedded bring none of their own.
    Ok(found)
}

/// Names of a `ChatCluster`, and whether they are refused.
const NAMES: [(&str, bool); 4] = [
    ("a2345678901234567890123456789012345678901", true),
    ("1team", true),
    ("te.am", true),
    ("team-1", false),
];

#[tokio::test]
async fn each_rule_refuses_what_breaks_it_and_nothing_else() -> Result<()> {
    let site = Site::bare("refuse").await?;
    let api = site.api::<ChatCluster>();
    let mut missing = messages()?;
    if missing.len() < 30 {
        bail!("only {} rules", missing.len());
    }
    let mut listed: Vec<Mistake> = mistake::all()?;
    listed.retain(|one| one.condition.is_none());
    let mut broken = |refusal: &str| {
        missing.retain(|message| !refusal.contains(message.as_str()));
        listed.retain(|one| !one.is_reported_by(refusal));
    };
    for (bad, good) in cases() {
        match create(&api, "team", &bad).await? {
            Some(refusal) => broken(&refusal),
            None => bail!("not refused: {bad}"),
        }
        if let Some(refusal) = create(&api, "team", &good).await? {
            bail!("{good} was refused: {refusal}");
        }
    }
    for (name, refused) in NAMES {
        let answer = create(&api, name, &json!({})).await?;
        if answer.is_some() != refused {
            bail!("{name}: {answer:?}");
        }
        broken(&answer.unwrap_or_default());
    }
    for (number, (before, bad, good)) in edits().into_iter().enumerate() {
        let name = format!("edit-{number}");
        let object: ChatCluster = serde_json::from_value(json!({
            "apiVersion": "chatcluster.dev/v1alpha1", "kind": "ChatCluster",
            "metadata": { "name": name }, "spec": merged(json!({ "image": "chat:1" }), &before),
        }))?;
        api.create(&PostParams::default(), &object).await?;
        let params = PatchParams { dry_run: true, ..PatchParams::default() };
        let edit = async |spec: &Value| {
            said(api.patch(&name, &params, &Patch::Merge(json!({ "spec": spec }))).await)
        };
        match edit(&bad).await? {
            Some(refusal) => broken(&refusal),
            None => bail!("not refused: {bad}"),
        }
        if let Some(refusal) = edit(&good).await? {
            bail!("{good} was refused: {refusal}");
        }
    }
    if !missing.is_empty() {
        bail!("no case breaks these rules: {missing:#?}");
    }
    if !listed.is_empty() {
        bail!("nobody was told what {} says of these: {listed:#?}", mistake::README);
    }
    Ok(())
}
