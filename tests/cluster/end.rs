//! Goal: deletions remove no more than they should: without the operator the service keeps running,
//! and without the `ChatCluster` its data stay.
//! Method: uninstall, chat; delete, look, install and apply again, and read.

use anyhow::{Context as _, Result, ensure};
use harness::{Installation, Person};

/// The operator goes; what it made does not. It comes back afterwards.
pub(crate) async fn uninstalled(site: &Installation, people: &[Person]) -> Result<()> {
    site.uninstall_operator()?;
    site.kubectl(&["get", "crd", "chatclusters.chatcluster.dev"])?;
    let room = people[0].direct(&people[1]).await?.id;
    people[0].send(room, "still here").await?;
    site.install_operator()
}

/// All pods go with the `ChatCluster`, also while no operator is there. Its volumes and passwords stay: who applies it again finds
/// everything.
pub(crate) async fn deleted(site: &mut Installation, people: &[Person]) -> Result<()> {
    let room = people[0].direct(&people[1]).await?.id;
    let last = people[0].send(room, "the last word").await?;
    site.uninstall_operator()?;
    site.delete()?;
    for component in ["server", "mysql", "redis"] {
        let left = site.pods(component)?;
        ensure!(left.is_empty(), "{left:?}");
    }
    let claims = site.kubectl(&["get", "persistentvolumeclaims", "--output=name"])?;
    ensure!(claims.lines().count() == 2, "the volumes are {claims}");

    site.install_operator()?;
    site.apply_again()?;
    let (ada, bob) = (people[0].at(&site.url), people[1].at(&site.url));
    let room = ada.direct(&bob).await?.id;
    let newest = bob.history(room).await?.messages.pop().context("no message")?;
    ensure!(newest.content == last.content, "the newest message is {newest:?}");
    Ok(())
}
