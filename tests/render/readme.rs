//! Goal: the table of values in each chart's README is the chart's values.
//! Method: read both; every value has a row, every row a value, and the default is the one said.

use anyhow::{Context as _, Result, ensure};
use harness::{checkout::read, watch::CHARTS};
use serde_json::Value;

const HEAD: &str = "| value | default | meaning |";

/// A row: what is between backticks in each of its cells, and the cell with the default.
struct Row {
    paths: Vec<String>,
    default: String,
    also: Vec<String>,
}

fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn rows(readme: &str) -> Result<Vec<Row>> {
    let (_, table) = readme.split_once(HEAD).context("no table of values")?;
    let lines = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let row = |line: &str| {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [names, default, what] = cells[..] else { anyhow::bail!("not three cells: {line}") };
        Ok(Row { paths: quoted(names), default: default.to_owned(), also: quoted(what) })
    };
    lines.map(row).collect()
}

/// Paths of all values that have none below them.
fn leaves(path: &str, value: &Value, found: &mut Vec<String>) {
    match value.as_object().filter(|map| !map.is_empty()) {
        Some(map) => {
            for (key, value) in map {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                leaves(&path, value, found);
            }
        }
        None => found.push(path.to_owned()),
    }
}

/// Whether a row documents a value: itself, its parent, or its sibling.
fn is_listed(row: &Row, leaf: &str) -> bool {
    let within = |path: &String| leaf == path || leaf.starts_with(&format!("{path}."));
    let (folder, name) = leaf.rsplit_once('.').unwrap_or(("", leaf));
    let is_near = |path: &String| path.rsplit_once('.').is_some_and(|(of, _)| of == folder);
    row.paths.iter().any(within)
        || (row.paths.iter().any(is_near) && row.also.iter().any(|also| also == name))
}

#[test]
fn the_readme_of_a_chart_lists_its_values() -> Result<()> {
    for chart in CHARTS {
        let values: Value = serde_yaml_ng::from_str(&read(&format!("{chart}/values.yaml"))?)?;
        let rows = rows(&read(&format!("{chart}/README.md"))?)?;
        ensure!(rows.len() > 5, "{chart}: rows were lost");
        let mut all = Vec::new();
        leaves("", &values, &mut all);
        for leaf in &all {
            ensure!(rows.iter().any(|row| is_listed(row, leaf)), "{chart}: no row tells of {leaf}");
        }
        for row in &rows {
            for path in &row.paths {
                let there = values.pointer(&format!("/{}", path.replace('.', "/")));
                let there = there.with_context(|| format!("{chart} has no value {path}"))?;
                // Other defaults are sentences.
                let said = row.default.strip_prefix('`').and_then(|said| said.strip_suffix('`'));
                if let (Some(said), true) = (said, *path == row.paths[0]) {
                    let said: Value = serde_yaml_ng::from_str(said)?;
                    ensure!(said == *there, "{chart}: {path} is {there}, not {said}");
                }
            }
        }
    }
    Ok(())
}
