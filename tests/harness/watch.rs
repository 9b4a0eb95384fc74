//! What the charts watch with: the queries of their dashboards and of their alerts.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::checkout::{self, Source};

/// The charts that bring dashboards and alerts.
pub const CHARTS: [&str; 2] = ["charts/chat-cluster", "charts/chat-operator"];

/// Functions that look back over `$__rate_interval` look back so far in tests.
const RATE_INTERVAL: &str = "1m";

/// A query that somebody may see the answer of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Where it stands.
    pub place: String,
    /// It, as `PromQL`.
    pub text: String,
}

/// One alert, as its file has it.
#[derive(Debug, Clone)]
pub struct Alert {
    /// Its chart.
    pub chart: String,
    /// Its file.
    pub file: String,
    /// Its name.
    pub name: String,
    /// The rule.
    pub rule: Value,
}

/// The dashboards of a chart.
pub fn dashboards(chart: &str) -> Result<Vec<(String, Value)>> {
    let read = |Source { path, text }: Source| {
        let json = serde_json::from_str(&text).with_context(|| format!("{path} is no JSON"))?;
        Ok((path, json))
    };
    let files = checkout::sources(&format!("{chart}/files/dashboards"), &[".json"])?;
    files.into_iter().map(read).collect()
}

/// The alerts of a chart.
pub fn alerts(chart: &str) -> Result<Vec<Alert>> {
    let read = |Source { path, text }: Source| {
        let mut rule: Value = serde_yaml_ng::from_str(&text).with_context(|| path.clone())?;
        if let Some(fields) = rule.as_object_mut() {
            fields.remove("formerly");
        }
        let name = rule["alert"].as_str().with_context(|| format!("{path} names no alert"))?;
        Ok(Alert { chart: chart.to_owned(), file: path, name: name.to_owned(), rule })
    };
    let files = checkout::sources(&format!("{chart}/files/alerts"), &[".yaml"])?;
    files.into_iter().map(read).collect()
}

/// The panels of a dashboard that show something.
#[must_use]
pub fn panels(dashboard: &Value) -> Vec<&Value> {
    let all = dashboard["panels"].as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter().filter(|panel| panel["type"] != "row").collect()
}

/// The queries of a panel.
#[must_use]
pub fn targets(panel: &Value) -> Vec<&str> {
    let all = panel["targets"].as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter().filter_map(|target| target["expr"].as_str()).collect()
}

/// All queries of a chart's dashboards and alerts, for the series that `selector` selects. Those
/// of alerts without their threshold, which is what they would be empty for in good times.
pub fn queries(chart: &str, selector: &str) -> Result<Vec<Query>> {
    let mut queries = Vec::new();
    for (file, dashboard) in dashboards(chart)? {
        for panel in panels(&dashboard) {
            for target in targets(panel) {
                let place = format!("{file}, {}", panel["title"]);
                queries.push(Query { place, text: for_test(target, selector) });
            }
        }
    }
    for alert in alerts(chart)? {
        let text = alert.rule["expr"].as_str().unwrap_or_default();
        let text = text.replace("$cluster", selector).replace("$operator", selector);
        queries.push(Query { place: alert.file, text: measured(&text) });
    }
    Ok(queries)
}

/// The rules of a chart's alerts, for these series, in a hurry: they look back over seconds.
pub fn hurried(chart: &str, selector: &str) -> Result<Vec<Value>> {
    let hurry = |alert: Alert| {
        let mut rule = alert.rule;
        let text = rule["expr"].as_str().unwrap_or_default();
        let text = text.replace("$cluster", selector).replace("$operator", selector);
        let text = text.replace("[5m]", "[15s]").replace("[10m]", "[15s]");
        rule["expr"] = text.into();
        rule["for"] = "1s".into();
        rule
    };
    Ok(alerts(chart)?.into_iter().map(hurry).collect())
}

/// What Grafana would send.
fn for_test(text: &str, selector: &str) -> String {
    let own = r#"namespace="$namespace",chatcluster_dev_cluster="$cluster""#;
    text.replace(own, selector)
        .replace("$__rate_interval", RATE_INTERVAL)
        .replace("$job", ".+")
        .replace("$instance", ".+")
}

/// What an alert compares: the threshold stands in its last line, or it asks for what is absent.
fn measured(text: &str) -> String {
    let text = text.trim();
    if let Some(series) = text.strip_prefix("absent(").and_then(|rest| rest.strip_suffix(')')) {
        return series.to_owned();
    }
    let (measured, last) = text.rsplit_once('\n').unwrap_or((text, ""));
    let is_threshold = last.starts_with(['<', '>', '=', '!']);
    if is_threshold { measured.to_owned() } else { text.to_owned() }
}

/// Names of the metrics that a query reads: what stands before `{`.
#[must_use]
pub fn metrics(query: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let before = query.split('{').rev().skip(1);
    let names = before.map(|text| text.rsplit(|c| !is_part(c)).next().unwrap_or_default());
    let names = names.filter(|name| !name.is_empty() && *name != "by");
    names.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_cut_off() {
        assert_eq!(measured("sum(a{x=\"y\"})\n> 0.5\n"), "sum(a{x=\"y\"})");
        assert_eq!(measured("absent(a{x=\"y\"})"), "a{x=\"y\"}");
    }

    #[test]
    fn metrics_stand_before_braces() {
        let found = metrics("sum by (le) (rate(a_bucket{x=\"1\"}[5m])) / clamp_min(b{}, 1)");
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["a_bucket", "b"]);
    }
}
