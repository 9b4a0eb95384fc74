//! `cargo x audit`: what the dependencies may be, and what is known against them.
//!
//! Licences, sources and duplicate versions stand in the lock file, so they always gate. What is
//! known against a version changes without a change of ours: it gates only where a lock file
//! changed, and is reported otherwise.

use std::process::Command;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use serde_json::Value;
use testbed::{
    Invocation,
    progress::{announce, say},
    setup::{cargo_program::CargoProgram, tool},
};

const CARGO_DENY: CargoProgram =
    CargoProgram { name: "cargo-deny", version: "0.20.2", takes: "about three minutes" };
const LOCK_FILES: [&str; 2] = ["Cargo.lock", "frontend/package-lock.json"];

/// What `cargo x audit` can be told.
#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    /// Advisories gate where a lock file differs from that of this revision: by default the commit
    /// before, and in a clone that has no other commit they always gate.
    #[arg(long)]
    since: Option<String>,
}

/// What is known against the dependencies of one lock file.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Advisories {
    /// The database could not be asked, for this reason.
    NotChecked(String),
    /// Nothing is known.
    None,
    /// So much, in words.
    Found(String),
}

/// Everything; fails where something gates.
pub(crate) fn audit(invocation: &Invocation, args: &AuditArgs) -> Result<()> {
    rules(invocation)?;
    let changed = lock_files_changed(invocation, args.since.as_deref())?;
    let mut failed = false;
    for (lock, found) in
        [(LOCK_FILES[0], of_crates(invocation)?), (LOCK_FILES[1], of_packages(invocation)?)]
    {
        let (line, gates) = verdict(lock, &found, changed, &today()?);
        say(&line);
        failed |= gates;
    }
    if failed {
        bail!("a lock file changed, and advisories are known against what it holds now");
    }
    Ok(())
}

/// Licences, sources and duplicate versions, by `.cargo/deny.toml`.
pub(crate) fn rules(invocation: &Invocation) -> Result<()> {
    announce("dependencies", "licences, sources, duplicate versions");
    let mut deny = deny(invocation)?;
    // An exception that nothing needs any more is a warning.
    deny.args(["--log-level", "error", "check", "--deny", "warnings"]);
    deny.args(["licenses", "bans", "sources"]);
    if !tool::show(invocation, &mut deny)?.success() {
        bail!("a dependency is not what .cargo/deny.toml allows; it says above which and why");
    }
    Ok(())
}

fn deny(invocation: &Invocation) -> Result<Command> {
    let mut deny = Command::new(CARGO_DENY.install(invocation)?);
    deny.current_dir(&invocation.checkout.root);
    Ok(deny)
}

fn of_crates(invocation: &Invocation) -> Result<Advisories> {
    let fetched = deny(invocation)?.args(["fetch", "db"]).output()?;
    if !fetched.status.success() {
        return Ok(Advisories::NotChecked(last_line(&fetched.stderr)));
    }
    let found = deny(invocation)?.args(["check", "--disable-fetch", "advisories"]).output()?;
    let words = String::from_utf8_lossy(&found.stderr).into_owned();
    Ok(if found.status.success() { Advisories::None } else { Advisories::Found(words) })
}

fn of_packages(invocation: &Invocation) -> Result<Advisories> {
    let mut npm = Command::new("npm");
    npm.args(["audit", "--json"]).current_dir(invocation.checkout.path("frontend"));
    let answer = npm.output().context("cannot run npm; install Node.js 20.19 or newer")?;
    Ok(from_npm(&String::from_utf8_lossy(&answer.stdout)))
}

/// Reads the answer of `npm audit --json` (npm 7 and newer).
fn from_npm(answer: &str) -> Advisories {
    let Ok(report) = serde_json::from_str::<Value>(answer) else {
        return Advisories::NotChecked("npm audit gave no report".to_owned());
    };
    let Some(found) = report["vulnerabilities"].as_object() else {
        let why = report["message"].as_str().or_else(|| report["error"]["summary"].as_str());
        return Advisories::NotChecked(why.unwrap_or("npm audit gave no report").to_owned());
    };
    if found.is_empty() {
        return Advisories::None;
    }
    let line = |(name, about): (&String, &Value)| {
        format!("{name} {}: {}", about["range"].as_str().unwrap_or("*"), about["severity"])
    };
    Advisories::Found(found.iter().map(line).collect::<Vec<_>>().join("\n"))
}

/// What is said of one lock file, and whether it gates.
fn verdict(lock: &str, found: &Advisories, changed: bool, today: &str) -> (String, bool) {
    match found {
        Advisories::NotChecked(why) => (format!("{lock}: advisories not checked: {why}"), false),
        Advisories::None => (format!("{lock}: no advisories on {today}"), false),
        Advisories::Found(words) => {
            let rule = if changed { "a lock file changed" } else { "reported only" };
            (format!("{lock}: advisories on {today} ({rule}):\n{words}"), changed)
        }
    }
}

fn lock_files_changed(invocation: &Invocation, since: Option<&str>) -> Result<bool> {
    let mut git = Command::new("git");
    git.current_dir(&invocation.checkout.root).args(["diff", "--quiet"]);
    git.args([since.unwrap_or("HEAD~1"), "--"]).args(LOCK_FILES);
    match (git.output().context("cannot run git")?.status.code(), since) {
        (Some(0), _) => Ok(false),
        (Some(1), _) | (_, None) => Ok(true),
        (_, Some(since)) => bail!("git knows no revision {since}; name another with --since"),
    }
}

fn today() -> Result<String> {
    let date = Command::new("date").args(["--utc", "+%F"]).output().context("cannot run date")?;
    Ok(String::from_utf8_lossy(&date.stdout).trim().to_owned())
}

fn last_line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_of_npm_is_read() {
        let clean = r#"{"auditReportVersion":2,"vulnerabilities":{},"metadata":{}}"#;
        assert_eq!(from_npm(clean), Advisories::None);
        let found = r#"{"vulnerabilities":{"left":{"severity":"high","range":"<1.3"}}}"#;
        assert_eq!(from_npm(found), Advisories::Found("left <1.3: \"high\"".to_owned()));
        let refused = r#"{"message":"405 Method Not Allowed","error":{"summary":""}}"#;
        assert_eq!(from_npm(refused), Advisories::NotChecked("405 Method Not Allowed".to_owned()));
        assert!(matches!(from_npm(""), Advisories::NotChecked(_)));
    }

    #[test]
    fn only_what_was_found_in_a_changed_lock_file_gates() {
        let found = Advisories::Found("left".to_owned());
        let unknown = Advisories::NotChecked("no network".to_owned());
        for (found, changed, gates) in [
            (&found, true, true),
            (&found, false, false),
            (&unknown, true, false),
            (&Advisories::None, true, false),
        ] {
            let (line, gated) = verdict("Cargo.lock", found, changed, "2026-01-02");
            assert_eq!(gated, gates, "{line}");
        }
        let (line, _) = verdict("Cargo.lock", &unknown, true, "2026-01-02");
        assert_eq!(line, "Cargo.lock: advisories not checked: no network");
    }
}
