//! The table of promises against what ran: a row whose test did not run and pass is a failure.

use anyhow::{Result, bail};
use testbed::{
    Checkout,
    progress::say,
    promises::{self, Row},
};

use super::{Outcome, Ring};

/// What a run says about the table.
#[derive(Debug, Default, PartialEq, Eq)]
struct Verdict {
    /// Rows whose case ran and passed.
    shown: usize,
    /// Rows whose case did not, though its ring was run.
    wrong: Vec<String>,
    /// Rows whose ring was not run, or whose case could not be run where it was.
    not_run: usize,
    /// Rows without a case.
    open: usize,
}

/// Compares the rows of these rings, which were run whole, with what ran.
pub(super) fn compare(checkout: &Checkout, rings: &[Ring], outcome: &Outcome) -> Result<()> {
    let verdict = judge(&promises::rows(checkout)?, rings, outcome);
    let Verdict { shown, wrong, not_run, open } = verdict;
    say(&format!(
        "\npromises: {shown} shown, {} not shown, {not_run} not run, {open} open",
        wrong.len()
    ));
    if !wrong.is_empty() {
        bail!("a test of {} did not run and pass:\n{}", promises::ROWS, wrong.join("\n"));
    }
    Ok(())
}

fn judge(rows: &[Row], rings: &[Ring], outcome: &Outcome) -> Verdict {
    let mut verdict = Verdict::default();
    for row in rows {
        let (Some(case), Some(ring)) = (&row.case, row.ring()) else {
            verdict.open += 1;
            continue;
        };
        if !rings.iter().any(|run| run.name() == ring) || outcome.not_run.contains_key(case) {
            verdict.not_run += 1;
        } else if outcome.cases.get(case) == Some(&true) {
            verdict.shown += 1;
        } else {
            verdict.wrong.push(format!("{}: {case}", row.id));
        }
    }
    verdict
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, case: Option<&str>) -> Row {
        let case = case.map(str::to_owned);
        Row { id: id.to_owned(), promise: String::new(), case, red_when: String::new() }
    }

    #[test]
    fn what_did_not_run_and_pass_is_not_shown() {
        let rows = [
            row("mission/F1", Some("api::room::a")),
            row("mission/F2", Some("api::room::b")),
            row("mission/F3", Some("api::room::renamed")),
            row("mission/F4", Some("cluster::story::a")),
            row("mission/F5", None),
            row("mission/F6", Some("api::node::lost")),
        ];
        let cases = [("api::room::a".to_owned(), true), ("api::room::b".to_owned(), false)];
        let not_run = [("api::node::lost".to_owned(), "nodes of its own".to_owned())];
        let outcome =
            Outcome { cases: cases.into(), not_run: not_run.into(), ..Outcome::default() };

        let verdict = judge(&rows, &[Ring::Api], &outcome);

        let wrong = ["mission/F2: api::room::b", "mission/F3: api::room::renamed"];
        let wrong = wrong.map(str::to_owned).to_vec();
        assert_eq!(verdict, Verdict { shown: 1, wrong, not_run: 2, open: 1 });
    }
}
