//! Is there room.

use anyhow::{Result, bail};
use nix::sys::statvfs::statvfs;

use crate::Invocation;

/// Logs and data of a start; a build needs more.
const RUN_MIB: u64 = 700;
const BUILD_MIB: u64 = 6_000;

/// Refuses to begin what would fail in the middle.
pub fn check(invocation: &Invocation) -> Result<()> {
    let root = &invocation.checkout.root;
    let built = invocation.checkout.built("chat-server", false).exists();
    let needed = if built { RUN_MIB } else { BUILD_MIB };
    let disk = statvfs(root)?;
    let free = disk.blocks_available() * disk.fragment_size() / (1 << 20);
    if free < needed {
        bail!(
            "the disk that holds {} is almost full: {free} MiB are free and {needed} are needed; \
             free some space and start again",
            root.display()
        );
    }
    Ok(())
}
