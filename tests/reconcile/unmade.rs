//! Goal: what Kubernetes refuses to make, or to take, is named within ten seconds.
//! Method: quotas, limits and specs of which Kubernetes alone knows that they cannot be.

use anyhow::Result;
use harness::{
    eventually,
    kube::{CHANGE_TIMEOUT, Site, spec},
};
use k8s_openapi::api::core::v1::{LimitRange, ResourceQuota, Service};
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

/// With a store that somebody else looks after, so that the first pod is a migration's.
async fn external(site: &Site) -> Result<Value> {
    site.secret("db", &[("username", "me"), ("password", "x")]).await?;
    let mut wish = spec("chat:1");
    wish["mysql"] = json!({ "external": { "host": "db.example", "secretRef": { "name": "db" } } });
    Ok(wish)
}

#[tokio::test]
async fn a_quota_is_named() -> Result<()> {
    let site = Site::start("quota").await?;
    let quota = json!({
        "apiVersion": "v1", "kind": "ResourceQuota", "metadata": { "name": "none" },
        "spec": { "hard": { "pods": "0" } },
    });
    let params = PatchParams::apply("test");
    let quotas = site.api::<ResourceQuota>();
    quotas.patch("none", &params, &Patch::Apply(quota)).await?;
    eventually("its controller has seen it", CHANGE_TIMEOUT, || async {
        let status = quotas.get("none").await?.status.unwrap_or_default();
        anyhow::ensure!(status.hard.is_some_and(|hard| hard.contains_key("pods")));
        Ok(())
    })
    .await?;
    site.apply("team", &spec("chat:1")).await?;
    site.named("team", "a quota without room").await?;
    site.apply("job", &external(&site).await?).await?;
    site.named("job", "a quota without room").await
}

#[tokio::test]
async fn a_limit_is_named() -> Result<()> {
    let site = Site::start("limits").await?;
    let limits = json!({
        "apiVersion": "v1", "kind": "LimitRange", "metadata": { "name": "small" },
        "spec": { "limits": [{ "type": "Container", "max": { "memory": "16Mi" } }] },
    });
    let params = PatchParams::apply("test");
    site.api::<LimitRange>().patch("small", &params, &Patch::Apply(limits)).await?;
    let mut wish = external(&site).await?;
    wish["podTemplate"] = json!({ "resources": { "limits": { "memory": "64Mi" } } });
    site.apply("team", &wish).await?;
    site.named("team", "a limit range below what is asked for").await
}

#[tokio::test]
async fn what_kubernetes_does_not_take_is_named() -> Result<()> {
    let site = Site::start("untaken").await?;
    let plain = external(&site).await?;
    let port = 30_000 + i32::try_from(std::process::id() % 2_000)?;
    let taken = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": { "name": "first" },
        "spec": { "type": "NodePort", "ports": [{ "port": 80, "nodePort": port }] },
    });
    let params = PatchParams::apply("test");
    site.api::<Service>().patch("first", &params, &Patch::Apply(taken)).await?;
    let memory = json!({ "requests": { "memory": "2Gi" }, "limits": { "memory": "1Gi" } });
    let mistakes = [
        (
            "priority",
            "podTemplate",
            json!({ "priorityClassName": "none-such" }),
            "a priority class that is not there",
        ),
        (
            "memory",
            "podTemplate",
            json!({ "resources": memory }),
            "more memory requested than allowed",
        ),
        (
            "toleration",
            "podTemplate",
            json!({ "tolerations": [{ "key": "a", "operator": "Sometimes" }] }),
            "a toleration that Kubernetes does not know",
        ),
        (
            "label",
            "podTemplate",
            json!({ "labels": { "team": "not a label!" } }),
            "a label that is none",
        ),
        (
            "port",
            "service",
            json!({ "type": "NodePort", "nodePort": port }),
            "a node port that is taken",
        ),
    ];
    for (name, field, value, mistake) in &mistakes {
        let mut wish = plain.clone();
        wish[*field] = value.clone();
        site.apply(name, &wish).await?;
        site.named(name, mistake).await?;
    }
    // And when they are put right, they come up by themselves.
    for (name, ..) in &mistakes {
        site.apply(name, &plain).await?;
    }
    for (name, ..) in &mistakes {
        site.ready(name).await?;
    }
    Ok(())
}
