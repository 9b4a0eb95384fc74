//! The server of version 0.1, which installations run: that of commit 4c51096.

use std::{
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};
use testbed::{Invocation, program, setup::sources};

/// What `git archive` gave of it: all but the page and the tests.
const SOURCES: &str = "tests/fixtures/former/4c51096.tar.gz";

/// Its `chat-server`, built once for these sources.
pub(super) fn server(invocation: &Invocation) -> Result<PathBuf> {
    let archive = invocation.checkout.path(SOURCES);
    let bytes = fs::read(&archive).with_context(|| format!("cannot read {SOURCES}"))?;
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    let name = format!("programs/chat-server-4c51096-{:016x}", hasher.finish());
    let kept = invocation.checkout.cache().join(name);
    let unpack = |to: &Path| {
        let mut tar = Command::new("tar");
        tar.arg("-xzf").arg(&archive).arg("-C").arg(to);
        program::output(&mut tar).map(drop)
    };
    sources::program(invocation, ("chat-server", "version 0.1"), &kept, false, unpack)
}
