//! A process that ends with the one that started it.

mod note;
mod spawn;

use std::{
    fs::{self, File},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use nix::{
    sys::signal::{self, Signal},
    unistd::Pid,
};

pub use self::note::{end, end_leftovers, leave_note, lives};
use self::spawn::{spawn, tied};
use crate::{Timeout, program};

/// A log that is longer than this is begun anew at the next start.
const LOG_BYTES_MAX: u64 = 16 << 20;

/// How long the kernel may take to end a process that was killed.
const KILL_TIMEOUT: Duration = Duration::from_secs(30);
/// How long the kernel may take to stop all threads of a process, on a very busy machine.
const FREEZE_TIMEOUT: Duration = Duration::from_secs(30);

/// A started program, its log, and the note that lets a later run find it.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
    note: PathBuf,
}

impl Process {
    /// Starts a program in a process group of its own, so that Ctrl-C in the terminal does not
    /// reach it and we decide on the order of the end. It gets SIGTERM from the kernel where we
    /// die without a farewell. What it prints goes to `<dir>/<name>.log`.
    pub fn start(name: &str, command: Command, dir: &Path) -> Result<Self> {
        fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
        let log = dir.join(format!("{name}.log"));
        if fs::metadata(&log).is_ok_and(|about| about.len() > LOG_BYTES_MAX) {
            let _ = fs::remove_file(&log);
        }
        let out = File::options()
            .create(true)
            .append(true)
            .open(&log)
            .with_context(|| format!("cannot write {}", log.display()))?;
        let mut command = tied(command);
        command.stdin(Stdio::null()).stdout(out.try_clone()?).stderr(out).process_group(0);
        let child = spawn(command).with_context(|| format!("cannot start {name}"))?;
        let note = leave_note(dir, name, child.id())?;
        Ok(Self { name: name.to_owned(), child, log, note })
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Where its output goes.
    #[must_use]
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// An error with the last words of the process, where it has ended.
    pub fn must_live(&mut self) -> Result<()> {
        match self.ended()? {
            None => Ok(()),
            Some(status) => Err(self.obituary(status)),
        }
    }

    fn obituary(&self, status: ExitStatus) -> anyhow::Error {
        let words = last_words(&self.log);
        if words.contains("No space left") || words.contains("Errcode: 28") {
            return anyhow::anyhow!(
                "the disk is full ({} stopped); free some space and start again",
                self.name
            );
        }
        anyhow::anyhow!(
            "{} stopped ({status}); its log {} ends with:\n{words}",
            self.name,
            self.log.display()
        )
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        let pid = Pid::from_raw(i32::try_from(self.child.id())?);
        signal::kill(pid, signal).with_context(|| format!("cannot signal {}", self.name))
    }

    /// Stops all of its threads, and waits until they are stopped: one of them receives the signal
    /// first, and the others continue until that one was scheduled.
    pub fn freeze(&self) -> Result<()> {
        self.signal(Signal::SIGSTOP)?;
        let timeout = Timeout::new(FREEZE_TIMEOUT);
        timeout.wait(&format!("the standstill of {}", self.name), || is_frozen(self.id()))
    }

    /// Lets a frozen one go on.
    pub fn thaw(&self) -> Result<()> {
        self.signal(Signal::SIGCONT)
    }

    /// Asks it to end, waits, and kills it where it does not. Says whether it ended by itself.
    pub fn stop(&mut self, grace: Duration) -> Result<bool> {
        if self.ended()?.is_some() {
            self.forget();
            return Ok(true);
        }
        self.signal(Signal::SIGTERM)?;
        let end = Instant::now() + grace;
        while Instant::now() < end {
            if self.ended()?.is_some() {
                self.forget();
                return Ok(true);
            }
            thread::sleep(Duration::from_millis(10));
        }
        self.kill()?;
        Ok(false)
    }

    /// Kills it, as a crash would, with its dependent children, and waits until it has ended.
    pub fn kill(&mut self) -> Result<()> {
        if self.ended()?.is_none() {
            // It leads a group: workers that it started are in it, and would live on.
            let group = Pid::from_raw(i32::try_from(self.child.id())?);
            signal::killpg(group, Signal::SIGKILL)
                .with_context(|| format!("cannot kill {}", self.name))?;
            if program::wait_within(&mut self.child, KILL_TIMEOUT)?.is_none() {
                bail!("{} did not end after it was killed", self.name);
            }
        }
        self.forget();
        Ok(())
    }

    fn forget(&self) {
        let _ = fs::remove_file(&self.note);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

/// Do all threads of a process stand still.
fn is_frozen(pid: u32) -> Result<bool> {
    let mut all = true;
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        let stat = fs::read_to_string(thread?.path().join("stat")).unwrap_or_default();
        // The name, in brackets, may hold anything. A thread that has ended holds nothing up.
        all &= stat.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with('T'));
    }
    Ok(all)
}

/// The last lines of a log.
#[must_use]
pub fn last_words(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(8)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::{note::born, *};

    /// NGINX is such a one: its master starts workers, which would go on without it.
    #[test]
    fn workers_end_with_the_process_that_started_them() {
        let dir = std::env::temp_dir().join(format!("workers-{}", std::process::id()));
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 1000 & echo $! > \"$0\"; wait"]).arg(dir.join("worker"));
        let process = Process::start("master", command, &dir).unwrap();
        let timeout = Timeout::new(Duration::from_secs(10));
        let mut worker = 0;
        timeout
            .wait("the worker", || {
                let said = fs::read_to_string(dir.join("worker")).unwrap_or_default();
                worker = said.trim().parse().unwrap_or(0);
                Ok(worker != 0 && born(worker).is_some())
            })
            .unwrap();

        drop(process);

        timeout.wait("the end of the worker", || Ok(born(worker).is_none())).unwrap();
        fs::remove_dir_all(dir).unwrap();
    }
}
