//! Goal: a migration at work is never cut off, one that fails holds up nothing but the new version,
//! and a version that serves and then crashes does not serve again.
//! Method: images that take their time, fail or crash, on a real API.

use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use harness::{
    eventually,
    kube::{CHANGE_TIMEOUT, Site, spec},
};
use k8s_openapi::api::batch::v1::Job;
use kube::ResourceExt;
use serde_json::json;

async fn running(site: &Site) -> Result<Vec<String>> {
    let jobs = site.ours::<Job>().await?.into_iter();
    let active = |job: &Job| job.status.as_ref().and_then(|status| status.ready) == Some(1);
    Ok(jobs.filter(active).map(|job| job.name_any()).collect())
}

async fn served(site: &Site, revision: &str, count: i32) -> Result<()> {
    eventually("the revision that serves has that many servers", CHANGE_TIMEOUT, || async {
        let found = site.deployments().await?;
        let one = found.iter().find(|(name, ..)| name == revision);
        match one {
            Some((_, _, asked, ready)) if (*asked, *ready) == (count, count) => Ok(()),
            _ => bail!("{found:?}"),
        }
    })
    .await
}

#[tokio::test]
async fn a_migration_at_work_is_let_end() -> Result<()> {
    let site = Site::start("long").await?;
    site.apply("team", &spec("chat:1")).await?;
    site.ready("team").await?;
    site.change("team", &json!({ "image": "chat:long-schema" })).await?;
    let job = eventually("the migration runs", CHANGE_TIMEOUT, || async {
        let running = running(&site).await?;
        ensure!(running.len() == 1, "{running:?}");
        Ok(running[0].clone())
    })
    .await?;
    site.change("team", &json!({ "image": "chat:3" })).await?;
    site.condition("team", "MigrationsApplied", "False", "still runs").await?;
    ensure!(running(&site).await? == [job.as_str()], "it was cut off");
    ensure!(site.api::<Job>().get(&job).await?.metadata.deletion_timestamp.is_none());
    site.ready("team").await?;
    let images: Vec<_> = site.deployments().await?.into_iter().map(|(_, i, ..)| i).collect();
    ensure!(images == ["chat:3"], "{images:?}");
    Ok(())
}

#[tokio::test]
async fn while_a_migration_fails_the_old_version_follows_and_wakes() -> Result<()> {
    let site = Site::start("follow").await?;
    let mut wish = spec("chat:1");
    wish["replicas"] = json!(2);
    site.apply("team", &wish).await?;
    site.ready("team").await?;
    let good = site.selected("team").await?;
    site.change("team", &json!({ "image": "chat:bad-schema", "replicas": 4 })).await?;
    site.condition("team", "Degraded", "True", "Duplicate column").await?;
    served(&site, &good, 4).await?;
    site.change("team", &json!({ "replicas": 1 })).await?;
    served(&site, &good, 1).await?;
    site.change("team", &json!({ "hibernated": true })).await?;
    site.condition("team", "Ready", "False", "Hibernated").await?;
    site.change("team", &json!({ "hibernated": false })).await?;
    served(&site, &good, 1).await?;
    site.condition("team", "Available", "True", "").await?;
    site.condition("team", "Degraded", "True", "Duplicate column").await
}

#[tokio::test]
async fn a_version_that_serves_and_crashes_is_held() -> Result<()> {
    let site = Site::start("crashes").await?;
    let mut wish = spec("chat:1");
    wish["replicas"] = json!(4);
    // Long enough for the first one to crash before the last old one goes.
    wish["drain"]["settleSeconds"] = json!(2);
    site.apply("team", &wish).await?;
    site.ready("team").await?;
    let good = site.selected("team").await?;
    let since = Instant::now();
    site.change("team", &json!({ "image": "chat:crash-later" })).await?;
    site.condition("team", "Degraded", "True", "RevisionFailed").await?;
    ensure!(since.elapsed() < CHANGE_TIMEOUT, "held only after {:?}", since.elapsed());
    site.condition("team", "Degraded", "True", "no more memory in the heap").await?;
    served(&site, &good, 4).await?;
    // It is ready again every few seconds, longer than a ready server is waited for.
    let watched = Instant::now();
    while watched.elapsed() < Duration::from_secs(20) {
        let selected = site.selected("team").await?;
        ensure!(selected == good, "people are led to {selected} once more");
        let others = site.deployments().await?.into_iter().filter(|(name, ..)| *name != good);
        ensure!(others.map(|(_, _, asked, _)| asked).sum::<i32>() == 1, "more than one is tried");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    site.change("team", &json!({ "image": "chat:3" })).await?;
    site.ready("team").await
}
