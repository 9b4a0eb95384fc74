//! `cargo x test`.
use crate::World;
use anyhow::{Result, bail};
#[derive(Debug, clap::Args)]
pub(crate) struct TestArgs {
    ring: Option<String>,
}
pub(crate) fn test(_world: &World, _args: &TestArgs) -> Result<()> {
    bail!("soon")
}
