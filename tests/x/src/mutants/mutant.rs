//! One mutant of code with I/O, as cargo-mutants lists it, and `frontend/tools/mutants.mjs`.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use testbed::{Invocation, setup::page};

use super::{MutantsArgs, cargo_mutants, difference};

/// What becomes what, and where.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Mutant {
    /// In words, with the place.
    pub(super) name: String,
    /// Path in the checkout.
    pub(super) file: String,
    span: Span,
    replacement: String,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Span {
    start: Place,
    end: Place,
}

/// Both from 1 on, the column in characters.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Place {
    line: usize,
    column: usize,
}

impl Mutant {
    /// Those of some folders of the server, without those that the settings leave out.
    pub(super) fn all(
        invocation: &Invocation,
        args: &MutantsArgs,
        folders: &[&str],
    ) -> Result<Vec<Self>> {
        let mut command = cargo_mutants(invocation)?;
        command.args(["--list", "--json", "--package", "chat-server"]);
        for folder in folders {
            command.args(["--file", &format!("chat-server/src/{folder}/**/*.rs")]);
        }
        if let Some(since) = &args.since {
            command.arg("--in-diff").arg(difference(invocation, since)?);
        }
        listed(command)
    }

    /// Those of a folder of the page.
    pub(super) fn of_page(invocation: &Invocation, folder: &str) -> Result<Vec<Self>> {
        page::install(invocation)?;
        let mut command = Command::new("node");
        command.args(["tools/mutants.mjs", folder]);
        command.current_dir(invocation.checkout.path("frontend"));
        listed(command)
    }

    /// The text with the mutant in it.
    pub(super) fn put_into(&self, text: &str) -> Result<String> {
        let (start, end) = (offset(text, self.span.start), offset(text, self.span.end));
        let place = start.zip(end).filter(|(start, end)| start <= end);
        let (start, end) = place.with_context(|| format!("no place for {}", self.name))?;
        Ok(format!("{}{}{}", &text[..start], self.replacement, &text[end..]))
    }
}

fn listed(mut command: Command) -> Result<Vec<Mutant>> {
    let out = command.output().context("cannot list mutants")?;
    let complaint = String::from_utf8_lossy(&out.stderr).into_owned();
    ensure!(out.status.success(), "no mutants are listed: {complaint}");
    serde_json::from_slice(&out.stdout).context("the list of mutants has another shape")
}

/// Bytes before a place.
fn offset(text: &str, place: Place) -> Option<usize> {
    let lines = text.split_inclusive('\n');
    let before: usize = lines.clone().take(place.line.checked_sub(1)?).map(str::len).sum();
    let line = lines.into_iter().nth(place.line - 1)?;
    let inside: usize = line.chars().take(place.column.checked_sub(1)?).map(char::len_utf8).sum();
    Some(before + inside)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_mutant_takes_the_place_of_what_it_breaks() {
        let text = "fn a() {\n    let é = x == y;\n}\n";
        let broken = |start: (usize, usize), end: (usize, usize), replacement: &str| {
            let place = |(line, column)| json!({ "line": line, "column": column });
            let mutant: Mutant = serde_json::from_value(json!({
                "name": "m", "file": "a.rs", "replacement": replacement,
                "span": { "start": place(start), "end": place(end) },
            }))
            .unwrap();
            mutant.put_into(text).unwrap()
        };
        assert_eq!(broken((2, 15), (2, 17), "!="), "fn a() {\n    let é = x != y;\n}\n");
        assert_eq!(broken((1, 8), (3, 2), "{}"), "fn a() {}\n");
    }
}
