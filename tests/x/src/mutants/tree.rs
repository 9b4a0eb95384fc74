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
use testbed::Invocation;

use super::{mutant::Mutant, report::Counts};

/// Several times what the longest ring takes.
const TIMEOUT: Duration = Duration::from_mins(15);

/// Command lines in the tree: those of npm in the folder of the page.
type Line = &'static [&'static str];

/// What may notice a mutant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tests {
    /// Run once.
    prepare: Option<Line>,
    /// Does it compile.
    build: Line,
    /// The cheaper ones first: what they notice, the others need not.
    rings: &'static [Line],
}

/// Of the server.
pub(super) const SERVER: Tests = Tests {
    prepare: None,
    build: &["cargo", "build", "--quiet", "--locked", "--workspace"],
    rings: &[
        &["cargo", "test", "--locked", "--package", "chat-server", "--lib"],
        &["cargo", "x", "test", "api"],
        &["cargo", "x", "test", "realtime"],
    ],
};
/// Of the page.
pub(super) const PAGE: Tests = Tests {
    prepare: Some(&["npm", "ci", "--no-audit", "--no-fund"]),
    build: &["npx", "tsc", "--noEmit"],
    rings: &[&["npm", "test"], &["cargo", "x", "test", "browser"]],
};

/// How tests went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    Green,
    Red,
    TimedOut,
}

/// The working tree in which the code is broken.
pub(super) struct Tree<'a> {
    invocation: &'a Invocation,
    tests: Tests,
    dir: PathBuf,
    /// Where the output of the tests goes.
    folder: PathBuf,
}

impl<'a> Tree<'a> {
    /// The tree at the commit of this checkout, where all tests pass; it is made in `folder`.
    pub(super) fn make(invocation: &'a Invocation, tests: Tests, folder: PathBuf) -> Result<Self> {
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
        let dir = folder.join("tree");
        if !dir.is_dir() {
            git(&["worktree", "prune"], root)?;
            let path = dir.to_string_lossy();
            git(&["worktree", "add", "--detach", &path, &head], root)?;
        }
        git(&["checkout", "--quiet", "--force", "--detach", &head], &dir)?;
        let tree = Self { invocation, tests, dir, folder };
        let lines = tests.prepare.into_iter().chain([tests.build]);
        for line in lines.chain(tests.rings.iter().copied()) {
            let ended = tree.run(line)?;
            ensure!(ended == Ended::Green, "without a mutant {} fails", line.join(" "));
        }
        Ok(tree)
    }

    /// Breaks the code, runs the tests, and repairs it.
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
        if self.run(self.tests.build)? != Ended::Green {
            return Ok(None);
        }
        for line in self.tests.rings {
            let ended = self.run(line)?;
            if ended != Ended::Green {
                return Ok(Some(ended));
            }
        }
        Ok(Some(Ended::Green))
    }

    fn command(&self, line: Line) -> Command {
        if let [program, arguments @ ..] = line
            && *program != "cargo"
        {
            let mut command = Command::new(program);
            command.args(arguments).current_dir(self.dir.join("frontend")).env("NO_COLOR", "1");
            return command;
        }
        let mut cargo = self.invocation.checkout.cargo();
        cargo.current_dir(&self.dir).env_remove("CARGO_TARGET_DIR").args(&line[1..]);
        cargo.env("X_CACHE_DIR", self.invocation.checkout.cache());
        cargo
    }

    /// Runs it until its first test fails.
    fn run(&self, line: Line) -> Result<Ended> {
        let mut log = File::create(self.folder.join(format!("{}.log", line.join("-"))))?;
        let mut command = self.command(line);
        command.stdout(Stdio::piped()).stderr(log.try_clone()?);
        let mut child = command.spawn().with_context(|| format!("cannot run {}", line[0]))?;
        let out = child.stdout.take().context("no output")?;
        let (send, lines) = mpsc::channel();
        let reader = thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        let end = Instant::now() + TIMEOUT;
        let ended = loop {
            if self.invocation.is_interrupted() {
                break None;
            }
            match lines.recv_timeout(Duration::from_millis(200)) {
                Ok(line) => {
                    writeln!(log, "{line}")?;
                    if is_failure(&line) {
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

/// A test that failed, as Rust's tests and Playwright print it.
fn is_failure(line: &str) -> bool {
    line.ends_with("... FAILED") || line.trim_start().starts_with('✘')
}

/// Ends a run of tests, which ends what it has started.
fn stop(child: &mut Child) -> Result<()> {
    if child.try_wait()?.is_none() {
        let _ = kill(Pid::from_raw(i32::try_from(child.id())?), Signal::SIGTERM);
        child.wait()?;
    }
    Ok(())
}
