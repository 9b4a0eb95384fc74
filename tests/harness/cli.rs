//! The project's own command, as people type it: `cargo x …`.

use std::{
    collections::BTreeMap,
    env,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use nix::{
    sys::signal::{self, Signal},
    unistd::Pid,
};
use testbed::{checkout::Checkout, program};

use crate::eventually;

/// Stores and servers are started from nothing, on a busy machine.
const COMMAND_TIMEOUT: Duration = Duration::from_mins(2);

/// `cargo x` with these arguments.
pub fn command(args: &[&str]) -> Result<Command> {
    let program = env::var("CHAT_TEST_X").context("start this ring with: cargo x test")?;
    let mut command = Command::new(program);
    command.args(args).current_dir(Checkout::find()?.root).stdin(Stdio::null());
    Ok(command)
}

/// Runs it to its end, and gives what it printed.
pub fn output(args: &[&str]) -> Result<String> {
    program::output(&mut command(args)?).with_context(|| format!("cargo x {}", args.join(" ")))
}

/// Runs a command that must fail, and gives its complaint.
pub fn complaint(command: &mut Command) -> Result<String> {
    let output = program::run(command, &[], COMMAND_TIMEOUT)?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(!output.status.success(), "it succeeded: {}", String::from_utf8_lossy(&output.stdout));
    ensure!(said.trim_end().lines().count() == 1, "not one sentence: {said}");
    Ok(said)
}

/// `cargo x cluster` with a cluster of a test's own, which goes with it.
pub struct ClusterCommand {
    /// Its name, as in `cargo x cluster --name NAME`.
    pub name: String,
}

impl ClusterCommand {
    /// Not up yet.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self { name: format!("cluster-{name}-{}", std::process::id()) }
    }

    /// Runs a subcommand to its end, and gives what it printed.
    pub fn run(&self, args: &[&str]) -> Result<String> {
        output(&self.words(args))
    }

    /// Runs one that must fail, and gives its complaint.
    pub fn complaint(&self, args: &[&str]) -> Result<String> {
        complaint(&mut command(&self.words(args))?)
    }

    fn words<'a>(&'a self, args: &[&'a str]) -> Vec<&'a str> {
        [&["cluster", "--name", &self.name], args].concat()
    }
}

impl Drop for ClusterCommand {
    fn drop(&mut self) {
        let _ = self.run(&["down"]);
    }
}

/// The data of a run of the product, which nobody else uses; they go with the test.
pub struct Data {
    /// Its name, as in `cargo x run --data NAME`.
    pub name: String,
    dir: PathBuf,
}

impl Data {
    /// None yet.
    pub fn named(name: &str) -> Result<Self> {
        let name = format!("test-{name}-{}", std::process::id());
        let dir = Checkout::find()?.data(&name);
        Ok(Self { name, dir })
    }

    /// Where they are.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Processes of the run, by name, which are there or were there when it was killed.
    pub fn processes(&self) -> Result<BTreeMap<String, u32>> {
        let mut found = BTreeMap::new();
        for dir in [".", "mysql", "redis", "servers", "nginx"].map(|below| self.dir.join(below)) {
            for entry in fs::read_dir(dir).into_iter().flatten() {
                let note = entry?.path();
                if note.extension().is_some_and(|ending| ending == "process") {
                    let text = fs::read_to_string(&note).unwrap_or_default();
                    let pid = text.split(' ').next().and_then(|pid| pid.parse().ok());
                    let name = note.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                    found.extend(pid.map(|pid| (name, pid)));
                }
            }
        }
        Ok(found)
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        let _ = testbed::process::end_leftovers(&self.dir, Duration::from_secs(5));
        let _ = fs::remove_dir_all(&self.dir);
        let _ = fs::remove_file(self.dir.with_extension("lock"));
        let _ = fs::remove_file(self.dir.with_extension("said"));
    }
}

/// `cargo x run` at work. It is killed where the test forgets it.
pub struct Run {
    child: Child,
    said: PathBuf,
}

impl Run {
    /// Starts it.
    pub fn start(data: &Data, port: u16, more: &[&str]) -> Result<Self> {
        let said = data.dir.with_extension("said");
        let out = File::create(&said)?;
        let port = port.to_string();
        let args = ["run", "--no-page", "--data", &data.name, "--port", &port];
        let mut command = command(&[&args[..], more].concat())?;
        command.stdout(out.try_clone()?).stderr(out);
        Ok(Self { child: command.spawn()?, said })
    }

    /// What it has printed.
    #[must_use]
    pub fn said(&self) -> String {
        fs::read_to_string(&self.said).unwrap_or_default()
    }

    /// Waits until it has printed this, and gives what it has printed.
    pub async fn says(&self, words: &str) -> Result<String> {
        eventually(words, COMMAND_TIMEOUT, || async {
            let said = self.said();
            ensure!(said.contains(words), "it says {said}");
            Ok(said)
        })
        .await
    }

    /// Ctrl-C.
    pub fn interrupt(&self) -> Result<()> {
        let pid = Pid::from_raw(self.child.id().try_into()?);
        Ok(signal::kill(pid, Signal::SIGINT)?)
    }

    /// Has it ended, and how.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Kills it, as a crash does.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        let ended = program::wait_within(&mut self.child, COMMAND_TIMEOUT)?;
        ensure!(ended.is_some(), "it did not end after it was killed");
        Ok(())
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

/// Is a process at work: one that waits to be buried is not.
#[must_use]
pub fn lives(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

/// Fails while one of these is at work.
pub fn must_be_gone(processes: &BTreeMap<String, u32>) -> Result<()> {
    match processes.iter().find(|(_, pid)| lives(**pid)) {
        None => Ok(()),
        Some((name, pid)) => bail!("{name} is left: process {pid}"),
    }
}
