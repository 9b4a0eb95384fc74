//! What became of mutants.

use std::fmt;

/// What became of the mutants of one part.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Counts {
    /// Crate or part.
    pub(super) name: String,
    /// A test failed.
    pub(super) caught: usize,
    /// No test failed: their names.
    pub(super) missed: Vec<String>,
    /// A test did not end: as good as caught, and slow.
    pub(super) timed_out: usize,
    /// It does not compile, so it says nothing.
    pub(super) unviable: usize,
}

impl Counts {
    /// Of nothing so far.
    pub(super) fn of(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// How many tests had to do with.
    pub(super) fn judged(&self) -> usize {
        self.caught + self.missed.len() + self.timed_out
    }

    /// The titles of the columns.
    pub(super) fn header() -> String {
        format!(
            "{:<14} {:>7} {:>7} {:>9} {:>9}",
            "mutants of", "caught", "missed", "timed out", "unviable"
        )
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, caught, missed, timed_out, unviable } = self;
        write!(f, "{name:<14} {caught:>7} {:>7} {timed_out:>9} {unviable:>9}", missed.len())?;
        for mutant in missed {
            write!(f, "\n  missed: {mutant}")?;
        }
        Ok(())
    }
}
