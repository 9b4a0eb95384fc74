//! `cargo x test`: sets up what each ring needs and runs the rings, from the cheapest to the
//! dearest.
//!
//! Invariant: no ring is left out silently. What is missing is installed, or the run fails and
//! says so.

mod ring;
mod stage;
mod tally;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Args;
use testbed::{
    Invocation,
    progress::{complain, say},
};

pub(crate) use self::{
    ring::{Ring, cluster_told},
    stage::Stage,
};
use crate::test::tally::Tally;

/// What `cargo x test` can be told.
#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    /// Only this ring.
    #[arg(value_enum)]
    ring: Option<Ring>,
    /// Only tests whose name contains this.
    #[arg(requires = "ring")]
    filter: Option<String>,
}

/// Runs one ring, whole.
pub(crate) fn one(invocation: &Invocation, ring: Ring) -> Result<()> {
    test(invocation, &TestArgs { ring: Some(ring), filter: None })
}

/// Runs the rings and says how each went.
pub(crate) fn test(invocation: &Invocation, args: &TestArgs) -> Result<()> {
    let rings = match args.ring {
        Some(ring) => vec![ring],
        None => Ring::ALL.to_vec(),
    };
    let mut stage = Stage::new(invocation, false)?;
    let mut results = Vec::new();
    for ring in rings {
        say(&format!("\n== {} ==\n", ring.name()));
        let started = Instant::now();
        let tally = ring.run(invocation, &mut stage, args.filter.as_deref());
        // An interrupt ends the run; anything else that fails is one ring's failure.
        let tally = match tally {
            Err(error) if stage.is_interrupted() => return Err(error),
            tally => tally.unwrap_or_else(|error| {
                complain(&format!("{error:#}"));
                Tally { broken: true, ..Tally::default() }
            }),
        };
        results.push((ring, tally, started.elapsed()));
    }
    let total = summary(&results);
    stage.end(!total.broken)?;
    if total.broken {
        bail!("not all tests passed");
    }
    if total.passed == 0 {
        bail!("no test has this in its name");
    }
    Ok(())
}

fn summary(results: &[(Ring, Tally, Duration)]) -> Tally {
    let mut total = Tally::default();
    say("");
    for (ring, tally, time) in results {
        let word = if tally.broken { "FAILED" } else { "ok" };
        say(&format!(
            "{:<9} {word:<6} {:>5} passed {:>3} failed {:>7.1} s",
            ring.name(),
            tally.passed,
            tally.failed,
            time.as_secs_f32()
        ));
        total.add(*tally);
    }
    say(&format!("\n{} passed, {} failed", total.passed, total.failed));
    total
}
