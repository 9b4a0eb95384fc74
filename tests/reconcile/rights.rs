//! Goal: an operator may do what it does, and nothing else.
//! Method: it lives through everything with the rights of its chart; the API keeps account of who
//! asked for what. What was refused is missing; what was never asked for is too much.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use anyhow::{Context as _, Result, ensure};
use harness::{
    eventually,
    kube::{CHANGE_TIMEOUT, Site, delete, spec},
    provision,
};
use k8s_openapi::api::{
    apps::v1::{ControllerRevision, Deployment, StatefulSet},
    core::v1::{ConfigMap, PersistentVolume, Secret, Service, ServiceAccount},
    networking::v1::{Ingress, NetworkPolicy},
    policy::v1::PodDisruptionBudget,
    rbac::v1::Role,
};
use kube::{
    Api,
    api::{ListParams, Patch, PatchParams},
};
use operator::crd::ChatCluster;
use serde_json::{Value, json};

use crate::foreign::define;

/// Group, resource and verb.
type Right = (String, String, String);

/// Nobody makes volumes here.
async fn volume(site: &Site) -> Result<()> {
    let volume = json!({
        "apiVersion": "v1", "kind": "PersistentVolume", "metadata": { "name": "uploads" },
        "spec": {
            "capacity": { "storage": "1Gi" }, "accessModes": ["ReadWriteMany"],
            "hostPath": { "path": "/nowhere" },
        },
    });
    let api = Api::<PersistentVolume>::all(site.client.clone());
    api.patch("uploads", &PatchParams::apply("test"), &Patch::Apply(volume)).await?;
    Ok(())
}

/// Everything is wanted, and then little of it.
async fn rich_and_small(site: &Site, plain: &Value) -> Result<()> {
    let mut rich = plain.clone();
    rich["ingress"] = json!({ "host": "chat.example.org" });
    rich["gateway"] = json!({ "parentRefs": [{ "name": "outer" }] });
    rich["observability"] = json!({ "serviceMonitor": {}, "rules": {}, "dashboards": {} });
    rich["uploads"] = json!({ "volume": { "size": "1Gi", "accessMode": "ReadWriteMany" } });
    rich["podTemplate"] = json!({ "labels": { "team": "x" } });
    site.apply("team", &rich).await?;
    site.ready("team").await?;

    let before = site.ours::<Deployment>().await?[0].metadata.name.clone().context("a name")?;
    let mut small = plain.clone();
    small["uploads"] = rich["uploads"].clone();
    small["networkPolicy"] = json!({ "enabled": false });
    small["redis"] = json!({ "external": { "host": "cache.example" } });
    small["replicas"] = json!(1);
    site.apply("team", &small).await?;
    eventually("the old ones are gone", CHANGE_TIMEOUT, || async {
        let left = site.ours::<Deployment>().await?;
        ensure!(left.len() == 1 && left[0].metadata.name.as_deref() != Some(&before));
        ensure!(site.ours::<Ingress>().await?.is_empty());
        ensure!(site.ours::<NetworkPolicy>().await?.is_empty());
        ensure!(site.ours::<PodDisruptionBudget>().await?.is_empty());
        ensure!(site.ours::<StatefulSet>().await?.len() == 1);
        Ok(())
    })
    .await?;
    delete(&site.api::<ChatCluster>(), "team").await
}

/// Something does not come up, and its events say why; somebody deletes what he should not; a new
/// version comes; and everything goes.
async fn failure_and_end(site: &Site, plain: &Value) -> Result<()> {
    let mut stuck = plain.clone();
    stuck["mysql"]["managed"]["image"] = json!("mysql:unpullable");
    site.apply("stuck", &stuck).await?;
    site.condition("stuck", "Degraded", "True", "cannot be pulled").await?;
    delete(&site.api::<ChatCluster>(), "stuck").await?;

    site.apply("other", plain).await?;
    site.ready("other").await?;
    let name = site
        .ours::<Deployment>()
        .await?
        .into_iter()
        .filter_map(|deployment| deployment.metadata.name)
        .find(|name| name.starts_with("other"))
        .context("no servers")?;
    delete(&site.api::<Service>(), "other-pods").await?;
    delete(&site.api::<ConfigMap>(), &name).await?;
    delete(&site.api::<Secret>(), &name).await?;
    delete(&site.api::<ServiceAccount>(), "other").await?;
    delete(&site.api::<ControllerRevision>(), &name).await?;
    delete(&site.api::<Deployment>(), &name).await?;
    site.ready("other").await?;
    site.change("other", &json!({ "image": "chat:2" })).await?;
    site.ready("other").await?;
    // Its passwords will go with it.
    site.change("other", &json!({ "deletionPolicy": "Delete" })).await?;
    eventually("the passwords have an owner", CHANGE_TIMEOUT, || async {
        let secret = site.api::<Secret>().get("other-credentials").await?;
        ensure!(secret.metadata.owner_references.is_some());
        Ok(())
    })
    .await?;
    delete(&site.api::<ChatCluster>(), "other").await?;
    eventually("all is gone", CHANGE_TIMEOUT, || async {
        ensure!(site.ours::<Deployment>().await?.is_empty());
        ensure!(site.ours::<Service>().await?.is_empty());
        Ok(())
    })
    .await
}

