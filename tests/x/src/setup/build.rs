//! The server.

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::tool;
use crate::{World, progress};

/// Builds `chat-server` and says where it is.
pub(crate) fn server(world: &World, release: bool) -> Result<PathBuf> {
    binary(world, "chat-server", release)
}

/// Builds a program of the workspace and says where it is. Cargo shows its own progress.
pub(crate) fn binary(world: &World, name: &str, release: bool) -> Result<PathBuf> {
    let program = world.checkout.built(name, release);
    if !program.exists() {
        progress::announce("build", &format!("{name}; the first time takes minutes"));
    }
    let mut cargo = world.checkout.cargo();
    // The features of dependencies depend on which packages are chosen. All of them, here and for
    // the tests, so that nothing is built twice.
    cargo.args(["build", "--quiet", "--locked", "--workspace", "--bin", name]);
    if release {
        cargo.arg("--release");
    }
    progress::step(
        "build",
        || {
            if !tool::show(world, &mut cargo)?.success() {
                bail!("{name} does not build; the compiler says above why");
            }
            Ok(())
        },
        |()| format!("{name}{}", if release { " (release)" } else { "" }),
    )?;
    Ok(program)
}
