//! The benchmarks; `cargo x bench` builds them with optimisations, starts the stores and runs them.
//!
//! A benchmark is a file of this folder with a function that takes nothing and gives its figures;
//! it stands in [`ALL`] under the name that people type.
//! Each prints a table and leaves a JSON file in the folder that `CHAT_BENCH_RESULTS` names.

use anyhow::{Result, bail};

type Benchmark = (&'static str, fn() -> Result<()>);

/// All benchmarks, in the order in which they run.
const ALL: &[Benchmark] = &[];

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
