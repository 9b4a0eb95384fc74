//! `cargo x bench`.
use crate::World;
use anyhow::{Result, bail};
#[derive(Debug, clap::Args)]
pub(crate) struct BenchArgs {
    name: Option<String>,
}
pub(crate) fn bench(_world: &World, _args: &BenchArgs) -> Result<()> {
    bail!("soon")
}
