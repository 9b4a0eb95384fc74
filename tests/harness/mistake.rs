//! The mistakes that people make with a `ChatCluster` or around it, as the operator's README lists
//! them: where each is reported, and in which words. The tests make them and expect what that table
//! says.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use crate::checkout;

/// Where the table is.
pub const README: &str = "operator/README.md";
const HEAD: &str = "| mistake | named in | reason | says | shown by |";
/// What stands there for the schema, in the place of a condition.
const SCHEMA: &str = "the schema";
/// What stands for names and numbers in a sentence.
const ANYTHING: char = '…';

/// A mistake is named within this time of being made.
pub const IN_TIME: Duration = Duration::from_secs(10);

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// What somebody did.
    pub what: String,
    /// The condition that names it; nothing where the schema refuses it.
    pub condition: Option<String>,
    /// The condition's reason.
    pub reason: String,
    /// A part of what is said.
    pub says: String,
    /// The test that makes it, a file below `tests/`.
    pub test: String,
}

impl Mistake {
    /// Is this the sentence that names it.
    #[must_use]
    pub fn is_reported_by(&self, sentence: &str) -> bool {
        let mut rest = Some(sentence);
        for part in self.says.split(ANYTHING) {
            rest = rest.and_then(|rest| rest.split_once(part)).map(|(_, after)| after);
        }
        rest.is_some()
    }

    /// Does this condition name it.
    #[must_use]
    pub fn is_named_by(&self, kind: &str, status: &str, reason: &str, message: &str) -> bool {
        // This one alone says by `True` that something is wrong.
        let wrong = if kind == "Degraded" { "True" } else { "False" };
        self.condition.as_deref() == Some(kind)
            && status == wrong
            && reason == self.reason
            && self.is_reported_by(message)
    }
}

/// All of them.
pub fn all() -> Result<Vec<Mistake>> {
    let readme = checkout::read(README)?;
    let (_, table) = readme.split_once(HEAD).context("the table of mistakes is gone")?;
    table.lines().skip(2).take_while(|line| line.starts_with('|')).map(row).collect()
}

/// The one with this name.
pub fn find(what: &str) -> Result<Mistake> {
    let mut all = all()?.into_iter();
    all.find(|one| one.what == what).with_context(|| format!("{README} lists no mistake `{what}`"))
}

fn row(line: &str) -> Result<Mistake> {
    let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
    ensure!(cells.len() == 5, "not five cells: {line}");
    let quoted = |cell: &str| cell.trim_matches('`').to_owned();
    let (_, test) = cells[4].split_once("](../tests/").context("no link to a test")?;
    Ok(Mistake {
        what: cells[0].to_owned(),
        condition: (cells[1] != SCHEMA).then(|| quoted(cells[1])),
        reason: quoted(cells[2]),
        says: quoted(cells[3]),
        test: test.trim_end_matches(')').to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_be_any_and_the_rest_may_not() {
        let line = "| a | `Degraded` | `Why` | `the Secret … has no …` | [x](../tests/x/y.rs) |";
        let mistake = row(line).unwrap();
        assert!(mistake.is_named_by("Degraded", "True", "Why", "p: the Secret db has no key; sad"));
        for (kind, status, reason, message) in [
            ("Degraded", "False", "Why", "the Secret db has no key"),
            ("Degraded", "True", "Other", "the Secret db has no key"),
            ("Ready", "False", "Why", "the Secret db has no key"),
            ("Degraded", "True", "Why", "has no key: the Secret db"),
        ] {
            assert!(!mistake.is_named_by(kind, status, reason, message), "{message}");
        }
        assert_eq!(mistake.test, "x/y.rs");
    }
}
