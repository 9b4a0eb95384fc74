//! `cargo x test mutants`: breaks the code in small ways and says which break no test notices.
//!
//! Five parts. `rules`: all of the code without I/O, against its unit tests, by cargo-mutants.
//! `model`: the same of the page, by `StrykerJS`. `commit`: all of the committer, against the
//! server's unit tests and the rings `api` and `realtime`. `sample`: some of the other code with
//! I/O, drawn by a seed, against the same. `page`: some of the page's features, against its unit
//! tests and the ring `browser`.

mod mutant;
mod report;
mod rings;
mod rules;
mod tree;

use std::{
    fmt, fs,
    path::PathBuf,
    process::Command,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, Result, bail};
use clap::{Args, ValueEnum};
use testbed::{
    Invocation,
    progress::{announce, say},
    setup::{cargo_program::CargoProgram, page, tool},
};

use self::report::Counts;

const CARGO_MUTANTS: CargoProgram =
    CargoProgram { name: "cargo-mutants", version: "27.1.0", takes: "about two minutes" };

/// What `cargo x test mutants` can be told.
#[derive(Debug, Args)]
pub(crate) struct MutantsArgs {
    /// Only this part.
    #[arg(value_enum)]
    part: Option<Part>,
    /// Only code that differs from this revision.
    #[arg(long)]
    since: Option<String>,
    /// Only a part of the mutants, such as `1/4`.
    #[arg(long, value_parser = Shard::parse)]
    shard: Option<Shard>,
    /// Draws the samples; by default other ones each time.
    #[arg(long)]
    seed: Option<u64>,
    /// How many a sample has; those that do not build are not counted.
    #[arg(long, default_value_t = 60)]
    count: usize,
}

impl MutantsArgs {
    /// Where a run keeps what it makes; each shard has a folder of its own.
    fn folder(&self, invocation: &Invocation) -> PathBuf {
        let folder = invocation.checkout.data("mutants");
        self.shard.map_or(folder.clone(), |shard| folder.join(shard.to_string()))
    }
}

/// A part of the code, and the tests that must notice a break of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// `chat-domain` and the operator's steps without I/O, against unit tests.
    Rules,
    /// The page's `model/`, against its unit tests.
    Model,
    /// The committer, against the server's unit tests and the rings `api` and `realtime`.
    Commit,
    /// `service`, `redis` and `mysql`: a sample, against the same.
    Sample,
    /// The page's `features/`: a sample, against its unit tests and the ring `browser`.
    Page,
}

/// The `index`-th of `of` parts, from 1 on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shard {
    index: usize,
    of: usize,
}

impl Shard {
    fn parse(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').and_then(|(index, of)| {
            Some(Self { index: index.parse().ok()?, of: of.parse().ok()? })
        });
        parts
            .filter(|shard| (1..=shard.of).contains(&shard.index))
            .ok_or_else(|| format!("{text} is no part such as 1/4"))
    }

    fn holds(self, place: usize) -> bool {
        place % self.of + 1 == self.index
    }

    /// How many of a sample of so many.
    fn share(self, count: usize) -> usize {
        count / self.of + usize::from(self.index <= count % self.of)
    }
}

/// As a name of a folder: `1-of-4`.
impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-of-{}", self.index, self.of)
    }
}

/// Runs the parts and says what each found; fails where a mutant was missed.
pub(crate) fn mutants(invocation: &Invocation, args: &MutantsArgs) -> Result<()> {
    let all = || vec![Part::Rules, Part::Model, Part::Commit, Part::Sample, Part::Page];
    let parts = args.part.map_or_else(all, |part| vec![part]);
    let mut all = Vec::new();
    for part in parts {
        match part {
            Part::Rules => all.extend(rules::run(invocation, args)?),
            Part::Model => model(invocation)?,
            Part::Commit => all.push(rings::commit(invocation, args)?),
            Part::Sample => all.push(rings::sample(invocation, args)?),
            Part::Page => all.push(rings::page(invocation, args)?),
        }
    }
    say(&format!("\n{}", Counts::header()));
    for counts in &all {
        say(&counts.to_string());
    }
    let missed: usize = all.iter().map(|counts| counts.missed.len()).sum();
    if missed > 0 {
        bail!(
            "{missed} mutants were missed: give each a test, or where it changes nothing a reason \
             in .cargo/mutants.toml"
        );
    }
    Ok(())
}

/// `StrykerJS` prints its own table, and fails below the threshold of its settings.
fn model(invocation: &Invocation) -> Result<()> {
    page::install(invocation)?;
    announce("mutants", "the page's model");
    let mut npm = Command::new("npm");
    npm.args(["run", "--silent", "mutants"]).current_dir(invocation.checkout.path("frontend"));
    if !tool::show(invocation, &mut npm)?.success() {
        bail!("the unit tests of the page's model missed a mutant; StrykerJS says above which");
    }
    Ok(())
}

/// cargo-mutants in this checkout.
fn cargo_mutants(invocation: &Invocation) -> Result<Command> {
    let program = CARGO_MUTANTS.install(invocation)?;
    let mut command = Command::new(program);
    command.arg("mutants").current_dir(&invocation.checkout.root);
    command.args(["--colors", "never"]);
    Ok(command)
}

/// A file with what differs from a revision, as cargo-mutants reads it.
fn difference(invocation: &Invocation, since: &str) -> Result<PathBuf> {
    let mut git = Command::new("git");
    git.current_dir(&invocation.checkout.root).args(["diff", since, "--", "*.rs"]);
    let diff = git.output().context("cannot run git")?;
    if !diff.status.success() {
        bail!("git knows no revision {since}");
    }
    let file = invocation.checkout.data("mutants/since.diff");
    fs::create_dir_all(invocation.checkout.data("mutants"))?;
    fs::write(&file, diff.stdout).context("cannot write what changed")?;
    Ok(file)
}

/// A seed that nobody chose.
fn any_seed() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    now.as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_together_are_the_whole_and_share_nothing() {
        let shards = [1, 2, 3].map(|index| Shard { index, of: 3 });
        for place in 0..10 {
            assert_eq!(shards.iter().filter(|shard| shard.holds(place)).count(), 1, "{place}");
        }
        assert_eq!(shards.map(|shard| shard.share(7)), [3, 2, 2]);
    }

    #[test]
    fn a_shard_is_read_or_refused() {
        assert_eq!(Shard::parse("2/4"), Ok(Shard { index: 2, of: 4 }));
        for wrong in ["0/4", "5/4", "4", "a/b", "1/0", ""] {
            assert!(Shard::parse(wrong).is_err(), "{wrong}");
        }
    }
}
