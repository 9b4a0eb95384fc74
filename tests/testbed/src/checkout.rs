//! Where things are: the checkout, what is built, what is kept between runs.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Result, bail};

/// The folders of one checkout.
#[derive(Debug, Clone)]
pub struct Checkout {
    /// The folder with the workspace's `Cargo.toml`.
    pub root: PathBuf,
    /// Cargo's target folder; it may lie elsewhere.
    pub target: PathBuf,
}

impl Checkout {
    /// The checkout that the current folder belongs to.
    pub fn find() -> Result<Self> {
        let here = env::current_dir()?;
        let Some(root) = here.ancestors().find(|dir| is_workspace(dir)) else {
            bail!("{} is not inside the project; change into its folder", here.display());
        };
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(dir) => root.join(dir),
            None => root.join("target"),
        };
        Ok(Self { root: root.to_owned(), target })
    }

    /// A file or folder of the checkout.
    #[must_use]
    pub fn path(&self, inside: &str) -> PathBuf {
        self.root.join(inside)
    }

    /// What `x` keeps: always in the checkout, so that two checkouts that share a Cargo target
    /// folder do not share their data.
    #[must_use]
    pub fn data(&self, name: &str) -> PathBuf {
        self.root.join("target/x").join(name)
    }

    /// What saves time and can be made anew; continuous integration keeps it between clones.
    #[must_use]
    pub fn cache(&self) -> PathBuf {
        env::var_os("X_CACHE_DIR").map_or_else(|| self.data("cache"), PathBuf::from)
    }

    /// Cargo in this checkout, without the environment of an outer Cargo: build scripts would read
    /// it and run again.
    #[must_use]
    pub fn cargo(&self) -> Command {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.current_dir(&self.root).stdin(Stdio::null());
        if env::var_os("CARGO_TARGET_DIR").is_some() {
            // It may be relative, or that of another checkout.
            cargo.env("CARGO_TARGET_DIR", &self.target);
        }
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            let set_by_cargo = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];
            if set_by_cargo.iter().any(|start| text.starts_with(start)) || text == "CARGO" {
                cargo.env_remove(&name);
            }
        }
        cargo
    }

    /// A program of the workspace, as Cargo leaves it.
    #[must_use]
    pub fn built(&self, program: &str, release: bool) -> PathBuf {
        self.target.join(if release { "release" } else { "debug" }).join(program)
    }
}

fn is_workspace(dir: &Path) -> bool {
    dir.join(".cargo/config.toml").is_file() && dir.join("tests/x/Cargo.toml").is_file()
}
