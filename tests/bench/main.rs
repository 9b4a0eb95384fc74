//! The benchmarks; `cargo x bench` builds them with optimisations, starts the stores and runs them.
//!
//! A benchmark is a file of this folder with a function that takes nothing and gives its figures;
//! it stands in [`ALL`] under the name that people type.
//! Each prints a table and leaves a JSON file in the folder that `CHAT_BENCH_RESULTS` names.

mod bare;
mod client;
mod fanout;
mod idle;
mod latency;
mod open;
mod proof;
mod report;
mod seed;
mod sends;

use anyhow::{Result, bail};

type Benchmark = (&'static str, fn() -> Result<()>);

/// All benchmarks, in the order in which they run.
const ALL: &[Benchmark] = &[
    ("sends", sends::many_rooms),
    ("sends-one-room", sends::one_room),
    ("latency", latency::latency),
    ("fanout-large-room", fanout::large_room),
    ("fanout-small-rooms", fanout::small_rooms),
    ("open", open::open),
    ("idle", idle::idle),
    ("order", proof::order),
    ("crash", proof::crash),
    ("outage", proof::outage),
];

fn main() -> Result<()> {
    let wanted = std::env::args().nth(1);
    let chosen: Vec<&Benchmark> = ALL
        .iter()
        .filter(|(name, _)| wanted.as_deref().is_none_or(|wanted| wanted == *name))
        .collect();
    if chosen.is_empty() {
        let names: Vec<&str> = ALL.iter().map(|(name, _)| *name).collect();
        bail!("there is no such benchmark; there are: {}", names.join(", "));
    }
    chosen.into_iter().try_for_each(|(_, run)| run())
}
