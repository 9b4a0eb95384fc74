//! Goal: dashboards and alerts ask for metrics that exist.
//! Method: the names before each `{`, and the names that servers and operators register.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use harness::watch::{self, CHARTS};
use operator::runtime::metrics::Metrics as OperatorMetrics;

/// Metrics of every process.
const PROCESS: [&str; 4] = [
    "process_cpu_seconds_total",
    "process_resident_memory_bytes",
    "process_open_fds",
    "process_max_fds",
];

#[test]
fn every_metric_that_is_asked_for_exists() -> Result<()> {
    let known = |name: &str| {
        let base = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
        [Some(name), base].into_iter().flatten().any(|name| {
            chat_server::metrics::Metrics::NAMES.contains(&name)
                || chat_server::metrics::FORMER.iter().any(|(former, _, _)| *former == name)
                || OperatorMetrics::NAMES.contains(&name)
                || OperatorMetrics::FORMER.iter().any(|(former, _)| *former == name)
                || PROCESS.contains(&name)
        })
    };
    let mut asked = BTreeSet::new();
    for chart in CHARTS {
        for query in watch::queries(chart, "x=\"y\"")? {
            let metrics = watch::metrics(&query.text);
            ensure!(!metrics.is_empty(), "{} asks for nothing: {}", query.place, query.text);
            for name in metrics {
                ensure!(known(&name), "{} asks for {name}, which nobody tells", query.place);
                asked.insert(name);
            }
        }
    }
    ensure!(asked.len() > 40, "the dashboards show too little: {asked:?}");
    Ok(())
}
