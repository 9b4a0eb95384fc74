//! Goal: what is there is what should be there; nothing is written that is so already.
//! Method: read versions of all objects, change and delete children by hand.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use harness::{
    eventually,
    kube::{CHANGE_TIMEOUT, Site, delete, spec, versions},
};
use k8s_openapi::api::{
    apps::v1::{ControllerRevision, Deployment, StatefulSet},
    core::v1::{ConfigMap, Secret, Service, ServiceAccount},
    networking::v1::{Ingress, NetworkPolicy},
    policy::v1::PodDisruptionBudget,
};
use kube::{
    ResourceExt,
    api::{Patch, PatchParams},
};
use operator::crd::ChatCluster;
use serde_json::json;

#[tokio::test]
async fn nothing_is_written_when_nothing_changed() -> Result<()> {
    let mut site = Site::start("quiet").await?;
    site.apply("team", &spec("chat:1")).await?;
    site.ready("team").await?;
    // The controllers have the last word on some statuses.
    let calm = settle(&site).await?;
    // Longer than the operator waits between two looks.
    tokio::time::sleep(Duration::from_secs(25)).await;
    ensure!(versions(&site).await? == calm, "{:?}", differing(&calm, &versions(&site).await?));
    // A new operator finds it as it should be, too.
    site.stop("one")?;
    site.operator("two")?;
    tokio::time::sleep(Duration::from_secs(15)).await;
    ensure!(versions(&site).await? == calm, "{:?}", differing(&calm, &versions(&site).await?));
    Ok(())
}

async fn settle(site: &Site) -> Result<std::collections::BTreeMap<String, String>> {
    let mut last = versions(site).await?;
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_secs(2)).await;
        let now = versions(site).await?;
        if now == last {
            return Ok(now);
        }
        last = now;
    }
    bail!("it never calms down")
}

fn differing(
    before: &std::collections::BTreeMap<String, String>,
    after: &std::collections::BTreeMap<String, String>,
) -> Vec<String> {
    let keys = before.keys().chain(after.keys());
    keys.filter(|key| before.get(*key) != after.get(*key)).cloned().collect()
}

#[tokio::test]
async fn what_is_changed_or_deleted_by_hand_is_put_back() -> Result<()> {
    let site = Site::start("drift").await?;
    site.apply("team", &spec("chat:1")).await?;
    site.ready("team").await?;
    let revision = site.selected("team").await?;
    let name = format!("team-{revision}");
    let params = PatchParams::default();
    let nobody = json!({ "spec": { "selector": { "chatcluster.dev/revision": "none" } } });
    site.api::<Service>().patch("team", &params, &Patch::Merge(nobody)).await?;
    let all = json!({ "spec": { "maxUnavailable": 3 } });
    site.api::<PodDisruptionBudget>().patch("team", &params, &Patch::Merge(all)).await?;
    let image = json!([{ "name": "server", "image": "chat:evil" }]);
    let evil = json!({ "spec": { "template": { "spec": { "containers": image } } } });
    site.api::<Deployment>().patch(&name, &params, &Patch::Strategic(evil)).await?;
    eventually("changes are undone", CHANGE_TIMEOUT, || async {
        let images: Vec<_> = site.deployments().await?.into_iter().map(|(_, i, ..)| i).collect();
        let budget = site.api::<PodDisruptionBudget>().get("team").await?;
        let budget = serde_json::to_value(budget.spec)?["maxUnavailable"].clone();
        let selected = site.selected("team").await?;
        // All three are on one node.
        if images == ["chat:1"] && budget == 2 && selected == revision {
            return Ok(());
        }
        bail!("{images:?} {budget} {selected}")
    })
    .await?;
    delete(&site.api::<Service>(), "team-pods").await?;
    delete(&site.api::<NetworkPolicy>(), "team-default-deny").await?;
    delete(&site.api::<ConfigMap>(), &name).await?;
    delete(&site.api::<Secret>(), &name).await?;
    delete(&site.api::<ServiceAccount>(), "team").await?;
    delete(&site.api::<StatefulSet>(), "team-redis").await?;
    delete(&site.api::<ControllerRevision>(), &name).await?;
    delete(&site.api::<Deployment>(), &name).await?;
    eventually("all is back", CHANGE_TIMEOUT, || async {
        site.api::<Service>().get("team-pods").await?;
        site.api::<NetworkPolicy>().get("team-default-deny").await?;
        site.api::<ConfigMap>().get(&name).await?;
        site.api::<Secret>().get(&name).await?;
        site.api::<ServiceAccount>().get("team").await?;
        site.api::<StatefulSet>().get("team-redis").await?;
        site.api::<ControllerRevision>().get(&name).await?;
        site.api::<Deployment>().get(&name).await?;
        Ok(())
    })
    .await?;
    site.ready("team").await
}

