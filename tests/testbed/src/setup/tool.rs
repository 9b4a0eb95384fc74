//! Programs that run to their end while we wait: cargo, npm, apt.

use std::{
    fs::File,
    path::Path,
    process::{Command, ExitStatus, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use nix::{sys::signal, unistd::Pid};

use crate::{Invocation, process::last_words};

/// How long the longest of them may take: all proofs, or all benchmarks.
const SHOW_TIMEOUT: Duration = Duration::from_hours(4);

/// Runs it in front of people and says how it ended.
pub fn show(invocation: &Invocation, command: &mut Command) -> Result<ExitStatus> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command.spawn().with_context(|| format!("cannot run {name}"))?;
    let mut is_signalled = false;
    let end = Instant::now() + SHOW_TIMEOUT;
    loop {
        if let Some(status) = child.try_wait()? {
            if is_set(&invocation.interrupted) {
                bail!("interrupted");
            }
            return Ok(status);
        }
        if is_set(&invocation.interrupted) && !is_signalled {
            // From a terminal it has received the signal already; otherwise it has not.
            let _ = signal::kill(Pid::from_raw(i32::try_from(child.id())?), signal::SIGTERM);
            is_signalled = true;
        }
        if Instant::now() >= end {
            let _ = child.kill();
            bail!("{name} did not end within {} minutes", SHOW_TIMEOUT.as_secs() / 60);
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// Runs it with its output in a log, of which people see the end if it fails.
pub fn quietly(invocation: &Invocation, command: &mut Command, log: &Path) -> Result<()> {
    if let Some(dir) = log.parent() {
        std::fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    }
    let out = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    command.stdin(Stdio::null()).stdout(out.try_clone()?).stderr(out);
    let status = show(invocation, command)?;
    if !status.success() {
        let words = last_words(log);
        if words.contains("No space left") || words.contains("ENOSPC") {
            bail!("the disk is full; free some space and start again");
        }
        bail!("{status}; {} says:\n{}", log.display(), complaint(log).unwrap_or(words));
    }
    Ok(())
}

/// What npm and apt mark as the error; it stands before much advice.
fn complaint(log: &Path) -> Option<String> {
    let text = std::fs::read_to_string(log).ok()?;
    let marked = |line: &&str| {
        let rest = line.strip_prefix("npm error").or_else(|| line.strip_prefix("E:"));
        rest.is_some_and(|rest| !rest.trim().is_empty())
    };
    let lines: Vec<&str> = text.lines().filter(marked).take(6).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn is_set(flag: &AtomicBool) -> bool {
    flag.load(Ordering::Relaxed)
}
