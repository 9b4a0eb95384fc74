//! Goal: a change of revision hurts nobody; what does not come up moves nobody.
//! Method: the operator on a real API, a kubelet that pretends, and a watcher that counts.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use harness::{
    eventually,
    kube::{CHANGE_TIMEOUT, Site, spec},
};
use k8s_openapi::{
    api::{
        apps::v1::{Deployment, StatefulSet},
        batch::v1::Job,
        core::v1::Pod,
        policy::v1::PodDisruptionBudget,
    },
    apimachinery::pkg::util::intstr::IntOrString,
};
use kube::api::ListParams;
use serde_json::{Value, json};

#[tokio::test]
async fn servers_are_moved_one_by_one_and_clients_come_to_the_new_ones_first() -> Result<()> {
    let site = Site::start("rolling").await?;
    site.apply("team", &spec("chat:1")).await?;
    site.ready("team").await?;
    let old = site.selected("team").await?;
    site.change("team", &json!({ "image": "chat:2" })).await?;
    let mut seen = Vec::new();
    let deadline = std::time::Instant::now() + CHANGE_TIMEOUT;
    loop {
        // The Service first: it may only be newer than what is found of the pods.
        let selected = site.selected("team").await?;
        let deployments = site.deployments().await?;
        let ready: i32 = deployments.iter().map(|(.., ready)| ready).sum();
        let asked: i32 = deployments.iter().map(|(_, _, asked, _)| asked).sum();
        ensure!(asked <= 4, "more than one server too many: {deployments:?}");
        ensure!(ready >= 3, "fewer servers than before: {deployments:?}");
        let of_old = deployments.iter().find(|(name, ..)| *name == old);
        ensure!(
            selected != old || of_old.is_some_and(|(_, _, asked, _)| *asked == 3),
            "an old server goes while clients come to old ones: {deployments:?}"
        );
        let counts = deployments.iter().map(|(_, image, asked, _)| (image.clone(), *asked));
        let state: Vec<_> = counts.collect();
        if seen.last() != Some(&state) {
            seen.push(state);
        }
        if selected != old && deployments.len() == 1 {
            break;
        }
        ensure!(std::time::Instant::now() < deadline, "still at it: {seen:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    ensure!(seen.len() >= 6, "in too few steps: {seen:?}");
    site.ready("team").await
}

#[tokio::test]
async fn a_bad_image_is_held_and_undone_by_going_back() -> Result<()> {
    let site = Site::start("held").await?;
    let mut wish = spec("chat:1");
    wish["replicas"] = json!(2);
    site.apply("team", &wish).await?;
    site.ready("team").await?;
    let good = site.selected("team").await?;
    for bad in ["chat:crash", "chat:bad-schema", "chat:unpullable"] {
        site.change("team", &json!({ "image": bad })).await?;
        let words = match bad {
            "chat:crash" => "cannot read the page",
            "chat:bad-schema" => "Duplicate column",
            _ => "manifest unknown",
        };
        site.condition("team", "Degraded", "True", words).await?;
        site.condition("team", "Available", "True", "").await?;
        ensure!(site.selected("team").await? == good, "clients stay");
        let bad_ones: Vec<_> =
            site.deployments().await?.into_iter().filter(|(_, image, ..)| image == bad).collect();
        let affected: i32 = bad_ones.iter().map(|(_, _, asked, _)| asked).sum();
        ensure!(affected <= i32::from(bad == "chat:crash"), "{bad}: {bad_ones:?}");
        site.change("team", &json!({ "image": "chat:1" })).await?;
        site.ready("team").await?;
        ensure!(site.selected("team").await? == good);
        eventually("nothing of it stays", CHANGE_TIMEOUT, || async {
            let left = site.deployments().await?;
            let jobs = site.ours::<Job>().await?;
            if left.len() == 1 && jobs.len() <= 1 { Ok(()) } else { bail!("{left:?} {jobs:?}") }
        })
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn servers_follow_the_number_and_sleep_and_wake() -> Result<()> {
    let site = Site::start("scale").await?;
    site.apply("team", &spec("chat:1")).await?;
    site.ready("team").await?;
    let revision = site.selected("team").await?;
    for replicas in [1, 4] {
        site.change("team", &json!({ "replicas": replicas })).await?;
        eventually("the number is reached", CHANGE_TIMEOUT, || async {
            let found = site.deployments().await?;
            match found.as_slice() {
                [(_, _, asked, ready)] if (*asked, *ready) == (replicas, replicas) => Ok(()),
                other => bail!("{other:?}"),
            }
        })
        .await?;
    }
    // All of them are on one node, which may be drained of half of them at once.
    eventually("the budget follows the nodes", CHANGE_TIMEOUT, || async {
        let budget = site.api::<PodDisruptionBudget>().get("team").await?;
        let together = budget.spec.and_then(|spec| spec.max_unavailable);
        ensure!(together == Some(IntOrString::Int(2)), "{together:?}");
        Ok(())
    })
    .await?;
    site.change("team", &json!({ "hibernated": true })).await?;
    eventually("nothing runs", CHANGE_TIMEOUT, || async {
        let pods = site.api::<Pod>().list(&ListParams::default()).await?.items;
        let running = pods
            .iter()
            .filter(|pod| pod.status.as_ref().and_then(|s| s.phase.as_deref()) == Some("Running"));
        let running = running.count();
        if running == 0 { Ok(()) } else { bail!("{running} pods run") }
    })
    .await?;
    site.condition("team", "Progressing", "False", "Hibernated").await?;
    site.change("team", &json!({ "hibernated": false })).await?;
    site.ready("team").await?;
    ensure!(site.selected("team").await? == revision, "the same servers as before");
    Ok(())
}

#[tokio::test]
async fn servers_and_stores_grow_with_their_memory() -> Result<()> {
    let site = Site::start("grow").await?;
    site.apply("team", &spec("chat:1")).await?;
    site.ready("team").await?;
    let memory = |limit: &str| json!({ "limits": { "memory": limit } });
    let larger = json!({
        "podTemplate": { "resources": memory("4Gi") },
        "mysql": { "managed": { "resources": memory("16Gi") } },
        "redis": { "managed": { "resources": memory("8Gi"), "maxMemory": "6gb" } },
    });
    site.change("team", &larger).await?;
    let server = async || -> Result<Value> {
        let deployments = site.ours::<Deployment>().await?;
        let templates = deployments.iter().filter_map(|one| one.spec.as_ref());
        let templates: Vec<_> = templates.map(|spec| &spec.template.spec).collect();
        Ok(serde_json::to_value(templates)?[0]["containers"][0].clone())
    };
    let store = async |name: &str| -> Result<Value> {
        let store = site.api::<StatefulSet>().get(name).await?;
        let template = store.spec.map(|spec| spec.template.spec);
        Ok(serde_json::to_value(template)?["containers"][0].clone())
    };
    eventually("all have what the spec gives them", CHANGE_TIMEOUT, || async {
        let found = (server().await?, store("team-mysql").await?, store("team-redis").await?);
        let (server, mysql, redis) = &found;
        let has = |container: &Value, arg: &str| {
            container["args"].as_array().is_some_and(|args| args.contains(&json!(arg)))
        };
        let limits = [server, mysql, redis].map(|one| one["resources"]["limits"]["memory"].clone());
        ensure!(limits == ["4Gi", "16Gi", "8Gi"], "{found:?}");
        ensure!(has(mysql, "--innodb-buffer-pool-size=8589934592"), "{mysql}");
        ensure!(has(redis, "6gb") && has(redis, "allkeys-lru"), "{redis}");
        Ok(())
    })
    .await?;
    site.ready("team").await
}

#[tokio::test]
async fn a_changed_secret_rolls_the_servers_and_an_unrelated_change_does_not() -> Result<()> {
    let site = Site::start("secret").await?;
    let mut wish = spec("chat:1");
    wish["replicas"] = json!(1);
    wish["mysql"] = json!({ "external": { "host": "db", "secretRef": { "name": "db" } } });
    site.secret("db", &[("username", "me"), ("password", "one")]).await?;
    site.apply("team", &wish).await?;
    site.ready("team").await?;
    let first = site.selected("team").await?;
    site.change(
        "team",
        &json!({
            "service": { "annotations": { "a": "b" } },
            "networkPolicy": { "enabled": false },
            "ingress": { "host": "chat.example.org" },
        }),
    )
    .await?;
    site.ready("team").await?;
    ensure!(site.selected("team").await? == first, "nothing of it concerns the pods");
    let deployments = site.ours::<Deployment>().await?;
    ensure!(deployments[0].metadata.generation == Some(1), "{:?}", deployments[0].metadata);
    site.secret("db", &[("username", "me"), ("password", "two")]).await?;
    eventually("other servers serve", CHANGE_TIMEOUT, || async {
        let now = site.selected("team").await?;
        ensure!(now != first, "still the first ones");
        Ok(())
    })
    .await?;
    site.ready("team").await
}
