//! Goal: every set of values makes objects, the same with helm 3 and with helm 4.
//! Method: render each chart with each of its `ci/` values.

use std::{collections::BTreeSet, env, path::PathBuf, process::Command};

use anyhow::{Context as _, Result, ensure};
use bare_kube::Programs;
use harness::{checkout, watch::CHARTS};
use serde::Deserialize as _;
use serde_json::Value;
use testbed::{checkout::Checkout, program};

/// Where every chart is installed here.
pub(crate) const NAMESPACE: &str = "talk";
/// Name of the release.
pub(crate) const RELEASE: &str = "team";

/// The programs of this ring.
pub(crate) fn programs() -> Result<Programs> {
    let dirs =
        env::var("CHAT_TEST_PROGRAMS").context("start this ring with: cargo x test render")?;
    Ok(Programs::in_path(&dirs))
}

/// A folder of this run's own.
pub(crate) fn folder(name: &str) -> Result<PathBuf> {
    let runs = env::var("CHAT_TEST_DIR").context("start this ring with: cargo x test render")?;
    let dir = PathBuf::from(runs).join("render").join(name);
    std::fs::create_dir_all(&dir)?;
    Ok(dir)
}

/// The objects that helm makes of a chart; `more` are arguments such as `--values FILE`.
pub(crate) fn render(helm: &str, chart: &str, more: &[&str]) -> Result<Vec<Value>> {
    let mut command: Command = programs()?.command(helm)?;
    command.current_dir(Checkout::find()?.root);
    command.args(["template", RELEASE, chart, "--namespace", NAMESPACE]);
    command.args(["--kube-version", "1.36.0"]).args(more);
    let text = program::output(&mut command)?;
    let documents = serde_yaml_ng::Deserializer::from_str(&text);
    let objects = documents.map(Value::deserialize).collect::<Result<Vec<_>, _>>()?;
    Ok(objects.into_iter().filter(|object| !object.is_null()).collect())
}

/// Every chart with every set of its values.
pub(crate) fn all() -> Result<Vec<(String, Vec<Value>)>> {
    let mut rendered = Vec::new();
    for chart in CHARTS {
        for values in value_sets(chart)? {
            let objects = render("helm", chart, &["--values", &values])?;
            rendered.push((format!("{chart} with {values}"), objects));
        }
    }
    Ok(rendered)
}

fn value_sets(chart: &str) -> Result<Vec<String>> {
    let files = checkout::sources(&format!("{chart}/ci"), &["-values.yaml"])?;
    ensure!(files.len() > 1, "{chart} has too few sets of values in ci/");
    Ok(files.into_iter().map(|file| file.path).collect())
}

#[test]
fn both_generations_of_helm_make_the_same() -> Result<()> {
    for chart in CHARTS {
        for values in value_sets(chart)? {
            let more = ["--values", values.as_str()];
            let (now, next) = (render("helm", chart, &more)?, render("helm4", chart, &more)?);
            assert!(!now.is_empty(), "{chart} with {values} makes nothing");
            assert_eq!(now, next, "{chart} with {values}");
        }
    }
    Ok(())
}

#[test]
fn helm_finds_nothing_to_say_about_the_charts() -> Result<()> {
    for chart in CHARTS {
        for values in value_sets(chart)? {
            let mut helm = programs()?.command("helm")?;
            helm.current_dir(Checkout::find()?.root).args(["lint", "--strict", "--quiet", chart]);
            program::output(helm.args(["--kube-version", "1.36.0", "--values", &values]))?;
        }
    }
    Ok(())
}

#[test]
fn a_value_that_nobody_reads_is_refused() -> Result<()> {
    for chart in CHARTS {
        let refusal = render("helm", chart, &["--set", "alerts.enable=true"]).unwrap_err();
        ensure!(format!("{refusal:#}").contains("alerts"), "{chart}: {refusal:#}");
    }
    Ok(())
}

#[test]
fn labels_of_a_site_are_on_every_object_of_the_operator() -> Result<()> {
    let (chart, mut kinds) = ("charts/chat-operator", BTreeSet::new());
    for values in value_sets(chart)? {
        let more = ["--values", &values, "--set", r"commonLabels.example\.org/owner=chat"];
        for object in render("helm", chart, &more)? {
            let labels = &object["metadata"]["labels"];
            ensure!(labels["example.org/owner"] == "chat", "{values}: {} {labels}", object["kind"]);
            kinds.insert(object["kind"].to_string());
        }
    }
    for kind in ["CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding"] {
        ensure!(kinds.contains(&format!("{kind:?}")), "no {kind} among {kinds:?}");
    }
    Ok(())
}

#[test]
fn every_object_says_whose_it_is_and_where() -> Result<()> {
    for (place, objects) in all()? {
        for object in objects {
            let (kind, meta) = (&object["kind"], &object["metadata"]);
            let labels = &meta["labels"];
            ensure!(labels["app.kubernetes.io/instance"] == RELEASE, "{place}: {kind} {meta}");
            ensure!(labels["helm.sh/chart"].is_string(), "{place}: {kind} {meta}");
            let anywhere = ["ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition"];
            let is_anywhere = anywhere.iter().any(|one| kind == one);
            ensure!(is_anywhere || meta["namespace"].is_string(), "{place}: {kind} {meta}");
        }
    }
    Ok(())
}