/// What was asked for by somebody, and what was refused.
fn asked(log: &str, user: &str) -> Result<(BTreeSet<Right>, BTreeMap<String, u64>)> {
    let (mut done, mut refused) = (BTreeSet::new(), BTreeMap::new());
    for line in log.lines() {
        let event: Value = serde_json::from_str(line)?;
        if event["user"]["username"] != user {
            continue;
        }
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let object = &event["objectRef"];
        let mut resource = text(&object["resource"]);
        if let Some(sub) = object["subresource"].as_str() {
            resource = format!("{resource}/{sub}");
        }
        let (group, verb) = (text(&object["apiGroup"]), text(&event["verb"]));
        match event["responseStatus"]["code"].as_u64() {
            Some(403) => {
                *refused.entry(format!("{verb} {resource} of {group:?}")).or_default() += 1;
            }
            // Whoever applies what is not there makes it, and needs that right besides.
            Some(201) if verb == "patch" => {
                done.insert((group.clone(), resource.clone(), "create".to_owned()));
            }
            _ => {}
        }
        done.insert((group, resource, verb));
    }
    Ok((done, refused))
}

async fn granted(site: &Site) -> Result<BTreeSet<Right>> {
    let mut rights = BTreeSet::new();
    for role in site.api::<Role>().list(&ListParams::default()).await? {
        for rule in role.rules.unwrap_or_default() {
            for group in rule.api_groups.iter().flatten() {
                for resource in rule.resources.iter().flatten() {
                    for verb in &rule.verbs {
                        rights.insert((group.clone(), resource.clone(), verb.clone()));
                    }
                }
            }
        }
    }
    Ok(rights)
}

/// The API itself looks at the right to an owner's finalizers, where a child names it. And what is
/// made once is read only where somebody else has its name already.
fn is_for_the_rare((_, resource, verb): &Right) -> bool {
    let once = ["configmaps", "controllerrevisions", "jobs"];
    resource == "chatclusters/finalizers" || (verb == "get" && once.contains(&resource.as_str()))
}

#[tokio::test]
async fn an_operator_may_do_what_it_does_and_nothing_else() -> Result<()> {
    let control = provision::control_plane("rights")?;
    let mut site = Site::start_in(&control, "rights").await?;
    define(&site, "gateway.networking.k8s.io", "HTTPRoute", "httproutes").await?;
    define(&site, "monitoring.coreos.com", "ServiceMonitor", "servicemonitors").await?;
    define(&site, "monitoring.coreos.com", "PrometheusRule", "prometheusrules").await?;
    // It looks once for the kinds that others bring.
    site.kill("one")?;
    site.operator("two")?;
    volume(&site).await?;
    let plain = spec("chat:1");
    rich_and_small(&site, &plain).await?;
    failure_and_end(&site, &plain).await?;
    site.stop("two")?;

    let log = fs::read_to_string(control.config().audit_log())?;
    let user = format!("system:serviceaccount:{}:chat-operator", site.namespace);
    let (asked, refused) = asked(&log, &user)?;
    ensure!(refused.is_empty(), "these rights are missing: {refused:#?}");
    let granted = granted(&site).await?;
    let unused: Vec<_> =
        granted.difference(&asked).filter(|right| !is_for_the_rare(right)).collect();
    ensure!(unused.is_empty(), "nobody needs these rights: {unused:#?}");
    control.stop()
}
