//! `cargo x test`: sets up what each ring needs and runs the rings, from the cheapest to the
//! dearest.
//!
//! Invariants: no ring is left out silently. What is missing is installed, or the run fails and
//! says so. No test runs twice.

mod background;
mod former;
mod kubernetes;
mod outcome;
mod ring;
mod rows;
mod stage;

use std::{fs, path::PathBuf, time::Instant};

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use testbed::{
    Invocation,
    progress::{complain, say},
};

use self::background::{Background, Done};
pub(crate) use self::{kubernetes::cluster_env, outcome::Outcome, ring::Ring, stage::Stage};
use crate::mutants::{self, MutantsArgs};

/// Arguments of `cargo x test`.
#[derive(Debug, Default, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct TestArgs {
    #[command(subcommand)]
    other: Option<Other>,
    /// Only this ring.
    #[arg(value_enum)]
    ring: Option<Ring>,
    /// Only tests whose name contains this.
    #[arg(requires = "ring")]
    filter: Option<String>,
    /// The ring `cluster` in a Kubernetes of its own, also where another one is named or `kind` could
    /// make one.
    #[arg(long)]
    own: bool,
    /// Every ring; without it, those that need neither a Kubernetes, nor its programs, nor a former
    /// version of the server.
    #[arg(long, conflicts_with = "ring")]
    all: bool,
    /// The rings that are left out without it.
    #[arg(long, conflicts_with_all = ["ring", "all"])]
    kubernetes: bool,
    /// Writes how it went into this file, for who started us.
    #[arg(long, hide = true, requires = "ring")]
    outcome: Option<PathBuf>,
}

/// What is no ring.
#[derive(Debug, Subcommand)]
enum Other {
    /// Breaks the code in small ways and says which break no test notices; takes hours.
    Mutants(MutantsArgs),
}

impl TestArgs {
    fn rings(&self) -> Vec<Ring> {
        match self.ring {
            Some(ring) => vec![ring],
            None if self.all => Ring::ALL.to_vec(),
            None => {
                let mut rings = Ring::ALL.to_vec();
                rings.retain(|ring| ring.is_left_out() == self.kubernetes);
                rings
            }
        }
    }
}

/// Runs one ring, whole.
pub(crate) fn one(invocation: &Invocation, ring: Ring) -> Result<()> {
    test(invocation, &TestArgs { ring: Some(ring), ..TestArgs::default() })
}

/// Runs the rings and says how each went.
pub(crate) fn test(invocation: &Invocation, args: &TestArgs) -> Result<()> {
    if let Some(Other::Mutants(args)) = &args.other {
        return mutants::mutants(invocation, args);
    }
    let rings = args.rings();
    let mut stage = Stage::new(invocation, false)?;
    let mut done = run(invocation, &mut stage, &rings, args)?;
    done.sort_by_key(|(ring, _, _)| *ring);
    let mut total = Outcome::default();
    for (_, outcome, _) in &done {
        total.add(outcome.clone());
    }
    if let Some(file) = &args.outcome {
        // The parent process prints it, and compares.
        fs::write(file, serde_json::to_vec(&total)?).context("cannot write how it went")?;
        return stage.end(!total.broken);
    }
    summary(&done);
    for (case, needs) in &total.not_run {
        say(&format!("not run: {case} (needs {needs})"));
    }
    let compared = match &args.filter {
        None => rows::compare(&invocation.checkout, &rings, &total),
        Some(_) => Ok(()),
    };
    say(&format!("\n{} passed, {} failed", total.passed, total.failed));
    stage.end(!total.broken && compared.is_ok())?;
    if total.broken {
        bail!("not all tests passed");
    }
    if total.passed == 0 && !total.not_run.is_empty() {
        bail!("every test with this in its name needs what is not here");
    }
    if total.passed == 0 {
        bail!("no test has this in its name");
    }
    compared
}

/// One after the other; those that only work run beside those that mostly wait.
fn run(
    invocation: &Invocation,
    stage: &mut Stage<'_>,
    rings: &[Ring],
    args: &TestArgs,
) -> Result<Vec<Done>> {
    let mut results = Vec::new();
    let mut rest = rings.to_vec();
    let mut background = None;
    if rings.iter().any(|ring| ring.waits()) && rings.iter().any(|ring| ring.works()) {
        ring::prepare(invocation, rings)?;
        let (beside, others) = rings.iter().partition(|ring| ring.works());
        background = Some(Background::start(invocation, stage.printed(), beside)?);
        rest = others;
    }
    for ring in rest {
        if !ring.waits()
            && let Some(background) = &mut background
        {
            results.extend(background.finish()?);
        }
        say(&format!("\n== {} ==\n", ring.name()));
        let started = Instant::now();
        let outcome = ring.run(invocation, stage, args);
        // An interrupt ends the run; anything else that fails is one ring's failure.
        let outcome = match outcome {
            Err(error) if invocation.is_interrupted() => return Err(error),
            outcome => outcome.unwrap_or_else(|error| {
                complain(&format!("{error:#}"));
                Outcome::broken()
            }),
        };
        results.push((ring, outcome, started.elapsed()));
    }
    if let Some(background) = &mut background {
        results.extend(background.finish()?);
    }
    if invocation.is_interrupted() {
        bail!("interrupted");
    }
    Ok(results)
}

fn summary(done: &[Done]) {
    say("");
    for (ring, outcome, time) in done {
        let word = if outcome.broken { "FAILED" } else { "ok" };
        say(&format!(
            "{:<9} {word:<6} {:>5} passed {:>3} failed {:>7.1} s",
            ring.name(),
            outcome.passed,
            outcome.failed,
            time.as_secs_f32()
        ));
    }
}
