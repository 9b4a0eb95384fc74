//! Where the programs of a Kubernetes are.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};

/// Folders with programs, searched one after the other.
#[derive(Debug, Clone)]
pub struct Programs {
    dirs: Vec<PathBuf>,
}

impl Programs {
    /// The programs in these folders.
    #[must_use]
    pub fn new(dirs: Vec<PathBuf>) -> Self {
        Self { dirs }
    }

    /// The programs in folders that are written like `PATH`.
    #[must_use]
    pub fn in_path(path: &str) -> Self {
        Self { dirs: env::split_paths(path).collect() }
    }

    /// The folders.
    #[must_use]
    pub fn dirs(&self) -> &[PathBuf] {
        &self.dirs
    }

    /// A program of these folders, and only of these.
    pub fn find(&self, name: &str) -> Result<PathBuf> {
        self.dirs
            .iter()
            .map(|dir| dir.join(name))
            .find(|file| file.is_file())
            .with_context(|| format!("{name} was not built"))
    }

    /// The folder that holds a program.
    pub fn dir_of(&self, name: &str) -> Result<PathBuf> {
        let program = self.find(name)?;
        Ok(program.parent().unwrap_or(Path::new("/")).to_owned())
    }

    /// A program of these folders, ready to get its arguments.
    pub fn command(&self, name: &str) -> Result<Command> {
        Ok(Command::new(self.find(name)?))
    }

    /// These folders and then the system's, as `PATH` wants them.
    pub fn path(&self) -> Result<OsString> {
        let system = env::var_os("PATH").unwrap_or_default();
        let also = ["/usr/sbin", "/sbin"].map(PathBuf::from);
        let all = self.dirs.iter().cloned().chain(env::split_paths(&system)).chain(also);
        env::join_paths(all).context("a folder of programs has a colon in its name")
    }
}
