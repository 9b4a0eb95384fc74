//! Goal: few alerts, on symptoms; each fires when it should, is quiet when it should be, and leads
//! to a page that helps.
//! Method: `promtool` on the rules that helm makes, with a test for each alert.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use harness::{
    checkout,
    watch::{self, CHARTS},
};
use serde_json::{Value, json};
use testbed::{checkout::Checkout, program};

use crate::chart;

/// More alerts than these would be ignored.
const ALERTS_MAX: usize = 15;

/// The parts of a runbook.
const PARTS: [&str; 4] = ["## Meaning", "## Impact", "## Diagnosis", "## Mitigation"];

#[test]
fn the_rules_are_sound_and_each_passes_its_test() -> Result<()> {
    let dir = chart::folder("alerts")?;
    fs::write(dir.join("rules.yaml"), all_rules()?)?;
    let promtool = program::first_of(&["promtool"])?;
    let run = |words: &[&str]| {
        let mut command = std::process::Command::new(&promtool);
        program::output(command.current_dir(&dir).args(words))
    };
    run(&["check", "rules", "rules.yaml"])?;
    for name in names()? {
        let test = checkout::read(&format!("tests/render/alerts/{name}.yaml"))?;
        ensure!(
            test.matches(&format!("alertname=\"{name}\"")).count() > 2,
            "{name}: no test of it"
        );
        fs::write(dir.join(format!("{name}.yaml")), test)?;
        run(&["test", "rules", &format!("{name}.yaml")]).with_context(|| name.clone())?;
    }
    Ok(())
}

/// While an update goes from one version to the next, some servers have the former names alone.
#[test]
fn alerts_know_the_former_names_of_metrics() -> Result<()> {
    let dir = chart::folder("alerts-former")?;
    let promtool = program::first_of(&["promtool"])?;
    fs::write(dir.join("rules.yaml"), all_rules()?)?;
    let server = chat_server::metrics::FORMER.iter().map(|(former, name, _)| (*former, *name));
    let former: Vec<(&str, &str)> =
        server.chain(operator::runtime::metrics::Metrics::FORMER).collect();
    let mut renamed = 0;
    for alert in names()? {
        let test = checkout::read(&format!("tests/render/alerts/{alert}.yaml"))?;
        let of_before =
            former.iter().fold(test.clone(), |text, (former, name)| text.replace(name, former));
        if of_before == test {
            continue;
        }
        renamed += 1;
        fs::write(dir.join("test.yaml"), of_before)?;
        let mut command = std::process::Command::new(&promtool);
        program::output(command.current_dir(&dir).args(["test", "rules", "test.yaml"]))
            .with_context(|| alert.clone())?;
    }
    ensure!(renamed > 4, "no alert asks for a metric that was renamed");
    Ok(())
}

#[test]
fn a_test_notices_an_alert_that_has_gone() -> Result<()> {
    let dir = chart::folder("alerts-gone")?;
    fs::write(dir.join("rules.yaml"), "groups: []")?;
    let promtool = program::first_of(&["promtool"])?;
    for name in names()? {
        let test = Checkout::find()?.path(&format!("tests/render/alerts/{name}.yaml"));
        fs::copy(test, dir.join("test.yaml"))?;
        let mut command = std::process::Command::new(&promtool);
        let passed =
            program::output(command.current_dir(&dir).args(["test", "rules", "test.yaml"]));
        ensure!(passed.is_err(), "the test of {name} passes without it");
    }
    Ok(())
}

#[test]
fn every_alert_leads_to_its_runbook() -> Result<()> {
    let names = names()?;
    ensure!(names.len() <= ALERTS_MAX, "{} alerts are too many", names.len());
    for chart in CHARTS {
        for alert in watch::alerts(chart)? {
            let name = &alert.name;
            ensure!(alert.file.ends_with(&format!("/{name}.yaml")), "{} holds {name}", alert.file);
            let page = format!("{chart}/docs/runbooks/{name}.md");
            let text = checkout::read(&page)?;
            let places: Vec<_> = PARTS.iter().map(|part| text.find(part)).collect();
            ensure!(places.iter().all(Option::is_some) && places.is_sorted(), "{page}: its parts");
            let readme = checkout::read(&format!("{chart}/README.md"))?;
            ensure!(readme.contains(&format!("docs/runbooks/{name}.md")), "{chart}: {name}");
        }
        for rule in rules(chart)?.iter().flat_map(|group| list(&group["rules"])) {
            let name = rule["alert"].as_str().unwrap_or_default();
            let (labels, annotations) = (&rule["labels"], &rule["annotations"]);
            ensure!(
                annotations["runbook_url"] == format!("{chart}/docs/runbooks/{name}.md"),
                "{rule}"
            );
            ensure!(
                annotations["summary"].is_string() && annotations["description"].is_string(),
                "{rule}"
            );
            ensure!(labels["severity"] == "critical" || labels["severity"] == "warning", "{rule}");
            ensure!(labels["namespace"] == chart::NAMESPACE, "{rule}");
            ensure!(!rule["expr"].to_string().contains('$'), "{rule}");
        }
    }
    Ok(())
}

#[test]
fn every_alert_is_made_to_fire_and_to_clear() -> Result<()> {
    let mut tests = String::new();
    for file in ["tests/realtime/alarm.rs", "tests/reconcile/observe.rs"] {
        tests += &checkout::read(file)?;
    }
    for name in names()? {
        ensure!(tests.contains(&format!("\"{name}\"")), "no test makes the cause of {name}");
    }
    Ok(())
}

fn names() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for chart in CHARTS {
        names.extend(watch::alerts(chart)?.into_iter().map(|alert| alert.name));
    }
    Ok(names)
}

/// The rules of both charts, as a file that Prometheus reads.
fn all_rules() -> Result<String> {
    let mut groups = Vec::new();
    for chart in CHARTS {
        groups.extend(rules(chart)?);
    }
    // JSON is YAML.
    Ok(json!({ "groups": groups }).to_string())
}

/// The groups of rules that a chart makes.
fn rules(chart: &str) -> Result<Vec<Value>> {
    let objects = chart::render("helm", chart, &["--set", "alerts.enabled=true"])?;
    let made = objects.iter().find(|object| object["kind"] == "PrometheusRule");
    Ok(list(&made.context("no PrometheusRule")?["spec"]["groups"]))
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}
