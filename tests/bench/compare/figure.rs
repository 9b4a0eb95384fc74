//! The figures by which two servers are compared.

use anyhow::{Context as _, Result};

use super::statistic::Kind::{self, Memory, P99, Throughput};
use crate::{benchmark::Benchmark, fanout, idle, latency, open, sends};

/// A figure of a benchmark, under the name that people type.
#[derive(Debug)]
pub(crate) struct Figure {
    pub(crate) name: &'static str,
    pub(crate) benchmark: &'static Benchmark,
    /// Its name among the figures of the benchmark.
    pub(crate) key: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) kind: Kind,
}

/// Those that are compared where none is named; ten at most. What a server delivers is set against
/// its own time on the processors: sends are offered at a rate, and the load that offers them has
/// the same processors.
pub(crate) const USUAL: [Figure; 10] = [
    figure("sends", &sends::MANY_ROOMS, "acks_per_second", "acks/s", Throughput),
    figure("sends-one-room", &sends::ONE_ROOM, "acks_per_second", "acks/s", Throughput),
    figure("ack-p99", &latency::LATENCY, "ack_p99_ms", "ms", P99),
    figure("other-server-p99", &latency::LATENCY, "other_server_p99_ms", "ms", P99),
    figure("large-room", &fanout::LARGE_ROOM, PER_CPU_SECOND, "deliveries/cpu s", Throughput),
    figure("small-rooms", &fanout::SMALL_ROOMS, PER_CPU_SECOND, "deliveries/cpu s", Throughput),
    figure("open-p99", &open::OPEN, "open_p99_ms", "ms", P99),
    figure("reaction-p99", &open::OPEN, "reaction_p99_ms", "ms", P99),
    figure("idle-memory", &idle::IDLE, OWN_MEMORY, "kB/connection", Memory),
    figure("connects", &idle::IDLE, "connections_per_second", "connections/s", Throughput),
];

/// Those that are compared by name alone.
pub(crate) const OTHERS: [Figure; 4] = [
    figure("large-room-p99", &fanout::LARGE_ROOM, "p99_ms", "ms", P99),
    figure("small-rooms-p99", &fanout::SMALL_ROOMS, "p99_ms", "ms", P99),
    figure("idle-https-memory", &idle::IDLE_HTTPS, OWN_MEMORY, "kB/connection", Memory),
    figure(
        "connects-https",
        &idle::IDLE_HTTPS,
        "connections_per_second",
        "connections/s",
        Throughput,
    ),
];

const OWN_MEMORY: &str = "own_kilobytes_per_connection";
const PER_CPU_SECOND: &str = "deliveries_per_cpu_second";

const fn figure(
    name: &'static str,
    benchmark: &'static Benchmark,
    key: &'static str,
    unit: &'static str,
    kind: Kind,
) -> Figure {
    Figure { name, benchmark, key, unit, kind }
}

/// All figures.
pub(crate) fn all() -> impl Iterator<Item = &'static Figure> {
    const FIGURES: (&[Figure], &[Figure]) = (&USUAL, &OTHERS);
    FIGURES.0.iter().chain(FIGURES.1)
}

/// Those with these names, or the usual ones.
pub(crate) fn chosen(names: &[String]) -> Result<Vec<&'static Figure>> {
    if names.is_empty() {
        return Ok(all().take(USUAL.len()).collect());
    }
    let find = |name: &String| {
        all().find(|figure| figure.name == name).with_context(|| format!("no figure {name}"))
    };
    names.iter().map(find).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_lists_the_figures_and_no_others() -> Result<()> {
        let readme = harness::checkout::read("tests/README.md")?;
        let (_, section) =
            readme.split_once("\n| figure | kind | what |\n|---|---|---|\n").unwrap();
        let (table, rest) = section.split_once("\n\n").unwrap();
        let row = |line: &str| line.rsplit_once(" | ").unwrap().0.to_owned();
        let rows: Vec<String> = table.lines().map(row).collect();
        let usual = |figure: &Figure| format!("| `{}` | {}", figure.name, figure.kind.name());
        assert_eq!(rows, USUAL.iter().map(usual).collect::<Vec<_>>());
        let others: Vec<String> = OTHERS.iter().map(|it| format!("`{}`", it.name)).collect();
        let listed = rest.lines().next().unwrap();
        assert_eq!(listed, format!("By name alone: {}.", others.join(", ")));
        Ok(())
    }
}
