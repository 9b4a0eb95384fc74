//! The working tree in which the code is broken, with a target folder of its own.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use testbed::{Invocation, setup::tool};

use super::{mutant::Mutant, report::Counts};

/// The cheaper one first: what it notices, the other one need not.
pub(super) const RINGS: [&str; 2] = ["api", "realtime"];
/// Several times what the longer ring takes.
const RING_TIMEOUT: Duration = Duration::from_mins(12);

/// How a ring went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// Every test passed.
    Green,
    /// A test failed.
    Red,
    /// It did not end.
    TimedOut,
}

/// The working tree in which the code is broken.
pub(super) struct Tree<'a> {
    invocation: &'a Invocation,
    dir: PathBuf,
}

impl<'a> Tree<'a> {
    /// The tree at the commit of this checkout.
    pub(super) fn make(invocation: &'a Invocation) -> Result<Self> {
        let root = &invocation.checkout.root;
        let git = |args: &[&str], dir: &Path| -> Result<String> {
            let out = Command::new("git").args(args).current_dir(dir).output()?;
            let complaint = String::from_utf8_lossy(&out.stderr).into_owned();
            ensure!(out.status.success(), "git {}: {complaint}", args.join(" "));
            Ok(String::from_utf8_lossy(&out.stdout).trim().to_owned())
        };
        if !git(&["status", "--porcelain"], root)?.is_empty() {
            bail!("the sample breaks what is committed; commit or stash your changes first");
        }
        let head = git(&["rev-parse", "HEAD"], root)?;
        let dir = invocation.checkout.data("mutants/tree");
        if !dir.is_dir() {
            git(&["worktree", "prune"], root)?;
            let path = dir.to_string_lossy();
            git(&["worktree", "add", "--detach", &path, &head], root)?;
        }
        git(&["checkout", "--quiet", "--force", "--detach", &head], &dir)?;
        Ok(Self { invocation, dir })
    }

    /// Breaks the code, asks the rings, and repairs it.
    pub(super) fn judge(&self, mutant: &Mutant, counts: &mut Counts) -> Result<&'static str> {
        let file = self.dir.join(&mutant.file);
        let text = fs::read_to_string(&file).with_context(|| mutant.file.clone())?;
        fs::write(&file, mutant.put_into(&text)?)?;
        let ended = self.ask();
        fs::write(&file, text)?;
        let word = match ended? {
            None => {
                counts.unviable += 1;
                "unviable"
            }
            Some(Ended::Red) => {
                counts.caught += 1;
                "caught"
            }
            Some(Ended::TimedOut) => {
                counts.timed_out += 1;
                "timed out"
            }
            Some(Ended::Green) => {
                counts.missed.push(mutant.name.clone());
                "MISSED"
            }
        };
        Ok(word)
    }

    /// `None`: it does not build.
    fn ask(&self) -> Result<Option<Ended>> {
        if !self.build()? {
            return Ok(None);
        }
        for ring in RINGS {
            let ended = self.ring(ring)?;
            if ended != Ended::Green {
                return Ok(Some(ended));
            }
        }
        Ok(Some(Ended::Green))
    }

    fn cargo(&self) -> Command {
        let mut cargo = self.invocation.checkout.cargo();
        cargo.current_dir(&self.dir).env_remove("CARGO_TARGET_DIR");
        cargo.env("X_CACHE_DIR", self.invocation.checkout.cache());
        cargo
    }

    pub(super) fn build(&self) -> Result<bool> {
        let log = self.invocation.checkout.data("mutants/build.log");
        let mut cargo = self.cargo();
        cargo.args(["build", "--quiet", "--locked", "--workspace"]).stderr(File::create(log)?);
        Ok(tool::show(self.invocation, &mut cargo)?.success())
    }

    /// Runs a ring until its first test fails.
    pub(super) fn ring(&self, ring: &str) -> Result<Ended> {
        let log = self.invocation.checkout.data(&format!("mutants/{ring}.log"));
        let mut log = File::create(log)?;
        let mut cargo = self.cargo();
        cargo.args(["x", "test", ring]).stdout(Stdio::piped()).stderr(log.try_clone()?);
        let mut child = cargo.spawn().context("cannot run cargo")?;
        let out = child.stdout.take().context("no output")?;
        let (send, lines) = mpsc::channel();
        let reader = thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        let end = Instant::now() + RING_TIMEOUT;
        let ended = loop {
            if self.invocation.is_interrupted() {
                break None;
            }
            match lines.recv_timeout(Duration::from_millis(200)) {
                Ok(line) => {
                    writeln!(log, "{line}")?;
                    if line.ends_with("... FAILED") {
                        break Some(Ended::Red);
                    }
                }
                Err(RecvTimeoutError::Timeout) if Instant::now() < end => {}
                Err(RecvTimeoutError::Timeout) => break Some(Ended::TimedOut),
                Err(RecvTimeoutError::Disconnected) => {
                    let green = child.wait()?.success();
                    break Some(if green { Ended::Green } else { Ended::Red });
                }
            }
        };
        stop(&mut child)?;
        drop(lines);
        let _ = reader.join();
        ended.context("interrupted")
    }
}

/// Ends a run of tests, which ends what it has started.
fn stop(child: &mut Child) -> Result<()> {
    if child.try_wait()?.is_none() {
        let _ = kill(Pid::from_raw(i32::try_from(child.id())?), Signal::SIGTERM);
        child.wait()?;
    }
    Ok(())
}
