//! `cargo x bench compare`: this checkout's server against that of another revision, both driven by
//! this checkout's benchmarks.

use std::process::Command;

use anyhow::{Result, bail};
use clap::Args;
use testbed::{Invocation, program, setup::build};

use super::{revision::Revision, run};

/// What `cargo x bench compare` can be told.
#[derive(Debug, Args)]
pub(super) struct CompareArgs {
    /// The other revision, as git understands it: `4c51096`, `HEAD~3`, `main`.
    rev: String,
    /// Only these figures; the usual ten if left out.
    figure: Vec<String>,
    /// How many pairs are run, at most, where a figure is not decided.
    #[arg(long, default_value_t = 21, value_parser = clap::value_parser!(u16).range(7..=201))]
    pairs: u16,
}

/// Builds both and compares them. Leaves `target/x/bench/compare-REV.json` behind.
pub(super) fn compare(invocation: &Invocation, args: &CompareArgs) -> Result<()> {
    let root = &invocation.checkout.root;
    let revision = Revision::find(root, &args.rev)?;
    let bench = build::binary(invocation, "bench", true)?;
    check(&args.figure, &program::output(Command::new(&bench).arg("figures"))?)?;
    let base = revision.server(invocation)?;
    let mut command = Command::new(bench);
    command.args(["compare", revision.name()]).arg(base).arg(Revision::here(root)?);
    if !run(invocation, command.arg(args.pairs.to_string()).args(&args.figure))? {
        bail!("the comparison failed; the error above says why");
    }
    Ok(())
}

/// Are these among the names, one a line.
fn check(figures: &[String], known: &str) -> Result<()> {
    let known: Vec<&str> = known.lines().collect();
    let unknown = figures.iter().find(|figure| !known.contains(&figure.as_str()));
    if let Some(unknown) = unknown {
        bail!("there is no figure {unknown}; there are: {}", known.join(", "));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_that_is_unknown_is_named_with_those_that_there_are() {
        let known = "sends\nack-p99\n";
        assert!(check(&[], known).is_ok() && check(&["sends".to_owned()], known).is_ok());
        let error = check(&["sends".to_owned(), "send".to_owned()], known).unwrap_err();
        assert_eq!(error.to_string(), "there is no figure send; there are: sends, ack-p99");
    }
}
