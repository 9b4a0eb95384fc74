//! `cargo x image` and `cargo x sbom`: container images without a container engine, and what is in
//! them.

use anyhow::{Result, bail};
use bare_kube::images;
use clap::Args;
use testbed::{Invocation, progress::say};

/// Arguments of `cargo x image`.
#[derive(Debug, Args)]
pub(crate) struct ImageArgs {
    /// Only this image; all of them if left out.
    name: Option<String>,
    /// With optimisations.
    #[arg(long)]
    release: bool,
}

/// Makes images and says where they are.
pub(crate) fn image(invocation: &Invocation, args: &ImageArgs) -> Result<()> {
    let mut names = images::names();
    names.retain(|name| args.name.as_deref().is_none_or(|only| only == *name));
    if names.is_empty() {
        bail!("no image has this name; there are {}", images::names().join(", "));
    }
    for file in images::make(invocation, &names, args.release)? {
        say(&file.display().to_string());
    }
    Ok(())
}

/// Prints what is linked into a program.
pub(crate) fn sbom(invocation: &Invocation, program: &str) -> Result<()> {
    say(images::list(invocation, program)?.trim_end());
    Ok(())
}
