//! Goal: every object that charts and manifests hold is one that Kubernetes takes, in each of the
//! versions that we promise.
//! Method: kubeconform, strict, with the definitions of these versions, of `ChatCluster`, and of
//! the kinds of the Prometheus operator.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use harness::{checkout, definitions};
use serde_json::{Value, json};
use testbed::{checkout::Checkout, program};

use crate::chart;

/// Its own schema has no end, and the API server checks it in the other rings.
const UNCHECKED: &str = "CustomResourceDefinition";

#[test]
fn what_charts_make_is_what_kubernetes_takes() -> Result<()> {
    let dir = chart::folder("conform")?;
    for (number, (_, objects)) in chart::all()?.into_iter().enumerate() {
        save(&dir, &format!("chart-{number}"), &objects)?;
    }
    let folder = |place: &str, ending: &str| checkout::sources(place, &[ending]);
    let mut files = folder("manifests/samples", ".yaml")?;
    files.extend(folder("manifests/dev/monitoring", ".yaml")?);
    files.extend(folder("manifests", "operator.yaml")?);
    for file in files {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        fs::write(dir.join(name), &file.text)?;
    }
    for version in versions()? {
        let said = kubeconform(&version, &dir)?;
        let summary: Value = serde_json::from_str(&said)?;
        let summary = &summary["summary"];
        ensure!(summary["invalid"] == 0 && summary["errors"] == 0, "{said}");
        ensure!(summary["valid"].as_u64() > Some(20), "hardly anything was checked: {said}");
    }
    Ok(())
}

#[test]
fn what_kubernetes_does_not_take_is_found() -> Result<()> {
    let dir = chart::folder("conform-wrong")?;
    let service = |spec: Value| json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "a" }, "spec": spec });
    let cluster = json!({
        "apiVersion": "chatcluster.dev/v1alpha1", "kind": "ChatCluster",
        "metadata": { "name": "a" }, "spec": { "image": "chat:1", "replicaz": 3 },
    });
    let rule = json!({
        "apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule",
        "metadata": { "name": "a" }, "spec": { "rules": [] },
    });
    let wrong = [
        rule,
        service(json!({ "portz": [] })),
        service(json!({ "ports": [{ "port": "eighty" }] })),
        cluster,
    ];
    save(&dir, "wrong", &wrong)?;
    for version in versions()? {
        let refusal = kubeconform(&version, &dir).unwrap_err();
        ensure!(format!("{refusal:#}").contains("\"invalid\": 4"), "{refusal:#}");
    }
    Ok(())
}

/// Folders with the definitions of each version.
fn versions() -> Result<Vec<PathBuf>> {
    let setting = env::var("CHAT_TEST_DEFINITIONS").context("start with: cargo x test render")?;
    let (documents, kinds): (Vec<PathBuf>, Vec<PathBuf>) = env::split_paths(&setting)
        .partition(|file| file.extension().is_some_and(|end| end == "json"));
    ensure!(documents.len() > 2, "too few versions: {documents:?}");
    let own = Checkout::find()?.path("charts/chat-operator/files/crds/chatclusters.yaml");
    let folder = |document: &PathBuf| {
        let name = document.file_stem().context("no name")?.to_string_lossy().into_owned();
        // Each test writes its own: they run side by side.
        let id = std::thread::current().name().unwrap_or_default().replace("::", "-");
        let dir = chart::folder(&format!("definitions-{id}-{name}"))?;
        definitions::write(document, &dir)?;
        for kind in kinds.iter().chain([&own]) {
            definitions::write_own(&serde_yaml_ng::from_str(&fs::read_to_string(kind)?)?, &dir)?;
        }
        Ok(dir)
    };
    documents.iter().map(folder).collect()
}

fn save(dir: &Path, name: &str, objects: &[Value]) -> Result<()> {
    for (number, object) in objects.iter().enumerate() {
        fs::write(dir.join(format!("{name}-{number}.json")), object.to_string())?;
    }
    Ok(())
}

fn kubeconform(definitions: &Path, objects: &Path) -> Result<String> {
    let names = "{{ .Group }}_{{ .ResourceAPIVersion }}_{{ .ResourceKind }}.json";
    let mut command = chart::programs()?.command("kubeconform")?;
    command.args([
        "-strict",
        "-summary",
        "-output",
        "json",
        "-skip",
        UNCHECKED,
        "-schema-location",
    ]);
    command.arg(format!("{}/{names}", definitions.display())).arg(objects);
    program::output(&mut command)
}
