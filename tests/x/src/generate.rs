//! `cargo x generate`.
use crate::World;
use anyhow::{Result, bail};
pub(crate) fn generate(_world: &World) -> Result<()> {
    bail!("soon")
}
