//! Goal: whoever works with `kubectl` finds what the definition promises: columns, a short name,
//! scaling, events; and every sample comes up.
//! Method: `kubectl` itself, on a real API.

use anyhow::{Context as _, Result, ensure};
use harness::{
    eventually,
    kube::{CHANGE_TIMEOUT, Site, spec},
};
use k8s_openapi::api::{
    core::v1::{PersistentVolume, Pod},
    events::v1::Event,
};
use kube::{
    Api, ResourceExt,
    api::{DeleteParams, ListParams, Patch, PatchParams},
};
use operator::crd::ChatCluster;
use serde_json::json;
use testbed::checkout::Checkout;

#[tokio::test]
async fn kubectl_shows_and_scales_it() -> Result<()> {
    let site = Site::start("people").await?;
    let mut wish = spec("chat:1");
    wish["replicas"] = json!(2);
    site.apply("team", &wish).await?;
    site.ready("team").await?;
    let revision = site.selected("team").await?;

    let table = site.kubectl(&["get", "cc"])?;
    let mut lines = table.lines();
    let titles: Vec<_> = lines.next().context("no titles")?.split_whitespace().collect();
    ensure!(titles == ["NAME", "READY", "REPLICAS", "REVISION", "STATUS", "AGE"], "{table}");
    let row = lines.next().context("no row")?;
    let start: Vec<_> = row.split_whitespace().take(4).collect();
    ensure!(start == ["team", "True", "2/2", revision.as_str()], "{table}");
    ensure!(row.contains("all is well"), "{table}");
    let wide = site.kubectl(&["get", "chatclusters", "--output=wide"])?;
    ensure!(wide.contains("IMAGE") && wide.contains("chat:1") && wide.contains("http://team."));
    let all = site.kubectl(&["get", "all", "--output=name"])?;
    ensure!(all.contains("chatcluster.chatcluster.dev/team"), "{all}");

    site.kubectl(&["scale", "cc/team", "--replicas=3"])?;
    site.condition("team", "Ready", "True", "3 servers ready").await?;
    let status = site.api::<ChatCluster>().get("team").await?.status.unwrap_or_default();
    let selector = status.selector.context("no selector")?;
    let pods = site.api::<Pod>().list(&ListParams::default().labels(&selector)).await?;
    ensure!(pods.items.len() == 3 && status.replicas == 3, "{selector}: {} pods", pods.items.len());
    let scale = site.api::<ChatCluster>().get_scale("team").await?;
    let scale = scale.status.context("no status of the scale")?;
    ensure!((scale.replicas, scale.selector) == (3, Some(selector)), "what autoscalers read");
    Ok(())
}

#[tokio::test]
async fn events_say_what_happens() -> Result<()> {
    let site = Site::start("events").await?;
    let mut wish = spec("chat:1");
    wish["replicas"] = json!(1);
    site.apply("team", &wish).await?;
    site.ready("team").await?;
    site.change("team", &json!({ "image": "chat:unpullable" })).await?;
    site.condition("team", "Degraded", "True", "cannot be pulled").await?;
    site.change("team", &json!({ "image": "chat:1" })).await?;
    site.ready("team").await?;
    eventually("all events are published", CHANGE_TIMEOUT, || async {
        let about = ListParams::default().fields("regarding.kind=ChatCluster");
        let events = site.api::<Event>().list(&about).await?.items;
        let published: Vec<_> = events
            .iter()
            .map(|event| {
                let text = |field: &Option<String>| field.clone().unwrap_or_default();
                (text(&event.type_), text(&event.reason), text(&event.note))
            })
            .collect();
        for (kind, reason, words) in [
            ("Normal", "AllReady", "1 server ready"),
            ("Normal", "Starting", "waits for"),
            ("Warning", "ImageNotPulled", "chat:unpullable cannot be pulled"),
            ("Normal", "AsExpected", "nothing is wrong"),
        ] {
            let is_this = |(k, r, note): &&(String, String, String)| {
                k == kind && r == reason && note.contains(words)
            };
            ensure!(
                published.iter().any(|event| is_this(&event)),
                "{kind} {reason}: {published:?}"
            );
        }
        Ok(())
    })
    .await
}

/// Nobody makes volumes here, and the smallest sample asks for two.
async fn volumes(site: &Site) -> Result<Vec<String>> {
    let names: Vec<_> = (0..2).map(|number| format!("{}-{number}", site.namespace)).collect();
    for name in &names {
        let volume = json!({
            "apiVersion": "v1", "kind": "PersistentVolume", "metadata": { "name": name },
            "spec": {
                "capacity": { "storage": "8Gi" }, "accessModes": ["ReadWriteOnce"],
                "hostPath": { "path": "/nowhere" },
            },
        });
        let api = Api::<PersistentVolume>::all(site.client.clone());
        api.patch(name, &PatchParams::apply("test"), &Patch::Apply(volume)).await?;
    }
    Ok(names)
}

#[tokio::test]
async fn every_sample_comes_up() -> Result<()> {
    let site = Site::start("samples").await?;
    let volumes = volumes(&site).await?;
    let samples = Checkout::find()?.path("manifests/samples").display().to_string();
    site.kubectl(&["apply", "--filename", &samples])?;
    let clusters = site.api::<ChatCluster>().list(&ListParams::default()).await?.items;
    ensure!(clusters.len() == 3, "{} samples", clusters.len());
    for cluster in clusters {
        site.ready(&cluster.name_any()).await.with_context(|| cluster.name_any())?;
    }
    let api = Api::<PersistentVolume>::all(site.client.clone());
    for name in volumes {
        api.delete(&name, &DeleteParams::default()).await?;
    }
    Ok(())
}
