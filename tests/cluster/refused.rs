//! Goal: a version that does not work hurts nobody: it is held, the status names the cause, and the
//! service goes on; who takes it back is where they were.
//! Method: a program that migrates and then ends; an image that is nowhere; a migration that
//! fails. The pods of the new revision are counted.
//! covers: D6

use anyhow::{Result, ensure};
use harness::{Crowd, Person, Site};

use crate::scale::CLIENTS;

const GOOD: &str = "chat-server:0.1.0";

/// One pod is tried, and no more.
pub(crate) async fn broken_server(site: &Site, people: &[Person]) -> Result<()> {
    held(site, people, "chat-platform/broken:1", "this version is broken", 1).await
}

/// Not even the migration can run.
pub(crate) async fn missing_image(site: &Site, people: &[Person]) -> Result<()> {
    held(site, people, "127.0.0.1:1/nowhere:1", "127.0.0.1:1/nowhere:1 cannot be pulled", 0).await
}

/// An image without our program: its migration cannot end well.
pub(crate) async fn failing_migration(site: &Site, people: &[Person]) -> Result<()> {
    held(site, people, "redis:7.4", "migrate", 0).await
}

async fn held(site: &Site, people: &[Person], image: &str, cause: &str, most: usize) -> Result<()> {
    let (serving, before) = (site.status("{.status.servingRevision}")?, site.pods("server")?);
    let crowd = Crowd::start(people, CLIENTS).await?;
    site.patch(&format!(r#"{{"image":"{image}"}}"#))?;
    println!("         {}", site.told("Degraded", "True", cause).await?);
    ensure!(site.status("{.status.servingRevision}")? == serving, "another revision serves");
    let now = site.pods("server")?;
    ensure!(before.iter().all(|pod| now.contains(pod)), "{before:?} became {now:?}");
    ensure!(now.len() == before.len() + most, "{now:?} are not {most} more than {before:?}");

    site.change(&format!(r#"{{"image":"{GOOD}"}}"#))?;
    let lives = crowd.end().await?;
    println!("         {lives}");
    lives.must_be_calm()?;
    ensure!(lives.sum(|life| life.moves) == 0, "somebody was moved: {lives}");
    ensure!(site.status("{.status.servingRevision}")? == serving, "another revision serves");
    Ok(())
}
