//! The benchmarks; `cargo x bench` builds them with optimisations, starts the stores and runs them.
//!
//! A benchmark is a file of this folder with a function that drives a server and returns its figures;
//! it is listed in [`ALL`]. Each prints a table and writes a JSON file to the folder that
//! `CHAT_BENCH_RESULTS` names. `compare` drives two servers with the same benchmarks.

mod bare;
mod benchmark;
mod client;
mod compare;
mod fanout;
mod idle;
mod latency;
mod open;
mod pace;
mod proof;
mod report;
mod seed;
mod sends;

use std::env;

use anyhow::Result;
use harness::figures;

use self::benchmark::Benchmark;

/// All benchmarks, in the order in which they run.
const ALL: &[Benchmark] = &[
    sends::MANY_ROOMS,
    sends::ONE_ROOM,
    latency::LATENCY,
    fanout::LARGE_ROOM,
    fanout::SMALL_ROOMS,
    open::OPEN,
    idle::IDLE,
    idle::IDLE_HTTPS,
    proof::ORDER,
    proof::CRASH,
    proof::OUTAGE_OF_REDIS,
];

fn main() -> Result<()> {
    let words: Vec<String> = env::args().skip(1).collect();
    match words.split_first() {
        Some((word, rest)) if word == "compare" => compare::compare(rest),
        Some((word, [])) if word == "figures" => {
            compare::list();
            Ok(())
        }
        wanted => {
            let wanted = wanted.map(|(name, _)| name.as_str());
            let chosen = figures::chosen("benchmark", ALL, |benchmark| benchmark.name, wanted)?;
            chosen.into_iter().try_for_each(Benchmark::measure)
        }
    }
}
