//! Goal: a version that does not work hurts nobody: it is held, the status names the cause, and the
//! service goes on; who takes it back, or puts right what is wrong, is where they wanted to be.
//! Method: a program that migrates and then ends; an image that is nowhere; a user of the store who
//! may no longer change its schema. The pods of the new revision are counted.

use anyhow::{Result, ensure};
use harness::{Crowd, Installation, Person};

use crate::scale::CLIENTS;

/// One pod is tried, and no more.
pub(crate) async fn broken_server(site: &Installation, people: &[Person]) -> Result<()> {
    image(site, people, &site.images.broken, "this version is broken", 1).await
}

/// Not even the migration can run.
pub(crate) async fn missing_image(site: &Installation, people: &[Person]) -> Result<()> {
    image(site, people, "127.0.0.1:1/nowhere:1", "127.0.0.1:1/nowhere:1 cannot be pulled", 0).await
}

/// What careful sites have, and forget before a new version: servers that may read and write, and
/// not change the schema. With the right given back it goes on by itself.
pub(crate) async fn failing_migration(site: &Installation, people: &[Person]) -> Result<()> {
    let serving = site.status("{.status.servingRevision}")?;
    as_root(site, "REVOKE CREATE ON chat.* FROM chat@'%'")?;
    let crowd = Crowd::start(people, CLIENTS).await?;
    let pods = site.pods("server")?;
    site.patch(r#"{"podTemplate":{"annotations":{"example.org/why":"the schema"}}}"#)?;
    site.named("a user who may not change the schema").await?;
    held(site, &serving, &pods, 0)?;
    unmoved(crowd).await?;
    as_root(site, "GRANT CREATE ON chat.* TO chat@'%'")?;
    site.wait_ready()?;
    ensure!(site.status("{.status.servingRevision}")? != serving, "the old revision serves still");
    Ok(())
}

async fn image(
    site: &Installation,
    people: &[Person],
    image: &str,
    cause: &str,
    most: usize,
) -> Result<()> {
    let (serving, pods) = (site.status("{.status.servingRevision}")?, site.pods("server")?);
    let crowd = Crowd::start(people, CLIENTS).await?;
    site.patch(&format!(r#"{{"image":"{image}"}}"#))?;
    println!("         {}", site.condition("Degraded", "True", cause).await?);
    held(site, &serving, &pods, most)?;
    site.change(&format!(r#"{{"image":"{}"}}"#, site.images.server))?;
    unmoved(crowd).await?;
    ensure!(site.status("{.status.servingRevision}")? == serving, "another revision serves");
    Ok(())
}

/// The revision that served serves still, with all its pods; so many are there of another one.
fn held(site: &Installation, serving: &str, before: &[String], most: usize) -> Result<()> {
    ensure!(site.status("{.status.servingRevision}")? == serving, "another revision serves");
    let now = site.pods("server")?;
    ensure!(before.iter().all(|pod| now.contains(pod)), "{before:?} became {now:?}");
    ensure!(now.len() == before.len() + most, "{now:?} are not {most} more than {before:?}");
    Ok(())
}

async fn unmoved(crowd: Crowd) -> Result<()> {
    let lives = crowd.end().await?;
    println!("         {lives}");
    lives.must_be_calm()?;
    ensure!(lives.sum(|life| life.moves) == 0, "somebody was moved: {lives}");
    Ok(())
}

fn as_root(site: &Installation, sql: &str) -> Result<()> {
    let line = format!("MYSQL_PWD=$MYSQL_ROOT_PASSWORD mysql --user=root --execute=\"{sql}\"");
    site.kubectl(&["exec", "team-mysql-0", "--", "sh", "-c", &line]).map(drop)
}
