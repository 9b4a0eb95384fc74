//! All mutants of code without I/O, against unit tests.

use std::{collections::BTreeMap, fs};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use testbed::{Invocation, progress::announce, setup::tool};

use super::{MutantsArgs, cargo_mutants, difference, report::Counts};

/// Exit codes of cargo-mutants, besides 0: <https://mutants.rs/exit-codes.html>.
const MISSED: i32 = 2;
const TIMED_OUT: i32 = 3;

/// Its file `outcomes.json`, as far as it is read.
#[derive(Deserialize)]
struct Outcomes {
    outcomes: Vec<One>,
}

#[derive(Deserialize)]
struct One {
    scenario: Scenario,
    summary: Summary,
}

#[derive(Deserialize)]
enum Scenario {
    Baseline,
    Mutant { name: String, package: String },
}

#[derive(Deserialize)]
enum Summary {
    Success,
    CaughtMutant,
    MissedMutant,
    Unviable,
    Timeout,
    Failure,
}

/// Runs cargo-mutants by `.cargo/mutants.toml`.
pub(super) fn run(invocation: &Invocation, args: &MutantsArgs) -> Result<Vec<Counts>> {
    announce("mutants", "code without I/O");
    let out = args.folder(invocation).join("rules");
    fs::create_dir_all(&out)?;
    let mut command = cargo_mutants(invocation)?;
    command.args(["--package", "chat-domain", "--package", "chat-operator", "--output"]).arg(&out);
    if let Some(shard) = args.shard {
        // It counts from 0.
        let shard = format!("{}/{}", shard.index - 1, shard.of);
        command.args(["--sharding", "round-robin", "--shard", &shard]);
    }
    if let Some(since) = &args.since {
        command.arg("--in-diff").arg(difference(invocation, since)?);
    }
    let status = tool::show(invocation, &mut command)?;
    if !matches!(status.code(), Some(0 | MISSED | TIMED_OUT)) {
        bail!("cargo-mutants ended with {status}; it says above why");
    }
    let file = out.join("mutants.out/outcomes.json");
    let outcomes = fs::read(&file).with_context(|| format!("no {}", file.display()))?;
    Ok(counts(serde_json::from_slice(&outcomes).context("outcomes.json has another shape")?))
}

fn counts(outcomes: Outcomes) -> Vec<Counts> {
    let mut all = BTreeMap::new();
    for One { scenario, summary } in outcomes.outcomes {
        let Scenario::Mutant { name, package } = scenario else { continue };
        let counts = all.entry(package.clone()).or_insert_with(|| Counts::of(&package));
        match summary {
            Summary::CaughtMutant => counts.caught += 1,
            Summary::MissedMutant | Summary::Success => counts.missed.push(name),
            Summary::Timeout => counts.timed_out += 1,
            Summary::Unviable | Summary::Failure => counts.unviable += 1,
        }
    }
    all.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_counted_by_crate() {
        let mutant = |name: &str, package: &str, summary: &str| {
            serde_json::json!({
                "scenario": { "Mutant": { "name": name, "package": package, "file": "a.rs" } },
                "summary": summary,
            })
        };
        let file = serde_json::json!({ "outcomes": [
            { "scenario": "Baseline", "summary": "Success" },
            mutant("one", "a", "CaughtMutant"),
            mutant("two", "a", "MissedMutant"),
            mutant("three", "b", "Timeout"),
            mutant("four", "b", "Unviable"),
        ] });
        let all = counts(serde_json::from_value(file).unwrap());
        assert_eq!(all[0].caught, 1);
        assert_eq!(all[0].missed, ["two"]);
        assert_eq!((all[1].timed_out, all[1].unviable), (1, 1));
    }
}
