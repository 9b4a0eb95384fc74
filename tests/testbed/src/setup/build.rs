//! The server.

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::tool;
use crate::{Invocation, progress};

/// Builds `chat-server` and says where it is.
pub fn server(invocation: &Invocation, release: bool) -> Result<PathBuf> {
    binary(invocation, "chat-server", release)
}

/// Builds a program of the workspace and says where it is. Cargo shows its own progress.
pub fn binary(invocation: &Invocation, name: &str, release: bool) -> Result<PathBuf> {
    let program = invocation.checkout.built(name, release);
    if !program.exists() {
        progress::announce("build", &format!("{name}; the first time takes minutes"));
    }
    let mut cargo = invocation.checkout.cargo();
    // The features of dependencies depend on which packages are chosen. All of them, here and for
    // the tests, so that nothing is built twice.
    cargo.args(["build", "--quiet", "--locked", "--workspace", "--bin", name]);
    if release {
        cargo.arg("--release");
    }
    progress::step(
        "build",
        || {
            if !tool::show(invocation, &mut cargo)?.success() {
                bail!("{name} does not build; the compiler says above why");
            }
            Ok(())
        },
        |()| format!("{name}{}", if release { " (release)" } else { "" }),
    )?;
    Ok(program)
}
