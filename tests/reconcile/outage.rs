//! Goal: a store or a Redis that becomes unavailable is named within ten seconds; a change for
//! which a dependency refuses only the new servers moves no client; a rejected spec does not hide
//! the running servers.
//! Method: pretended servers that say of themselves what real ones would say.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use chat_contract::ops::PodStatus;
use harness::{
    eventually,
    kube::{CHANGE_TIMEOUT, Site, delete, spec},
};
use k8s_openapi::api::core::v1::{Pod, Secret};
use kube::api::{DeleteParams, ListParams};
use serde_json::{Value, json};

const IN_TIME: Duration = Duration::from_secs(10);

/// With stores that somebody else looks after.
async fn external(site: &Site) -> Result<Value> {
    site.secret("db", &[("username", "me"), ("password", "x")]).await?;
    site.secret("cache", &[("password", "right")]).await?;
    let mut wish = spec("chat:1");
    wish["replicas"] = json!(2);
    wish["mysql"] = json!({ "external": { "host": "db", "secretRef": { "name": "db" } } });
    wish["redis"] = json!({ "external": { "host": "cache", "secretRef": { "name": "cache" } } });
    Ok(wish)
}

#[tokio::test]
async fn what_goes_away_later_is_named() -> Result<()> {
    let site = Site::start("away").await?;
    let wish = external(&site).await?;
    site.apply("team", &wish).await?;
    site.ready("team").await?;
    let mysql = "MySQL at db:3306: connection refused";
    let redis = "Redis: no connection to cache:6379";
    let no_mysql = PodStatus { mysql_problem: Some(mysql.to_owned()), ..PodStatus::default() };
    let no_redis = PodStatus { redis_problem: Some(redis.to_owned()), ..PodStatus::default() };
    for (status, kind, cause, reason) in [
        (no_mysql, "MySQLReady", mysql, "MySQLUnavailable"),
        (no_redis, "RedisReady", redis, "RedisUnavailable"),
    ] {
        site.servers_say(status);
        let since = Instant::now();
        site.condition("team", kind, "False", cause).await?;
        ensure!(since.elapsed() < IN_TIME, "{kind}: only after {:?}", since.elapsed());
        site.condition("team", "Degraded", "True", reason).await?;
        site.servers_say(PodStatus::default());
        site.condition("team", kind, "True", "").await?;
        site.ready("team").await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_wrong_password_moves_nobody() -> Result<()> {
    let site = Site::start("refused").await?;
    let wish = external(&site).await?;
    site.apply("team", &wish).await?;
    site.ready("team").await?;
    let good = site.selected("team").await?;
    site.secret("cache", &[("password", "wrong")]).await?;
    site.condition("team", "Degraded", "True", "RedisRefused").await?;
    site.condition("team", "RedisReady", "True", "").await?;
    // Longer than a ready server is waited for.
    tokio::time::sleep(Duration::from_secs(5)).await;
    ensure!(site.selected("team").await? == good, "people are led to servers without Redis");
    for (revision, _, asked, ready) in site.deployments().await? {
        let most = if revision == good { 2 } else { 1 };
        ensure!((asked, ready) == (most, most), "{revision}: {asked} asked for, {ready} ready");
    }
    site.secret("cache", &[("password", "another")]).await?;
    eventually("the right password moves all", CHANGE_TIMEOUT, || async {
        ensure!(site.selected("team").await? != good, "still the first ones");
        Ok(())
    })
    .await?;
    site.ready("team").await
}

#[tokio::test]
async fn a_refused_spec_does_not_hide_what_runs() -> Result<()> {
    let site = Site::start("hidden").await?;
    let wish = external(&site).await?;
    site.apply("team", &wish).await?;
    site.ready("team").await?;
    delete(&site.api::<Secret>(), "db").await?;
    site.condition("team", "Degraded", "True", "SecretMissing").await?;
    site.condition("team", "Available", "True", "2 servers accepting requests").await?;
    let cause = "MySQL at db:3306: no route to host";
    site.servers_say(PodStatus { mysql_problem: Some(cause.to_owned()), ..PodStatus::default() });
    site.condition("team", "Available", "False", "NoServerReady").await?;
    site.condition("team", "MySQLReady", "False", cause).await?;
    site.change("team", &json!({ "paused": true })).await?;
    site.condition("team", "Paused", "True", "").await?;
    site.servers_say(PodStatus::default());
    site.condition("team", "Available", "True", "2 servers accepting requests").await
}

/// A node that answers no more keeps its pods for ever.
#[tokio::test]
async fn a_pod_that_never_ends_holds_up_nothing() -> Result<()> {
    let site = Site::start("stuck").await?;
    let mut wish = spec("chat:stuck");
    wish["replicas"] = json!(2);
    site.apply("team", &wish).await?;
    site.ready("team").await?;
    let old = site.selected("team").await?;
    site.change("team", &json!({ "image": "chat:2", "replicas": 3 })).await?;
    // Each of the two is waited for as long as it may take, and a little more.
    eventually("all are moved", 4 * CHANGE_TIMEOUT, || async {
        let found = site.deployments().await?;
        let new = found.iter().filter(|(name, ..)| *name != old);
        ensure!(new.map(|(_, _, _, ready)| ready).sum::<i32>() == 3, "{found:?}");
        Ok(())
    })
    .await?;
    eventually("they are named", 2 * CHANGE_TIMEOUT, || async {
        site.condition("team", "Degraded", "True", "PodLost").await
    })
    .await?;
    site.ready("team").await?;
    let pods = site.api::<Pod>();
    for pod in pods.list(&ListParams::default()).await? {
        if pod.metadata.deletion_timestamp.is_some() {
            let name = pod.metadata.name.unwrap_or_default();
            pods.delete(&name, &DeleteParams::default().grace_period(0)).await?;
        }
    }
    site.condition("team", "Degraded", "False", "").await
}
