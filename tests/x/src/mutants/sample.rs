//! Some mutants of code with I/O, each against the rings `api` and `realtime`.
//!
//! They are made in a working tree of their own, with a target folder of its own.

use std::{
    collections::hash_map::DefaultHasher,
    fs::{self, File},
    hash::{Hash as _, Hasher as _},
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
use serde::Deserialize;
use testbed::{
    Invocation,
    progress::{announce, say},
    setup::tool,
};

use super::{MutantsArgs, any_seed, cargo_mutants, difference, report::Counts};

const CODE: [&str; 4] = ["commit", "service", "redis", "mysql"];
/// The cheaper one first: what it notices, the other one need not.
const RINGS: [&str; 2] = ["api", "realtime"];
/// Several times what the longer ring takes.
const RING_TIMEOUT: Duration = Duration::from_mins(12);

/// A mutant, as cargo-mutants lists it.
#[derive(Debug, Clone, Deserialize)]
struct Mutant {
    name: String,
    file: String,
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

/// How a ring went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    Green,
    Red,
    TimedOut,
}

/// Draws the sample and tries each.
pub(super) fn run(invocation: &Invocation, args: &MutantsArgs) -> Result<Counts> {
    let seed = args.seed.unwrap_or_else(any_seed);
    let mutants = draw(list(invocation, args)?, seed, args.count);
    announce("mutants", &format!("{} of code with I/O, seed {seed}", mutants.len()));
    let tree = Tree::make(invocation)?;
    ensure!(tree.build()?, "the unchanged tree does not build");
    for ring in RINGS {
        ensure!(tree.ring(ring)? == Ended::Green, "ring {ring} is red without a mutant");
    }
    let mut counts = Counts::of("sample");
    for (place, mutant) in mutants.into_iter().enumerate() {
        if args.shard.is_some_and(|shard| !shard.holds(place)) {
            continue;
        }
        let word = tree.judge(&mutant, &mut counts)?;
        say(&format!("{word:<9} {}", mutant.name));
    }
    Ok(counts)
}

fn list(invocation: &Invocation, args: &MutantsArgs) -> Result<Vec<Mutant>> {
    let mut command = cargo_mutants(invocation)?;
    command.args(["--no-config", "--list", "--json", "--package", "chat-server"]);
    for folder in CODE {
        command.args(["--file", &format!("chat-server/src/{folder}/**/*.rs")]);
    }
    if let Some(since) = &args.since {
        command.arg("--in-diff").arg(difference(invocation, since)?);
    }
    let out = command.output().context("cannot run cargo-mutants")?;
    let complaint = String::from_utf8_lossy(&out.stderr).into_owned();
    ensure!(out.status.success(), "cargo-mutants lists nothing: {complaint}");
    serde_json::from_slice(&out.stdout).context("the list of cargo-mutants has another shape")
}

/// The same for the same seed, also where others were added.
fn draw(mut mutants: Vec<Mutant>, seed: u64, count: usize) -> Vec<Mutant> {
    mutants.sort_by_cached_key(|mutant| {
        let mut hasher = DefaultHasher::new();
        (seed, &mutant.name).hash(&mut hasher);
        hasher.finish()
    });
    mutants.truncate(count);
    mutants
}

/// The working tree in which the code is broken.
struct Tree<'a> {
    invocation: &'a Invocation,
    dir: PathBuf,
}

impl<'a> Tree<'a> {
    /// The tree at the commit of this checkout.
    fn make(invocation: &'a Invocation) -> Result<Self> {
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
    fn judge(&self, mutant: &Mutant, counts: &mut Counts) -> Result<&'static str> {
        let file = self.dir.join(&mutant.file);
        let text = fs::read_to_string(&file).with_context(|| mutant.file.clone())?;
        fs::write(&file, broken(&text, mutant)?)?;
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

    fn build(&self) -> Result<bool> {
        let log = self.invocation.checkout.data("mutants/build.log");
        let mut cargo = self.cargo();
        cargo.args(["build", "--quiet", "--locked", "--workspace"]).stderr(File::create(log)?);
        Ok(tool::show(self.invocation, &mut cargo)?.success())
    }

    /// Runs a ring until its first test fails.
    fn ring(&self, ring: &str) -> Result<Ended> {
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

/// The text with the mutant in it.
fn broken(text: &str, mutant: &Mutant) -> Result<String> {
    let Span { start, end } = mutant.span;
    let (start, end) = (offset(text, start), offset(text, end));
    let (start, end) = start.zip(end).with_context(|| format!("no place for {}", mutant.name))?;
    ensure!(start <= end, "no place for {}", mutant.name);
    Ok(format!("{}{}{}", &text[..start], mutant.replacement, &text[end..]))
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
    use super::*;

    fn mutant(start: (usize, usize), end: (usize, usize), replacement: &str) -> Mutant {
        let place = |(line, column)| Place { line, column };
        Mutant {
            name: "m".to_owned(),
            file: "a.rs".to_owned(),
            span: Span { start: place(start), end: place(end) },
            replacement: replacement.to_owned(),
        }
    }

    #[test]
    fn a_mutant_takes_the_place_of_what_it_breaks() {
        let text = "fn a() {\n    let é = x == y;\n}\n";
        let broken = |mutant: &Mutant| broken(text, mutant).unwrap();
        assert_eq!(broken(&mutant((2, 15), (2, 17), "!=")), "fn a() {\n    let é = x != y;\n}\n");
        assert_eq!(broken(&mutant((1, 8), (3, 2), "{}")), "fn a() {}\n");
    }

    #[test]
    fn a_seed_draws_the_same_sample_and_another_one_another() {
        let all: Vec<_> = (0..100)
            .map(|n| Mutant { name: n.to_string(), ..mutant((1, 1), (1, 1), "") })
            .collect();
        let names = |seed| -> Vec<_> {
            draw(all.clone(), seed, 10).into_iter().map(|mutant| mutant.name).collect()
        };
        assert_eq!(names(7), names(7));
        assert_eq!(names(7).len(), 10);
        assert_ne!(names(7), names(8));
    }
}
