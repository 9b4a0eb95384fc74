//! Counting tests while their output goes by.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
    thread,
};

use anyhow::{Context as _, Result};
use testbed::{Invocation, progress::say, setup::tool};

/// How many tests passed and failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
    /// Did the program itself fail, whatever it counted.
    pub(crate) broken: bool,
}

impl Tally {
    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.broken |= other.broken;
    }

    /// Reads the summaries of cargo (`test result: ok. 3 passed; 0 failed; ...`), of vitest
    /// (`Tests  1 failed | 2 passed (3)`) and of Playwright (`2 passed (1.2s)`).
    fn read(&mut self, line: &str) {
        let line = line.trim();
        let rest = if let Some(rest) = line.strip_prefix("test result: ") {
            rest
        } else if let Some(rest) = line.strip_prefix("Tests ") {
            rest
        } else if line.starts_with(|c: char| c.is_ascii_digit()) {
            line
        } else {
            return;
        };
        let words: Vec<&str> = rest.split([' ', ';', '|']).filter(|w| !w.is_empty()).collect();
        // A line of Playwright is nothing but number, word and perhaps a time.
        if rest == line && (words.len() > 3 || words.len() == 3 && !words[2].starts_with('(')) {
            return;
        }
        for pair in words.windows(2) {
            let Ok(count) = pair[0].parse::<u32>() else { continue };
            match pair[1] {
                "passed" => self.passed += count,
                "failed" => self.failed += count,
                _ => {}
            }
        }
    }
}

/// Runs tests in front of people and counts them.
pub(crate) fn run(invocation: &Invocation, command: &mut Command) -> Result<Tally> {
    let (reader, writer) = std::io::pipe()?;
    command.stdin(Stdio::null()).stdout(writer);
    let counter = thread::spawn(move || {
        let mut tally = Tally::default();
        for line in BufReader::new(reader).lines().map_while(Result::ok) {
            tally.read(&line);
            say(&line);
        }
        tally
    });
    let status = tool::show(invocation, command);
    // Closes our end of the pipe, without which the counter would wait for ever.
    command.stdout(Stdio::null());
    let mut tally = counter.join().ok().context("lost the count of the tests")?;
    tally.broken = !status?.success();
    Ok(tally)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_three_summaries_are_read() {
        let count = |line: &str| {
            let mut tally = Tally::default();
            tally.read(line);
            (tally.passed, tally.failed)
        };
        assert_eq!(count("test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured"), (12, 0));
        assert_eq!(count("test result: FAILED. 2 passed; 1 failed; 0 ignored"), (2, 1));
        assert_eq!(count("      Tests  1 failed | 2 passed (3)"), (2, 1));
        assert_eq!(count("  2 passed (1.2s)"), (2, 0));
        assert_eq!(count("  1 failed"), (0, 1));
        assert_eq!(count("3 passed messages are not a summary"), (0, 0));
    }
}
