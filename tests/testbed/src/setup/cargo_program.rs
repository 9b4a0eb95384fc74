//! Programs that Cargo installs, in one version, kept in the cache.

use std::{fs, path::PathBuf};

use anyhow::{Context as _, Result};

use super::tool;
use crate::{Invocation, progress};

/// A program and its package, which have one name.
#[derive(Debug, Clone, Copy)]
pub struct CargoProgram {
    /// Such as `cargo-deny`.
    pub name: &'static str,
    /// The version of the package, whole.
    pub version: &'static str,
    /// How long the first time takes on two processors, for those who wait.
    pub takes: &'static str,
}

impl CargoProgram {
    /// Installs it where it is missing, and says where it is.
    ///
    /// # Errors
    /// The package cannot be had, or does not build.
    pub fn install(self, invocation: &Invocation) -> Result<PathBuf> {
        let Self { name, version, takes } = self;
        let dir = invocation.checkout.cache().join("programs").join(format!("{name}-{version}"));
        let program = dir.join("bin").join(name);
        if program.is_file() {
            return Ok(program);
        }
        progress::announce("programs", &format!("{name}; the first time takes {takes}"));
        // Renamed when complete, so that an interrupted build is never taken for a program. One
        // for each process: two at once do the work twice, and neither disturbs the other.
        let half = dir.with_extension(format!("half-{}", std::process::id()));
        let build = half.join("build");
        let log = invocation.checkout.data(&format!("{name}.log"));
        let mut cargo = invocation.checkout.cargo();
        cargo.args(["install", "--locked", name, "--version", version, "--root"]).arg(&half);
        cargo.arg("--target-dir").arg(&build);
        progress::step(
            "programs",
            || {
                tool::quietly(invocation, &mut cargo, &log)
                    .with_context(|| format!("cannot install {name} {version}"))?;
                fs::remove_dir_all(&build)?;
                // Another run was first.
                if fs::rename(&half, &dir).is_err() && !program.is_file() {
                    anyhow::bail!("cannot make {}", dir.display());
                }
                let _ = fs::remove_dir_all(&half);
                Ok(())
            },
            |()| format!("{name} {version}"),
        )?;
        Ok(program)
    }
}
