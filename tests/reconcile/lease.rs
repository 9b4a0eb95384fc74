//! Goal: of several operators one works, and another one takes over.
//! Method: two real operators; the one that holds the Lease is killed, or asked to end.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use harness::{
    eventually,
    kube::{CHANGE_TIMEOUT, Site, spec},
};
use k8s_openapi::api::{apps::v1::StatefulSet, coordination::v1::Lease};
use serde_json::json;

async fn holder(site: &Site) -> Result<String> {
    let lease = site.api::<Lease>().get("chat-operator").await?;
    lease.spec.and_then(|spec| spec.holder_identity).context("nobody holds it")
}

#[tokio::test]
async fn one_works_and_the_other_takes_over() -> Result<()> {
    let mut site = Site::start("lease").await?;
    eventually("one works", CHANGE_TIMEOUT, || async { holder(&site).await }).await?;
    site.operator("two")?;
    let mut wish = spec("chat:1");
    wish["replicas"] = json!(1);
    site.apply("team", &wish).await?;
    site.ready("team").await?;
    ensure!(holder(&site).await? == "one");

    site.kill("one")?;
    let killed = Instant::now();
    site.apply("other", &wish).await?;
    eventually("the other one works", CHANGE_TIMEOUT, || async {
        Ok(site.api::<StatefulSet>().get("other-mysql").await?)
    })
    .await?;
    ensure!(killed.elapsed() < Duration::from_secs(20), "took {:?}", killed.elapsed());
    ensure!(holder(&site).await? == "two");

    site.operator("three")?;
    tokio::time::sleep(Duration::from_secs(4)).await;
    ensure!(holder(&site).await? == "two", "who works is left alone");
    let asked = Instant::now();
    site.stop("two")?;
    eventually("the third one works", CHANGE_TIMEOUT, || async {
        let now = holder(&site).await?;
        if now == "three" { Ok(()) } else { bail!("{now}") }
    })
    .await?;
    ensure!(asked.elapsed() < Duration::from_secs(8), "took {:?}", asked.elapsed());
    Ok(())
}

/// More than it looks after at once, and all of them there before it.
#[tokio::test]
async fn who_starts_looks_after_all_that_are_there() -> Result<()> {
    let mut site = Site::start("start").await?;
    site.kill("one")?;
    let mut wish = spec("chat:1");
    wish["replicas"] = json!(1);
    let names: Vec<String> = (0..12).map(|n| format!("team-{n}")).collect();
    for name in &names {
        site.apply(name, &wish).await?;
    }
    site.operator("two")?;
    for name in &names {
        site.ready(name).await?;
    }
    Ok(())
}
