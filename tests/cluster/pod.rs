//! Goal: a server that goes takes nothing along: a deleted one hands its clients over, and one
//! that crashes loses nothing that was acknowledged.
//! Method: a pod deleted, and all processes of one killed, under a crowd.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use harness::{Crowd, Installation, Person};

use crate::scale::CLIENTS;

/// Everybody on it is moved, and nobody cut off.
pub(crate) async fn deleted(site: &Installation, people: &[Person]) -> Result<()> {
    let crowd = Crowd::start(people, CLIENTS).await?;
    let pod = site.pods("server")?.pop().context("no server")?;
    site.kubectl(&["delete", &pod])?;
    site.wait_ready()?;
    let lives = crowd.end().await?;
    println!("         {lives}");
    lives.must_be_calm()?;
    ensure!(lives.each.iter().all(|life| life.moves <= 1), "moved more than once: {lives:?}");
    Ok(())
}

/// Its clients are cut off, and back within two seconds.
pub(crate) async fn crashed(site: &Installation, people: &[Person]) -> Result<()> {
    let crowd = Crowd::start(people, CLIENTS).await?;
    let pod = site.pods("server")?.pop().context("no server")?;
    site.crash(&pod)?;
    site.kubectl(&["wait", &pod, "--for=condition=Ready", "--timeout=60s"])?;
    site.wait_ready()?;
    let lives = crowd.end().await?;
    println!("         {lives}");
    ensure!(lives.sum(|life| life.cuts) > 0, "nobody was on that server");
    ensure!(lives.each.iter().all(|life| life.cuts <= 1), "cut more than once: {lives:?}");
    ensure!(lives.apart() <= Duration::from_secs(2), "too long apart: {lives}");
    Ok(())
}
