//! Programs of the system.

use std::{env, path::PathBuf, process::Command};

use anyhow::{Context as _, Result, bail};

/// Folders that are often not in `PATH` of those who are not root.
const ALSO: [&str; 4] = ["/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/libexec"];

/// Where a program is, if it is installed.
#[must_use]
pub fn find(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(ALSO.iter().map(PathBuf::from))
        .map(|dir| dir.join(name))
        .find(|file| file.is_file())
}

/// The first of these that is installed.
pub fn first_of(names: &[&str]) -> Result<PathBuf> {
    names
        .iter()
        .find_map(|name| find(name))
        .with_context(|| format!("{} is not installed", names.join(" or ")))
}

/// Runs a program to its end and gives what it printed; its complaint becomes the error.
pub fn output(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("cannot run {name}"))?;
    if !output.status.success() {
        let mut said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        if said.is_empty() {
            String::from_utf8_lossy(&output.stdout).trim().clone_into(&mut said);
        }
        bail!("{name} failed ({}): {said}", output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
