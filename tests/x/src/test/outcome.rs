//! What test runners say, read while it goes by: how many tests passed, and which.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
    thread,
};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use testbed::{Invocation, progress::say, setup::tool};

/// How a run of tests went.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Outcome {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
    /// Did the program itself fail, whatever it counted.
    pub(crate) broken: bool,
    /// Each test that ran, as `program::name` or `file › title`, and whether it passed.
    pub(crate) cases: BTreeMap<String, bool>,
    /// Each that could not be run here, and what it needs.
    pub(crate) not_run: BTreeMap<String, String>,
}

impl Outcome {
    /// One that did not get so far as to run tests.
    pub(crate) fn broken() -> Self {
        Self { broken: true, ..Self::default() }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.broken |= other.broken;
        self.not_run.extend(other.not_run);
        for (case, passed) in other.cases {
            self.note(case, passed);
        }
    }

    /// One name may stand for two tests: then both must pass.
    fn note(&mut self, case: String, passed: bool) {
        let all = self.cases.entry(case).or_insert(true);
        *all &= passed;
    }

    /// Takes the cases of a report that a runner of the page wrote.
    fn read_report(&mut self, file: &Path, read: fn(&Value, &mut Self)) -> Result<()> {
        if self.broken && !file.exists() {
            return Ok(());
        }
        let text = fs::read_to_string(file).context("the tests of the page wrote no report")?;
        read(&serde_json::from_str(&text)?, self);
        Ok(())
    }
}

/// Reads what cargo and the runners print, line by line.
#[derive(Debug, Default)]
struct Reader {
    outcome: Outcome,
    /// The test program whose output this is.
    program: String,
    /// A test whose result follows on a line of its own, because it printed something itself.
    begun: Option<String>,
}

impl Reader {
    fn read(&mut self, line: &str) {
        let line = line.trim();
        if let Some(program) = program_of(line) {
            program.clone_into(&mut self.program);
        } else if let Some((name, result)) = test_of(line) {
            match passed(result) {
                Some(passed) => self.note(name, passed),
                None => self.begun = Some(name.to_owned()),
            }
        } else if let (Some(passed), Some(name)) = (passed(line), self.begun.as_deref()) {
            let name = name.to_owned();
            self.begun = None;
            self.note(&name, passed);
        } else {
            self.count(line);
        }
    }

    fn note(&mut self, name: &str, passed: bool) {
        let case = format!("{}::{name}", self.program);
        self.outcome.note(case, passed);
    }

    /// Reads the summaries of cargo (`test result: ok. 3 passed; 0 failed; ...`), of vitest
    /// (`Tests  1 failed | 2 passed (3)`) and of Playwright (`2 passed (1.2s)`).
    fn count(&mut self, line: &str) {
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
                "passed" => self.outcome.passed += count,
                "failed" => self.outcome.failed += count,
                _ => {}
            }
        }
    }
}

/// `api` of `Running tests/api/main.rs (target/debug/deps/api-0123456789abcdef)`.
fn program_of(line: &str) -> Option<&str> {
    let (_, path) = line.strip_prefix("Running ")?.rsplit_once('(')?;
    let file = path.strip_suffix(')')?.rsplit('/').next()?;
    file.rsplit_once('-').map(|(program, _)| program)
}

/// Name and rest of `test NAME ... ok`.
fn test_of(line: &str) -> Option<(&str, &str)> {
    let (name, result) = line.strip_prefix("test ")?.split_once(" ...")?;
    Some((name.trim_end_matches(" - should panic"), result.trim()))
}

fn passed(result: &str) -> Option<bool> {
    match result {
        "ok" => Some(true),
        "FAILED" => Some(false),
        _ => None,
    }
}

/// Runs cargo tests with visible output, counts them and records their names.
pub(crate) fn run(invocation: &Invocation, command: &mut Command) -> Result<Outcome> {
    let (reader, writer) = std::io::pipe()?;
    // Cargo names the running program on the other stream.
    command.stdin(Stdio::null()).stderr(writer.try_clone()?).stdout(writer);
    let counter = thread::spawn(move || {
        let mut all = Reader::default();
        for line in BufReader::new(reader).lines().map_while(Result::ok) {
            all.read(&line);
            say(&line);
        }
        all.outcome
    });
    let status = tool::show(invocation, command);
    // Closes our ends of the pipe, without which the counter would wait for ever.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut outcome = counter.join().ok().context("lost the count of the tests")?;
    outcome.broken = !status?.success();
    Ok(outcome)
}

