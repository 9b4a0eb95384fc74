//! A network, mounts and a process tree of their own, which all end with one process.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, Result};
use testbed::{Process, Timeout, process};

use super::Place;

/// A running enclave. When it is dropped, or its process is killed in whichever way, the kernel
/// ends every process in it and takes back its mounts, links and rules.
#[derive(Debug)]
pub struct Enclave {
    dir: PathBuf,
    process: Process,
}

impl Enclave {
    /// Makes one; it is not ready yet.
    pub fn start(dir: &Path, addresses: &[String], services: &str) -> Result<Self> {
        let _ = fs::remove_file(dir.join("enclave"));
        // The inner `setpriv` asks for SIGKILL where ours asks for SIGTERM, which `unshare` leaves
        // to its child, and the first process of a PID namespace receives it only if it has a
        // handler.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--", "unshare", "--mount", "--net", "--pid"]);
        command.args(["--fork", "--mount-proc", "--kill-child=KILL"]);
        command.args(["sh", "-c", include_str!("enclave.sh"), "enclave"]);
        command.arg(dir).arg(addresses.join(" ")).arg(services);
        Ok(Self { dir: dir.to_owned(), process: Process::start("enclave", command, dir)? })
    }

    /// Waits until its network is there.
    pub fn wait(&mut self, timeout: &Timeout) -> Result<()> {
        timeout.wait("the network of the cluster", || {
            self.process.must_live()?;
            Ok(self.dir.join("enclave").is_file())
        })?;
        process::leave_note(&self.dir, "init", self.init()?)?;
        Ok(())
    }

    /// Where its processes run.
    pub fn place(&self) -> Result<Place> {
        Ok(Place::Inside(self.init()?))
    }

    /// Its network, to be entered.
    pub fn network(&self) -> Result<File> {
        let path = format!("/proc/{}/ns/net", self.init()?);
        File::open(&path).with_context(|| format!("cannot open {path}"))
    }

    /// The process that everything hangs on.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    fn init(&self) -> Result<u32> {
        let outer = self.process.id();
        let children = fs::read_to_string(format!("/proc/{outer}/task/{outer}/children"))?;
        let init = children.split_whitespace().next().context("the enclave has ended")?;
        Ok(init.parse()?)
    }
}

/// Waits for the end of everything in an enclave, and removes the folders that it made in the
/// machine's own file system.
pub fn clear(dir: &Path) -> Result<()> {
    // The first process of a PID namespace ends after all others.
    process::end(dir, "init", Duration::ZERO)?;
    for made in fs::read_to_string(dir.join("made-folders")).unwrap_or_default().lines() {
        // Somebody else may use it by now; then it is not empty.
        let _ = fs::remove_dir(made);
    }
    Ok(())
}
