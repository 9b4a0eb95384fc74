//! Goal: stores may crash or go, and come back with all that was acknowledged.
//! Method: their processes killed, and their pods deleted, under a crowd.

use std::time::Duration;

use anyhow::{Result, ensure};
use harness::{Crowd, Installation, Person, eventually};

use crate::scale::CLIENTS;

/// Nobody notices: Redis carries only notifications.
pub(crate) async fn redis_crashes(site: &Installation, people: &[Person]) -> Result<()> {
    crash(site, people, "team-redis-0").await?.must_be_calm()
}

/// While it is unavailable nothing is stored or acknowledged; clients send again.
pub(crate) async fn mysql_crashes(site: &Installation, people: &[Person]) -> Result<()> {
    let lives = crash(site, people, "team-mysql-0").await?;
    ensure!(lives.sum(|life| life.cuts) == 0, "somebody was cut off: {lives}");
    Ok(())
}

/// Both pods at once; new ones open the same volumes.
pub(crate) async fn deleted(site: &Installation, people: &[Person]) -> Result<()> {
    let mut crowd = Crowd::start(people, CLIENTS).await?;
    site.kubectl(&["delete", "pod", "team-mysql-0", "team-redis-0"])?;
    await_stores(site).await?;
    crowd.be_answered().await?;
    println!("         {}", crowd.end().await?);
    Ok(())
}

async fn crash(site: &Installation, people: &[Person], pod: &str) -> Result<harness::crowd::Lives> {
    let mut crowd = Crowd::start(people, CLIENTS).await?;
    site.crash(&format!("pod/{pod}"))?;
    await_stores(site).await?;
    crowd.be_answered().await?;
    let lives = crowd.end().await?;
    println!("         {lives}");
    Ok(lives)
}

async fn await_stores(site: &Installation) -> Result<()> {
    for pod in ["pod/team-mysql-0", "pod/team-redis-0"] {
        eventually("it is there", Duration::from_mins(1), || async {
            site.kubectl(&["wait", pod, "--for=condition=Ready", "--timeout=60s"])
        })
        .await?;
    }
    site.condition("MySQLReady", "True", "").await?;
    site.condition("RedisReady", "True", "").await?;
    site.wait_ready()
}
