//! Goal: whoever opens the dashboard of the operator sees something, and no alert about it asks for
//! what is not there; what it is about, it notices.
//! Method: an operator at work, a real Prometheus that reads it, and every query of the chart's
//! panels and alerts about operators.

use std::{env, path::PathBuf, time::Duration};

use anyhow::{Result, ensure};
use harness::{
    Prometheus, TIMEOUT, eventually,
    kube::{Site, spec},
    provision, watch,
};
use k8s_openapi::api::rbac::v1::Role;
use kube::api::{DeleteParams, PostParams};
use serde_json::{Value, json};

/// What a `ServiceMonitor` makes of an operator.
const SELECTOR: &str = r#"namespace="chat-system""#;

/// Reads the operator and watches by these rules; in a folder that goes when the test is over.
async fn watching(site: &Site, rules: &[Value]) -> Result<(Prometheus, PathBuf)> {
    let dir = env::temp_dir().join(&site.namespace);
    let (labels, ops) = (json!({ "namespace": "chat-system" }), site.ops("one")?);
    Ok((Prometheus::start(&dir, &[ops], &labels, rules).await?, dir))
}

#[tokio::test]
async fn every_query_about_operators_has_an_answer() -> Result<()> {
    let site = Site::start("observe").await?;
    let (prometheus, dir) = watching(&site, &[]).await?;
    site.apply("team", &spec("chat:1")).await?;
    site.ready("team").await?;
    site.change("team", &json!({ "replicas": 2 })).await?;

    let queries = watch::queries("charts/chat-operator", SELECTOR)?;
    let own = queries.into_iter().filter(|query| !query.place.contains("fleet"));
    let queries: Vec<_> = own.collect();
    ensure!(queries.len() > 12, "queries were lost: there are {}", queries.len());
    prometheus.answers(&queries).await?;
    let ready = r#"chat_operator_clusters{ready="true"} == 1"#;
    eventually("one ChatCluster is ready", TIMEOUT, async || {
        ensure!(prometheus.ask(ready).await?.len() == 1, "another number");
        Ok(())
    })
    .await?;
    drop(prometheus);
    std::fs::remove_dir_all(dir)?;
    Ok(())
}

#[tokio::test]
async fn an_operator_that_is_gone_and_a_cluster_that_is_not_ready_are_noticed() -> Result<()> {
    let mut site = Site::start("alarm").await?;
    let rules = watch::hurried("charts/chat-operator", SELECTOR)?;
    let (prometheus, dir) = watching(&site, &rules).await?;

    let mut wish = spec("chat:1");
    wish["mysql"] = json!({ "external": { "host": "db.example", "secretRef": { "name": "db" } } });
    site.apply("team", &wish).await?;
    prometheus.fire(&["ChatClusterNotReady"], true).await?;
    site.secret("db", &[("username", "me"), ("password", "x")]).await?;
    prometheus.fire(&["ChatClusterNotReady"], false).await?;

    site.kill("one")?;
    prometheus.fire(&["ChatOperatorAbsent"], true).await?;
    site.operator("one")?;
    prometheus.fire(&["ChatOperatorAbsent"], false).await?;
    drop(prometheus);
    std::fs::remove_dir_all(dir)?;
    Ok(())
}

#[tokio::test]
async fn an_operator_that_fails_or_waits_is_noticed() -> Result<()> {
    let control = provision::control_plane("hindered")?;
    let site = Site::start_in(&control, "hindered").await?;
    let rules = watch::hurried("charts/chat-operator", SELECTOR)?;
    let (prometheus, dir) = watching(&site, &rules).await?;
    site.apply("team", &spec("chat:1")).await?;
    site.ready("team").await?;

    // It may not do its work any more.
    let rights = site.api::<Role>();
    let mut role = rights.get("chat-operator").await?;
    rights.delete("chat-operator", &DeleteParams::default()).await?;
    site.change("team", &json!({ "replicas": 2 })).await?;
    prometheus.fire(&["ChatOperatorFailing"], true).await?;
    role.metadata.resource_version = None;
    role.metadata.uid = None;
    rights.create(&PostParams::default(), &role).await?;
    prometheus.fire(&["ChatOperatorFailing"], false).await?;
    site.ready("team").await?;

    // The API does not answer for a while, in the middle of a turn.
    for replicas in 3..=8 {
        site.change("team", &json!({ "replicas": replicas })).await?;
        tokio::time::sleep(Duration::from_millis(20)).await;
        control.freeze()?;
        tokio::time::sleep(Duration::from_secs(7)).await;
        control.thaw()?;
        // Whether it was in the middle of a turn is a matter of luck.
        if prometheus.fires_within("ChatOperatorSlow", Duration::from_secs(4)).await? {
            break;
        }
    }
    prometheus.fire(&["ChatOperatorSlow"], true).await?;
    prometheus.fire(&["ChatOperatorSlow"], false).await?;
    site.ready("team").await?;
    drop(prometheus);
    std::fs::remove_dir_all(dir)?;
    control.stop()
}
