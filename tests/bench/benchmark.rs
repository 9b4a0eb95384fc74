//! What a benchmark is, which server it drives, and how it runs.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use harness::{World, env::Env, world::WorldBuilder};
use serde_json::json;
use testbed::mysql;

use crate::report::{Bar, Figures, medians};

/// A benchmark, under the name that people type.
#[derive(Debug)]
pub(crate) struct Benchmark {
    pub(crate) name: &'static str,
    /// How often it runs for its medians.
    pub(crate) runs: usize,
    /// What its figures must reach.
    pub(crate) bars: &'static [(&'static str, Bar)],
    /// Runs it once.
    pub(crate) run: fn(&Setup) -> Result<Figures>,
}

impl Benchmark {
    /// Runs it, prints its figures and keeps their medians.
    pub(crate) fn measure(&self) -> Result<()> {
        println!("\n{}", self.name);
        let mut runs: Vec<Figures> = Vec::new();
        for number in 1..=self.runs {
            let figures = self.once(&Setup::default()).with_context(|| format!("run {number}"))?;
            let line: Vec<String> =
                figures.iter().map(|(key, value)| format!("{key} {value:.3}")).collect();
            println!("  run {number}: {}", line.join(", "));
            runs.push(figures);
        }
        let medians = medians(&runs);
        for (key, value) in &medians {
            let bar = self.bars.iter().find(|(name, _)| name == key);
            let verdict = bar.map(|(_, bar)| bar.verdict(*value)).unwrap_or_default();
            println!("  {key:<28} {value:>14.3}   {verdict}");
        }
        let figures = json!({ "name": self.name, "medians": medians, "runs": runs });
        harness::figures::leave("CHAT_BENCH_RESULTS", self.name, &figures)
    }

    /// Runs it once, from nothing: what was written before is on the disk, and what this run
    /// stored is removed behind it.
    pub(crate) fn once(&self, setup: &Setup) -> Result<Figures> {
        // What a build or the run before left to write would be written in the middle of this one,
        // and every commit waits for the same disk.
        nix::unistd::sync();
        let figures = (self.run)(setup).with_context(|| self.name)?;
        remove_databases()?;
        Ok(figures)
    }
}

/// Removes the databases of worlds that have ended, and the binary log of what was done to them.
fn remove_databases() -> Result<()> {
    let url = Env::read()?.mysql_url;
    let worlds = mysql::query(&url, r"SHOW DATABASES LIKE 'test\_%'")?;
    for world in worlds.lines() {
        mysql::query(&url, &format!("DROP DATABASE {world}"))?;
    }
    mysql::query(&url, "FLUSH BINARY LOGS; PURGE BINARY LOGS BEFORE NOW()")?;
    Ok(())
}

/// Which server a benchmark drives, and for how long: the built one, or another one in one of many
/// pairs.
#[derive(Debug, Default)]
pub(crate) struct Setup {
    paired: Option<PathBuf>,
}

impl Setup {
    /// A run of this program in a pair.
    pub(crate) fn paired(program: &Path) -> Self {
        Self { paired: Some(program.to_owned()) }
    }

    /// A size: that of a run alone, or that of one in a pair. The latter is smaller, but where p99
    /// counts: over a few seconds that is a matter of chance.
    pub(crate) fn size(&self, alone: u64, paired: u64) -> u64 {
        if self.is_paired() { paired } else { alone }
    }

    /// Is it one of many runs in pairs.
    pub(crate) fn is_paired(&self) -> bool {
        self.paired.is_some()
    }

    /// A world with this server, which logs warnings alone.
    pub(crate) fn world(&self, name: &str) -> WorldBuilder {
        let world = World::named(name).setting("CHAT_LOG", "warn");
        match &self.paired {
            Some(program) => world.program(program),
            None => world,
        }
    }
}
