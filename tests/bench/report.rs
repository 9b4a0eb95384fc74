//! Figures: three runs, their medians, a table for people and a file for programs.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context as _, Result};
use hdrhistogram::Histogram;
use serde_json::json;

/// What one run measured, by name.
pub(crate) type Figures = BTreeMap<&'static str, f64>;

/// How often each benchmark runs.
const RUNS: usize = 3;

/// Runs a benchmark three times, prints its figures and keeps them. `bars` says what each must
/// reach.
pub(crate) fn measure(
    name: &str,
    bars: &[(&'static str, Bar)],
    run: impl FnMut() -> Result<Figures>,
) -> Result<()> {
    measure_runs(RUNS, name, bars, run)
}

/// [`measure`] for what is proven or not, and takes long.
pub(crate) fn once(
    name: &str,
    bars: &[(&'static str, Bar)],
    run: impl FnMut() -> Result<Figures>,
) -> Result<()> {
    measure_runs(1, name, bars, run)
}

fn measure_runs(
    times: usize,
    name: &str,
    bars: &[(&'static str, Bar)],
    mut run: impl FnMut() -> Result<Figures>,
) -> Result<()> {
    println!("\n{name}");
    let mut runs: Vec<Figures> = Vec::new();
    for number in 1..=times {
        // What a build or the run before left to write would be written in the middle of this one,
        // and every commit waits for the same disk.
        nix::unistd::sync();
        let figures = run().with_context(|| format!("run {number} of {name}"))?;
        let line: Vec<String> =
            figures.iter().map(|(key, value)| format!("{key} {value:.3}")).collect();
        println!("  run {number}: {}", line.join(", "));
        runs.push(figures);
    }
    let medians = medians(&runs);
    for (key, value) in &medians {
        let verdict = bars.iter().find(|(name, _)| name == key).map(|(_, bar)| bar.verdict(*value));
        println!("  {key:<28} {value:>14.3}   {}", verdict.unwrap_or_default());
    }
    let figures = json!({ "name": name, "medians": medians, "runs": runs });
    harness::figures::leave("CHAT_BENCH_RESULTS", name, &figures)
}

fn medians(runs: &[Figures]) -> Figures {
    let mut medians = Figures::new();
    for key in runs.first().map(BTreeMap::keys).into_iter().flatten() {
        let mut values: Vec<f64> = runs.iter().filter_map(|run| run.get(key).copied()).collect();
        values.sort_by(f64::total_cmp);
        medians.insert(key, values[values.len() / 2]);
    }
    medians
}

/// What a figure must reach.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bar {
    /// At least so much.
    AtLeast(f64),
    /// At most so much.
    AtMost(f64),
}

impl Bar {
    fn verdict(self, value: f64) -> String {
        let (met, words) = match self {
            Self::AtLeast(bar) => (value >= bar, format!(">= {bar}")),
            Self::AtMost(bar) => (value <= bar, format!("<= {bar}")),
        };
        format!("{} {words}", if met { "met   " } else { "MISSED" })
    }
}

/// Latencies in microseconds.
pub(crate) struct Latencies(Histogram<u64>);

impl Latencies {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self(Histogram::new_with_bounds(1, 60_000_000, 3)?))
    }

    pub(crate) fn add(&mut self, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        self.0.saturating_record(micros.max(1));
    }

    pub(crate) fn merge(&mut self, other: &Self) -> Result<()> {
        self.0.add(&other.0)?;
        Ok(())
    }

    pub(crate) fn count(&self) -> u64 {
        self.0.len()
    }

    /// A percentile in milliseconds.
    pub(crate) fn ms(&self, percentile: f64) -> f64 {
        self.0.value_at_quantile(percentile / 100.0) as f64 / 1_000.0
    }
}
