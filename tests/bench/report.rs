//! Figures: their medians, what they must reach, latencies.

use std::{collections::BTreeMap, time::Duration};

use anyhow::Result;
use hdrhistogram::Histogram;

/// What one run measured, by name.
pub(crate) type Figures = BTreeMap<&'static str, f64>;

/// The median of each figure.
pub(crate) fn medians(runs: &[Figures]) -> Figures {
    let keys = runs.first().map(BTreeMap::keys).into_iter().flatten();
    keys.map(|key| (*key, median(runs.iter().filter_map(|run| run.get(key).copied())))).collect()
}

/// The middle one; of an even number the mean of both.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let last = values.len() - 1;
    f64::midpoint(values[last / 2], values[last.div_ceil(2)])
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
    pub(crate) fn verdict(self, value: f64) -> String {
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
