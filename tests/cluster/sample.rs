//! Goal: all samples are what the definition of `ChatCluster` allows.
//! Method: the API checks each as if it were applied, with all rules of its schema.

use anyhow::{Result, ensure};
use harness::Installation;

/// Those that need stores and certificates of a site are not applied here.
pub(crate) fn allowed(site: &Installation) -> Result<()> {
    let samples = site.checkout.path("manifests/samples").display().to_string();
    let said = site.kubectl(&["apply", "--dry-run=server", "--filename", &samples])?;
    let clusters = said.lines().filter(|line| line.starts_with("chatcluster.chatcluster.dev/"));
    ensure!(clusters.count() == 3, "not three samples: {said}");
    Ok(())
}
