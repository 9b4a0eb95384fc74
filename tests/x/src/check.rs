//! `cargo x check`.
use crate::World;
use anyhow::{Result, bail};
pub(crate) fn check(_world: &World) -> Result<()> {
    bail!("soon")
}
