//! Where the processes of a Kubernetes run.

use std::{path::PathBuf, process::Command};

/// The machine itself, or an enclave of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Beside everything else.
    Here,
    /// In the network, the mounts and the process tree of this process.
    Inside(u32),
}

impl Place {
    /// The path by which we reach a file that its processes call so.
    #[must_use]
    pub fn file(self, path: &str) -> PathBuf {
        match self {
            Self::Here => PathBuf::from(path),
            Self::Inside(init) => PathBuf::from(format!("/proc/{init}/root{path}")),
        }
    }

    /// The command, to be run at this place. Paths must be absolute.
    #[must_use]
    pub fn command(self, command: Command) -> Command {
        let Self::Inside(init) = self else { return command };
        let mut outer = Command::new("nsenter");
        outer.args(["--target", &init.to_string(), "--mount", "--net", "--pid", "--"]);
        outer.arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => outer.env(name, value),
                None => outer.env_remove(name),
            };
        }
        outer
    }
}
