//! Pairs of measurements of one benchmark, and what they say of its figures.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::{
    figure::Figure,
    statistic::{Interval, Verdict},
};
use crate::{
    benchmark::{Benchmark, Setup},
    report::{Figures, median},
};

/// Pairs that every benchmark runs.
pub(crate) const PAIRS: usize = 7;

/// The two servers.
#[derive(Debug)]
pub(crate) struct Servers {
    base: Setup,
    head: Setup,
}

impl Servers {
    /// Their programs.
    pub(crate) fn new(base: &Path, head: &Path) -> Self {
        Self { base: Setup::paired(base), head: Setup::paired(head) }
    }
}

/// What was measured with one benchmark: base and head.
#[derive(Debug)]
pub(crate) struct Pairs {
    benchmark: &'static Benchmark,
    figures: Vec<&'static Figure>,
    measured: Vec<(Figures, Figures)>,
    took: Duration,
}

impl Pairs {
    /// For each benchmark of these figures; nothing is measured yet.
    pub(crate) fn of(figures: &[&'static Figure]) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for figure in figures {
            match all.iter_mut().find(|pairs| pairs.benchmark.name == figure.benchmark.name) {
                Some(pairs) => pairs.figures.push(figure),
                None => all.push(Self {
                    benchmark: figure.benchmark,
                    figures: vec![figure],
                    measured: Vec::new(),
                    took: Duration::ZERO,
                }),
            }
        }
        all
    }

    /// Is a figure not decided yet.
    pub(crate) fn needs_more(&self) -> bool {
        let decided = |figure: &&Figure| {
            let seen = Interval::of(&self.ratios(figure));
            seen.is_some_and(|seen| figure.kind.verdict(seen, false).is_some())
        };
        self.measured.len() < PAIRS || !self.figures.iter().all(decided)
    }

    /// Runs another pair and says what it was. Every second one begins with the head, so that none
    /// is always the one that finds the machine as the other left it.
    pub(crate) fn measure(&mut self, servers: &Servers) -> Result<String> {
        let began = Instant::now();
        let run = |name: &str, setup: &Setup| {
            self.benchmark.once(setup).or_else(|error| {
                // A machine that stands still for a second breaks one; a broken server breaks both.
                println!("  {name} failed and is measured once more: {error:#}");
                self.benchmark.once(setup).with_context(|| format!("{name} failed twice"))
            })
        };
        let (base, head) = if self.measured.len().is_multiple_of(2) {
            let base = run("base", &servers.base)?;
            (base, run("head", &servers.head)?)
        } else {
            let head = run("head", &servers.head)?;
            (run("base", &servers.base)?, head)
        };
        let mut seen = vec![self.benchmark.name.to_owned()];
        for Figure { name, key, .. } in &self.figures {
            let value = |figures: &Figures| figures.get(key).copied().unwrap_or_default();
            let (base, head) = (value(&base), value(&head));
            ensure!(base > 0.0 && head > 0.0, "{name} is {base} and {head}");
            seen.push(format!("{name} {base:.2} -> {head:.2}"));
        }
        self.measured.push((base, head));
        self.took += began.elapsed();
        Ok(seen.join(", "))
    }

    fn ratios(&self, figure: &Figure) -> Vec<f64> {
        self.measured.iter().map(|(base, head)| head[figure.key] / base[figure.key]).collect()
    }

    /// What is known of each figure; nothing where there are too few pairs.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Option<Row>> {
        self.figures.iter().map(|figure| {
            let seen = Interval::of(&self.ratios(figure))?;
            Some(Row {
                figure,
                base: self.measured.iter().map(|(base, _)| base[figure.key]).collect(),
                head: self.measured.iter().map(|(_, head)| head[figure.key]).collect(),
                seen,
                verdict: figure.kind.verdict(seen, true)?,
            })
        })
    }
}

/// How long it takes until all is decided, as far as that can be known.
pub(crate) fn left(all: &[Pairs], most: usize) -> String {
    let measured: usize = all.iter().map(|pairs| pairs.measured.len()).sum();
    let took: Duration = all.iter().map(|pairs| pairs.took).sum();
    let mut left = 0.0;
    for pairs in all.iter().filter(|pairs| pairs.needs_more()) {
        let done = pairs.measured.len();
        let (took, of) = if done == 0 { (took, measured) } else { (pairs.took, done) };
        let until = if done < PAIRS { PAIRS } else { most };
        left += took.as_secs_f64() / of as f64 * until.saturating_sub(done) as f64;
    }
    format!("{:.0} min left", left / 60.0)
}

/// A row of the table.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) figure: &'static Figure,
    pub(crate) verdict: Verdict,
    base: Vec<f64>,
    head: Vec<f64>,
    seen: Interval,
}

impl Row {
    /// The same for programs, with each measurement.
    pub(crate) fn json(&self) -> Value {
        let Self { figure, verdict, base, head, seen } = self;
        json!({
            "name": figure.name,
            "kind": figure.kind.name(),
            "unit": figure.unit,
            "base": base,
            "head": head,
            "ratio": seen.median,
            "low": seen.low,
            "high": seen.high,
            "verdict": verdict.name(),
        })
    }
}

/// The rows for people.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut lines = vec![format!(
        "{:<18} {:<10} {:>10} {:>10} {:<16}  {:>5}  {:<13} {:>5}  verdict",
        "figure", "kind", "base", "head", "", "ratio", "95 % interval", "pairs"
    )];
    for Row { figure, verdict, base, head, seen } in rows {
        let Interval { low, median: ratio, high } = seen;
        lines.push(format!(
            "{:<18} {:<10} {:>10.2} {:>10.2} {:<16}  {ratio:>5.3}  {:<13} {:>5}  {}",
            figure.name,
            figure.kind.name(),
            median(base.iter().copied()),
            median(head.iter().copied()),
            figure.unit,
            format!("{low:.3} - {high:.3}"),
            base.len(),
            verdict.name(),
        ));
    }
    lines.join("\n")
}