/// A label more, and nothing is selected.
#[tokio::test]
async fn a_selector_made_narrower_by_hand_is_put_back() -> Result<()> {
    let site = Site::start("narrower").await?;
    site.apply("team", &spec("chat:1")).await?;
    site.ready("team").await?;
    let selector = async || {
        let service = site.api::<Service>().get("team-redis").await?;
        anyhow::Ok(service.spec.and_then(|spec| spec.selector).unwrap_or_default())
    };
    let labels = selector().await?;
    let narrower = Patch::Merge(json!({ "spec": { "selector": { "tier": "gold" } } }));
    site.api::<Service>().patch("team-redis", &PatchParams::default(), &narrower).await?;
    eventually("it is as wide as before", CHANGE_TIMEOUT, || async {
        ensure!(selector().await? == labels, "the selector is narrower");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_is_no_longer_wanted_goes_and_passwords_stay() -> Result<()> {
    let site = Site::start("prune").await?;
    let mut wish = spec("chat:1");
    wish["ingress"] = json!({ "host": "chat.example.org" });
    wish["podTemplate"] = json!({ "labels": { "team": "x" } });
    site.apply("team", &wish).await?;
    site.ready("team").await?;
    let before = site.api::<Secret>().get("team-credentials").await?;
    ensure!(site.ours::<Ingress>().await?.len() == 1);
    wish["replicas"] = json!(1);
    wish["redis"] = json!({ "external": { "host": "cache.example" } });
    let map = wish.as_object_mut().context("a map")?;
    map.remove("ingress");
    map.remove("podTemplate");
    wish["networkPolicy"] = json!({ "enabled": false });
    site.apply("team", &wish).await?;
    eventually("what is not wanted is gone", CHANGE_TIMEOUT, || async {
        let left = [
            site.ours::<Ingress>().await?.len(),
            site.ours::<NetworkPolicy>().await?.len(),
            site.ours::<PodDisruptionBudget>().await?.len(),
            site.ours::<StatefulSet>().await?.len() - 1,
            site.ours::<Deployment>().await?.len() - 1,
            site.ours::<ConfigMap>().await?.len() - 1,
            site.ours::<Secret>().await?.len() - 2,
        ];
        if left == [0; 7] { Ok(()) } else { bail!("{left:?}") }
    })
    .await?;
    site.ready("team").await?;
    // Everything goes with the ChatCluster, but not what opens the volumes.
    delete(&site.api::<ChatCluster>(), "team").await?;
    eventually("all is gone", CHANGE_TIMEOUT, || async {
        let left = site.ours::<Deployment>().await?.len() + site.ours::<Service>().await?.len();
        if left == 0 { Ok(()) } else { bail!("{left} left") }
    })
    .await?;
    site.apply("team", &wish).await?;
    site.ready("team").await?;
    let after = site.api::<Secret>().get("team-credentials").await?;
    ensure!(before.uid() == after.uid() && before.data == after.data);
    Ok(())
}

#[tokio::test]
async fn a_paused_one_is_left_alone_and_foreign_objects_are_respected() -> Result<()> {
    let site = Site::start("paused").await?;
    let params = PatchParams::apply("somebody");
    let foreign =
        json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": { "name": "taken" } });
    site.api::<ServiceAccount>().patch("taken", &params, &Patch::Apply(foreign)).await?;
    site.apply("taken", &spec("chat:1")).await?;
    site.named("taken", "a name that somebody else has").await?;
    let mut wish = spec("chat:1");
    wish["replicas"] = json!(1);
    site.apply("team", &wish).await?;
    site.ready("team").await?;
    site.change("team", &json!({ "paused": true, "image": "chat:2" })).await?;
    site.condition("team", "Paused", "True", "").await?;
    delete(&site.api::<NetworkPolicy>(), "team-default-deny").await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let images: Vec<_> =
        site.deployments().await?.into_iter().map(|(_, image, ..)| image).collect();
    ensure!(images == ["chat:1"]);
    ensure!(site.api::<NetworkPolicy>().get_opt("team-default-deny").await?.is_none());
    site.change("team", &json!({ "paused": false })).await?;
    site.ready("team").await?;
    site.api::<NetworkPolicy>().get("team-default-deny").await?;
    Ok(())
}
