//! Two servers, driven by the same benchmarks in short alternating pairs: which of their figures
//! are worse. `cargo x bench compare` builds both.

mod figure;
mod machine;
mod pairs;
mod statistic;

use std::{path::Path, time::Instant};

use anyhow::{Context as _, Result, bail};
use harness::env::Env;
use serde_json::json;

use self::{
    pairs::{PAIRS, Pairs, Servers, left},
    statistic::Verdict,
};

/// Prints the names of all figures, one a line.
pub(crate) fn list() {
    figure::all().for_each(|figure| println!("{}", figure.name));
}

/// Compares the built server with another one. Told are: the name of the other one and its program,
/// the name of the built one, how many pairs are run at most, and the figures.
pub(crate) fn compare(words: &[String]) -> Result<()> {
    let [base, program, head, most, figures @ ..] = words else {
        bail!("start it with: cargo x bench compare REV")
    };
    let most = most.parse().context("the number of pairs")?;
    let machine = machine::about()?;
    println!("\nbase {base}, head {head}, {machine}\n");
    let began = Instant::now();
    let servers = Servers::new(Path::new(program), &Env::read()?.server);
    let mut all = Pairs::of(&figure::chosen(figures)?);
    for pair in 1..=most {
        for place in 0..all.len() {
            if all[place].needs_more() {
                let line = all[place].measure(&servers)?;
                let of = if pair > PAIRS { format!("at most {most}") } else { PAIRS.to_string() };
                println!("  pair {pair} of {of}: {line}; {}", left(&all, most));
            }
        }
    }
    let rows: Vec<_> =
        all.iter().flat_map(Pairs::rows).collect::<Option<_>>().context("no pairs")?;
    println!("\n{}", pairs::table(&rows));
    let minutes = began.elapsed().as_secs_f64() / 60.0;
    println!("\nbase {base}, head {head}, {machine}; {minutes:.0} minutes");
    let figures: Vec<_> = rows.iter().map(pairs::Row::json).collect();
    let all = json!({ "base": base, "head": head, "machine": machine, "minutes": minutes, "figures": figures });
    harness::figures::leave("CHAT_BENCH_RESULTS", &format!("compare-{base}"), &all)?;
    let worse: Vec<_> = rows
        .iter()
        .filter(|row| row.verdict == Verdict::Worse)
        .map(|row| row.figure.name)
        .collect();
    if !worse.is_empty() {
        bail!("worse than {base}: {}", worse.join(", "));
    }
    Ok(())
}