/// The same of the page's unit tests, which leave a report.
pub(crate) fn run_vitest(
    invocation: &Invocation,
    command: &mut Command,
    report: &Path,
) -> Result<Outcome> {
    let mut outcome = run(invocation, command)?;
    outcome.read_report(report, vitest)?;
    Ok(outcome)
}

/// The same of the browser's tests.
pub(crate) fn run_playwright(
    invocation: &Invocation,
    command: &mut Command,
    report: &Path,
) -> Result<Outcome> {
    let mut outcome = run(invocation, command)?;
    outcome.read_report(report, |report, outcome| {
        for suite in list(&report["suites"]) {
            playwright(suite, None, outcome);
        }
    })?;
    Ok(outcome)
}

fn vitest(report: &Value, outcome: &mut Outcome) {
    for file in list(&report["testResults"]) {
        let path = text(&file["name"]);
        let path = path.split_once("/frontend/").map_or(path, |(_, inside)| inside);
        for test in list(&file["assertionResults"]) {
            let mut titles: Vec<&str> = list(&test["ancestorTitles"]).map(text).collect();
            titles.push(text(&test["title"]));
            let case = format!("frontend/{path} › {}", titles.join(" › "));
            outcome.note(case, test["status"] == "passed");
        }
    }
}

/// The suite of a file holds its tests, and those of its groups.
fn playwright(suite: &Value, group: Option<&str>, outcome: &mut Outcome) {
    for spec in list(&suite["specs"]) {
        let group = group.map(|group| format!("{group} › ")).unwrap_or_default();
        let (file, title) = (text(&spec["file"]), text(&spec["title"]));
        outcome.note(format!("frontend/e2e/{file} › {group}{title}"), spec["ok"] == true);
    }
    for inner in list(&suite["suites"]) {
        playwright(inner, Some(text(&inner["title"])), outcome);
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(lines: &[&str]) -> Outcome {
        let mut reader = Reader::default();
        for line in lines {
            reader.read(line);
        }
        reader.outcome
    }

    #[test]
    fn all_three_summaries_are_read() {
        let count = |line: &str| {
            let outcome = read(&[line]);
            (outcome.passed, outcome.failed)
        };
        assert_eq!(count("test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured"), (12, 0));
        assert_eq!(count("test result: FAILED. 2 passed; 1 failed; 0 ignored"), (2, 1));
        assert_eq!(count("      Tests  1 failed | 2 passed (3)"), (2, 1));
        assert_eq!(count("  2 passed (1.2s)"), (2, 0));
        assert_eq!(count("  1 failed"), (0, 1));
        assert_eq!(count("3 passed messages are not a summary"), (0, 0));
    }

    #[test]
    fn each_test_is_noted_with_its_program() {
        let outcome = read(&[
            "     Running unittests src/lib.rs (target/debug/deps/chat_domain-0123456789abcdef)",
            "test room::tests::names ... ok",
            "     Running tests/api/main.rs (/elsewhere/debug/deps/api-0123456789abcdef)",
            "test room::names ... FAILED",
            "test room::fails - should panic ... ok",
            "test room::speaks ... it says something itself",
            "and more",
            "ok",
        ]);
        let cases: Vec<(&str, bool)> =
            outcome.cases.iter().map(|(case, passed)| (case.as_str(), *passed)).collect();
        let expected = [
            ("api::room::fails", true),
            ("api::room::names", false),
            ("api::room::speaks", true),
            ("chat_domain::room::tests::names", true),
        ];
        assert_eq!(cases, expected);
    }

    #[test]
    fn reports_of_the_page_name_file_and_title() {
        let mut outcome = Outcome::default();
        let test = json!({ "ancestorTitles": ["a room"], "title": "opens", "status": "passed" });
        let file = json!({ "name": "/x/frontend/src/a.test.ts", "assertionResults": [test] });
        vitest(&json!({ "testResults": [file] }), &mut outcome);
        let spec = json!({ "file": "b.spec.ts", "title": "talks", "ok": false });
        let group = json!({ "title": "two", "specs": [spec] });
        playwright(&json!({ "title": "b.spec.ts", "suites": [group] }), None, &mut outcome);
        let expected = [
            ("frontend/e2e/b.spec.ts › two › talks".to_owned(), false),
            ("frontend/src/a.test.ts › a room › opens".to_owned(), true),
        ];
        assert_eq!(outcome.cases, expected.into());
    }
}
