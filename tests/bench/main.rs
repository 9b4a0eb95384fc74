//! The benchmarks; `cargo x bench` builds them with optimisations, starts the stores and runs them.
//!
//! A benchmark is a file of this folder with a function without arguments that returns its figures;
//! [`ALL`] has its name on the command line. Each prints a table and writes a JSON file to the
//! folder that `CHAT_BENCH_RESULTS` names.

mod bare;
mod client;
mod fanout;
mod idle;
mod latency;
mod open;
mod pace;
mod proof;
mod report;
mod seed;
mod sends;

use anyhow::Result;
use harness::figures::{self, Named};

/// All benchmarks, in the order in which they run.
const ALL: &[Named] = &[
    ("sends", sends::many_rooms),
    ("sends-one-room", sends::one_room),
    ("latency", latency::latency),
    ("fanout-large-room", fanout::large_room),
    ("fanout-small-rooms", fanout::small_rooms),
    ("open", open::open),
    ("idle", idle::idle),
    ("idle-https", idle::idle_https),
    ("order", proof::order),
    ("crash", proof::crash),
    ("outage", proof::outage),
];

fn main() -> Result<()> {
    figures::run("benchmark", ALL)
}
