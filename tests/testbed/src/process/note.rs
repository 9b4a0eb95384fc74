//! Notes by which a later run finds the processes of an earlier one, and ends them.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use nix::{
    sys::signal::{self, Signal},
    unistd::Pid,
};

use super::KILL_TIMEOUT;

/// Leaves a note in this folder, with which [`end_leftovers`] finds the process again.
pub fn leave_note(dir: &Path, name: &str, pid: u32) -> Result<PathBuf> {
    let note = dir.join(format!("{name}.process"));
    let born = born(pid).unwrap_or_default();
    fs::write(&note, format!("{pid} {born}"))
        .with_context(|| format!("cannot write {}", note.display()))?;
    Ok(note)
}

/// Does the process of this note live.
#[must_use]
pub fn lives(dir: &Path, name: &str) -> bool {
    let text = fs::read_to_string(dir.join(format!("{name}.process"))).unwrap_or_default();
    read_note(&text).is_some_and(|(pid, then)| same(pid, then))
}

/// Ends the process of this note, and those that it ends itself before.
pub fn end(dir: &Path, name: &str, grace: Duration) -> Result<()> {
    end_note(&dir.join(format!("{name}.process")), grace)
}

/// Ends what an earlier run left in this folder and the ones right below. A process that has the
/// same number by chance was born at another time and is left alone.
pub fn end_leftovers(dir: &Path, grace: Duration) -> Result<()> {
    let Ok(entries) = fs::read_dir(dir) else { return Ok(()) };
    for entry in entries {
        let below = entry?.path();
        if below.is_dir() {
            end_noted(&below, grace)?;
        }
    }
    end_noted(dir, grace)
}

fn end_noted(dir: &Path, grace: Duration) -> Result<()> {
    for entry in fs::read_dir(dir)? {
        let note = entry?.path();
        if note.extension().is_none_or(|ending| ending != "process") {
            continue;
        }
        end_note(&note, grace)?;
    }
    Ok(())
}

fn end_note(note: &Path, grace: Duration) -> Result<()> {
    // One that ended in the meantime has taken its note along.
    let Ok(text) = fs::read_to_string(note) else { return Ok(()) };
    if let Some((pid, then)) = read_note(&text) {
        end_leftover(pid, then, grace)?;
    }
    let _ = fs::remove_file(note);
    Ok(())
}

fn read_note(text: &str) -> Option<(u32, &str)> {
    let (pid, then) = text.split_once(' ')?;
    Some((pid.parse().ok()?, then))
}

fn end_leftover(pid: u32, then: &str, grace: Duration) -> Result<()> {
    let number = Pid::from_raw(i32::try_from(pid)?);
    let end = Instant::now() + grace;
    let _ = same(pid, then).then(|| signal::kill(number, Signal::SIGTERM));
    while same(pid, then) {
        if Instant::now() >= end {
            let _ = signal::kill(number, Signal::SIGKILL);
        }
        if Instant::now() >= end + KILL_TIMEOUT {
            bail!("process {pid} of an earlier run did not end after it was killed");
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

fn same(pid: u32, then: &str) -> bool {
    born(pid).is_some_and(|born| born == then)
}

/// When a living process was started, in ticks since the machine was; a zombie is not living.
pub(super) fn born(pid: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, in brackets, may hold anything; fields are counted behind it.
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ');
    if fields.next()? == "Z" {
        return None;
    }
    fields.nth(18).map(str::to_owned)
}
