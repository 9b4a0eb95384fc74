//! Rings beside others: while one waits for its stores and servers, those that need nothing but
//! processors are run by a process of their own, whose output is kept until somebody can read it.

use std::{
    env,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow};
use testbed::{Invocation, progress::say, setup::tool};

use super::{Outcome, Ring};

/// A ring that was run, how it went, and how long it took.
pub(super) type Done = (Ring, Outcome, Duration);

/// Rings at work, one after the other.
pub(super) struct Background {
    at_work: Option<JoinHandle<Vec<Done>>>,
    dir: PathBuf,
}

impl Background {
    /// Starts these rings; their output and their outcome go into this folder.
    pub(super) fn start(invocation: &Invocation, dir: PathBuf, rings: Vec<Ring>) -> Result<Self> {
        fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
        let (invocation, place) = (invocation.clone(), dir.clone());
        let work = move || rings.into_iter().map(|ring| run(&invocation, &place, ring)).collect();
        Ok(Self { at_work: Some(thread::spawn(work)), dir })
    }

    /// Waits for them, and shows what each printed, in one piece.
    pub(super) fn finish(&mut self) -> Result<Vec<Done>> {
        let Some(at_work) = self.at_work.take() else { return Ok(Vec::new()) };
        let done =
            at_work.join().map_err(|_| anyhow!("the rings in the background have panicked"))?;
        for (ring, _, _) in &done {
            // It begins with the name of the ring, as where it runs by itself.
            let printed = fs::read_to_string(self.dir.join(ring.name())).unwrap_or_default();
            say(&format!("\n{}", printed.trim()));
        }
        Ok(done)
    }
}

impl Drop for Background {
    /// Where the run ends early they have been asked to end; nothing of them may stay.
    fn drop(&mut self) {
        let _ = self.at_work.take().map(JoinHandle::join);
    }
}

/// A ring whose process fails without an outcome has failed.
fn run(invocation: &Invocation, dir: &Path, ring: Ring) -> Done {
    let started = Instant::now();
    let outcome = outcome(invocation, dir, ring).unwrap_or_else(|_| Outcome::broken());
    (ring, outcome, started.elapsed())
}

fn outcome(invocation: &Invocation, dir: &Path, ring: Ring) -> Result<Outcome> {
    let file = dir.join(format!("{}.json", ring.name()));
    let printed = File::create(dir.join(ring.name()))?;
    let mut command = Command::new(env::current_exe()?);
    command.args(["test", ring.name(), "--outcome"]).arg(&file);
    command.current_dir(&invocation.checkout.root).stdin(Stdio::null());
    command.stdout(printed.try_clone()?).stderr(printed);
    tool::show(invocation, &mut command)?;
    Ok(serde_json::from_slice(&fs::read(&file)?)?)
}
