//! Goal: a request that is never answered, as on a connection whose other end went without a word,
//! is given up, and the `ChatCluster` behind it is looked after again.
//! Method: a gate that keeps the answer to one write for ever, and opens for all others.

use anyhow::{Result, ensure};
use harness::{
    eventually,
    kube::{CHANGE_TIMEOUT, Site, spec},
};

/// In the middle of the first children.
const UNANSWERED: u32 = 5;

#[tokio::test]
async fn a_write_that_is_never_answered_is_tried_again() -> Result<()> {
    let (mut site, gate) = Site::gated("silent").await?;
    ensure!(!gate.open_until(UNANSWERED), "shut before anything was written");
    site.operator("one")?;
    site.apply("team", &spec("chat:1")).await?;
    eventually("a write has no answer", CHANGE_TIMEOUT, async || {
        ensure!(gate.is_shut(), "{} writes", gate.written());
        Ok(())
    })
    .await?;
    ensure!(gate.open_until(u32::MAX), "who waits for the answer waits on");
    eventually("it is tried again", 2 * CHANGE_TIMEOUT, || site.ready("team")).await
}
