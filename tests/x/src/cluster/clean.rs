//! `cargo x cluster clean`.

use anyhow::{Context as _, Result, bail};
use bare_kube::{Client, runs, toolchain};
use testbed::{Invocation, progress::say};

/// Removes what a run of the ring `cluster` left in the cluster that somebody names for tests.
pub(super) fn clean(invocation: &Invocation, run: &str) -> Result<()> {
    let kubeconfig = runs::named()?.with_context(|| {
        format!(
            "{0} names no cluster; say which: {0}=FILE cargo x cluster clean --run {run}",
            runs::KUBECONFIG
        )
    })?;
    let cache = invocation.checkout.data("kubectl");
    let client = Client::new(toolchain::clients(invocation)?, Some(kubeconfig), cache);
    let there = runs::all(&client)?;
    if there.is_empty() {
        say("The cluster holds nothing of a run.");
        return Ok(());
    }
    if !there.contains(run) {
        let there: Vec<_> = there.into_iter().collect();
        bail!(
            "the cluster holds nothing of the run {run}; there is something of: {}",
            there.join(", ")
        );
    }
    for object in runs::remove(&client, run)? {
        say(&format!("{object} is gone"));
    }
    Ok(())
}
