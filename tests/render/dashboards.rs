//! Goal: dashboards that work in everybody's Grafana: with any data source, any job, any instance
//! and any time range, and with words that say what one sees.
//! Method: the rules of Grafana's own linter of dashboards, on what helm makes; `promtool` parses
//! the queries. The linter itself is not published where Go modules are.

use std::{collections::BTreeSet, fs};

use anyhow::{Context as _, Result, ensure};
use harness::watch::{self, CHARTS};
use serde_json::{Value, json};
use testbed::program;

use crate::chart;

/// The units that are used; Grafana knows them.
const UNITS: [&str; 8] = ["short", "s", "bytes", "percentunit", "cps", "reqps", "wps", "ops"];

/// The dashboards as Grafana's side-car finds them.
fn dashboards() -> Result<Vec<(String, Value)>> {
    let mut found = Vec::new();
    for chart in CHARTS {
        let more = ["--set", "dashboard.enabled=true"];
        let more =
            if chart.ends_with("operator") { ["--set", "dashboards.enabled=true"] } else { more };
        for object in chart::render("helm", chart, &more)? {
            if object["metadata"]["labels"]["grafana_dashboard"] != "1" {
                continue;
            }
            for (file, text) in object["data"].as_object().context("no data")? {
                let text = text.as_str().context("no text")?;
                ensure!(!text.contains('@'), "{file}: a place that was not filled");
                found.push((file.clone(), serde_json::from_str(text)?));
            }
        }
    }
    Ok(found)
}

#[test]
fn there_are_three_and_each_has_a_name_of_its_own() -> Result<()> {
    let all = dashboards()?;
    let names: BTreeSet<_> = all.iter().filter_map(|(_, board)| board["uid"].as_str()).collect();
    ensure!(names.len() == 3 && all.len() == 3, "{names:?}");
    ensure!(names.iter().all(|name| name.len() <= 40), "Grafana cuts these: {names:?}");
    Ok(())
}

#[test]
fn they_ask_for_data_source_job_and_instance() -> Result<()> {
    for (file, board) in dashboards()? {
        ensure!(board["editable"] == false, "{file} can be edited, and the next upgrade undoes it");
        let variables = board["templating"]["list"].as_array().context("no variables")?;
        let variable = |name: &str| variables.iter().find(|one| one["name"] == name);
        let source = variable("datasource").context("no data source")?;
        ensure!(source["type"] == "datasource" && source["label"] == "Data source", "{file}");
        for (name, label) in [("job", "Job"), ("instance", "Instance")] {
            let one = variable(name).with_context(|| format!("{file} has no {name}"))?;
            ensure!(one["label"] == label && one["type"] == "query", "{file}: {one}");
            ensure!(one["multi"] == true && one["allValue"] == ".+", "{file}: {one}");
            ensure!(one["datasource"]["uid"] == "$datasource", "{file}: {one}");
            ensure!(one["refresh"] == 2, "{file}: {name} does not follow the time range");
        }
    }
    Ok(())
}

#[test]
fn every_panel_says_what_it_shows() -> Result<()> {
    for (file, board) in dashboards()? {
        let mut titles = BTreeSet::new();
        for panel in watch::panels(&board) {
            let title = panel["title"].as_str().unwrap_or_default();
            ensure!(
                !title.is_empty() && titles.insert((title, panel["type"].as_str())),
                "{file}: {title}"
            );
            ensure!(
                panel["description"].as_str().is_some_and(|text| !text.is_empty()),
                "{file}: {title}"
            );
            ensure!(panel["datasource"]["uid"] == "$datasource", "{file}: {title}");
            let unit = panel["fieldConfig"]["defaults"]["unit"].as_str().unwrap_or_default();
            ensure!(UNITS.contains(&unit), "{file}: {title} is in {unit:?}");
            ensure!(!watch::targets(panel).is_empty(), "{file}: {title} asks for nothing");
        }
    }
    Ok(())
}

#[test]
fn every_query_can_be_read_and_follows_the_choices() -> Result<()> {
    let mut rules = Vec::new();
    for (file, board) in dashboards()? {
        for query in watch::panels(&board).into_iter().flat_map(watch::targets) {
            for selector in query.split('{').skip(1) {
                let selector = selector.split('}').next().unwrap_or_default();
                let follows = ["job=~\"$job\"", "instance=~\"$instance\""];
                ensure!(follows.iter().all(|part| selector.contains(part)), "{file}: {query}");
            }
            ensure!(
                query.matches('[').count() == query.matches("[$__rate_interval]").count(),
                "{file}: a range that does not follow the time range: {query}"
            );
            for counter in query.match_indices("_total{") {
                let before = &query[..counter.0];
                let call = before.rsplit('(').nth(1).unwrap_or_default();
                ensure!(call.ends_with("rate"), "{file}: a counter as it is: {query}");
            }
            let text = query.replace("$__rate_interval", "5m");
            rules.push(json!({ "record": format!("q{}", rules.len()), "expr": text }));
        }
    }
    ensure!(rules.len() > 60, "queries were lost: there are {}", rules.len());
    let dir = chart::folder("dashboards")?;
    let groups = json!({ "groups": [{ "name": "panels", "rules": rules }] });
    fs::write(dir.join("rules.yaml"), groups.to_string())?;
    let mut promtool = std::process::Command::new(program::first_of(&["promtool"])?);
    program::output(promtool.current_dir(&dir).args(["check", "rules", "rules.yaml"]))?;
    Ok(())
}
