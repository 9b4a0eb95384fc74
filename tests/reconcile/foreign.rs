//! Goal: objects of others, objects of an older operator, and deleted passwords are handled; what
//! cannot be created is named.
//! Method: objects by other hands, on a real API.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use harness::{
    eventually,
    kube::{CHANGE_TIMEOUT, Site, delete, spec},
};
use k8s_openapi::{
    api::{
        apps::v1::{ControllerRevision, Deployment, StatefulSet},
        core::v1::{Pod, Secret, Service},
        networking::v1::Ingress,
    },
    apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition,
    apimachinery::pkg::runtime::RawExtension,
};
use kube::{
    Api, ResourceExt,
    api::{ApiResource, DynamicObject, ListParams, Patch, PatchParams, PostParams},
};
use operator::{crd::ChatCluster, observe::OptionalKind};
use serde_json::{Value, json};

const NOT_OURS: &str = "ServiceMonitor team is there already and is not ours";

/// A definition that takes anything, of a kind that others bring.
pub(crate) async fn define(site: &Site, group: &str, kind: &str, plural: &str) -> Result<()> {
    let name = format!("{plural}.{group}");
    let schema = json!({ "openAPIV3Schema": {
        "type": "object", "x-kubernetes-preserve-unknown-fields": true,
    } });
    let definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {
            "name": name,
            // Names below *.k8s.io want it; this one is a stand-in.
            "annotations": { "api-approved.kubernetes.io": "unapproved, for a test" },
        },
        "spec": {
            "group": group, "scope": "Namespaced",
            "names": { "kind": kind, "plural": plural },
            "versions": [{ "name": "v1", "served": true, "storage": true, "schema": schema,
                "subresources": { "status": {} } }],
        },
    });
    let api = Api::<CustomResourceDefinition>::all(site.client.clone());
    api.patch(&name, &PatchParams::apply("test"), &Patch::Apply(definition)).await?;
    Ok(())
}

/// A `ServiceMonitor` by another hand, with the name of the `ChatCluster`.
async fn monitor_of_others(site: &Site) -> Result<(Api<DynamicObject>, DynamicObject)> {
    define(site, "monitoring.coreos.com", "ServiceMonitor", "servicemonitors").await?;
    let resource = OptionalKind::ServiceMonitor.resource();
    let api: Api<DynamicObject> =
        Api::namespaced_with(site.client.clone(), &site.namespace, &resource);
    let mut theirs = DynamicObject::new("team", &resource);
    theirs.data = json!({ "spec": { "endpoints": [{ "port": "theirs" }] } });
    let made = eventually("the kind is known", CHANGE_TIMEOUT, || async {
        Ok(api.create(&PostParams::default(), &theirs).await?)
    })
    .await?;
    Ok((api, made))
}

#[tokio::test]
async fn a_monitor_of_somebody_else_stays_as_it_is() -> Result<()> {
    let site = Site::start("monitor").await?;
    let (api, made) = monitor_of_others(&site).await?;
    let mut wish = spec("chat:1");
    wish["observability"] = json!({ "serviceMonitor": {} });
    site.apply("team", &wish).await?;
    site.condition("team", "Degraded", "True", NOT_OURS).await?;
    site.change("team", &json!({ "observability": null })).await?;
    site.ready("team").await?;
    let now = api.get("team").await?;
    ensure!(now.resource_version() == made.resource_version(), "{now:?}");
    Ok(())
}

/// What a Gateway reports of a route.
fn parent(is_accepted: &str) -> Value {
    json!({ "parents": [{
        "parentRef": { "group": "gateway.networking.k8s.io", "kind": "Gateway",
            "name": "outer", "namespace": "edge" },
        "controllerName": "example.org/gateways",
        "conditions": [
            { "type": "ResolvedRefs", "status": "True", "reason": "ResolvedRefs" },
            { "type": "Accepted", "status": is_accepted, "reason": "NoMatchingListenerHostname",
              "message": "no listener has that host" },
        ],
    }] })
}

/// No controllers serve Ingresses or routes here: the test reports what they would.
#[tokio::test]
async fn a_way_in_that_nobody_takes_up_is_named() -> Result<()> {
    let site = Site::start("exposed").await?;
    let mut wish = spec("chat:1");
    wish["replicas"] = json!(1);
    site.apply("team", &wish).await?;
    site.ready("team").await?;
    site.condition("team", "Exposed", "True", "NotAskedFor").await?;
    let say = async |resource: &ApiResource, said: Value| -> Result<()> {
        let api: Api<DynamicObject> =
            Api::namespaced_with(site.client.clone(), &site.namespace, resource);
        let said = Patch::Merge(json!({ "status": said }));
        api.patch_status("team", &PatchParams::default(), &said).await?;
        Ok(())
    };
    let address = json!({ "loadBalancer": { "ingress": [{ "ip": "192.0.2.7" }] } });

    site.change("team", &json!({ "ingress": { "host": "chat.example.org" } })).await?;
    site.named("team", "no class of Ingress, and no default").await?;
    site.change("team", &json!({ "ingress": { "className": "nowhere" } })).await?;
    site.named("team", "a class of Ingress that is not there").await?;
    site.condition("team", "Ready", "True", "").await?;
    let status = site.api::<ChatCluster>().get("team").await?.status.context("no status")?;
    let line = status.message.unwrap_or_default();
    ensure!(line.contains("no controller has taken up its class nowhere"), "{line}");
    say(&ApiResource::erase::<Ingress>(&()), address.clone()).await?;
    site.condition("team", "Exposed", "True", "Ingress team is at 192.0.2.7").await?;

    let balanced = json!({ "ingress": null, "service": { "type": "LoadBalancer" } });
    site.change("team", &balanced).await?;
    site.named("team", "a load balancer where nothing makes them").await?;
    say(&ApiResource::erase::<Service>(&()), address).await?;
    site.condition("team", "Exposed", "True", "Service team is at 192.0.2.7").await?;

    let gateway = json!({ "parentRefs": [{ "name": "outer", "namespace": "edge" }] });
    site.change("team", &json!({ "service": null, "gateway": gateway })).await?;
    site.named("team", "a route without the Gateway API").await?;
    site.condition("team", "Available", "True", "").await?;
    site.condition("team", "Ready", "False", "GatewayApiMissing").await?;
    // No other test may ask for a route without it.
    define(&site, "gateway.networking.k8s.io", "HTTPRoute", "httproutes").await?;
    site.condition("team", "Ready", "True", "").await?;
    site.named("team", "a Gateway that is not there").await?;
    let route = OptionalKind::HttpRoute.resource();
    say(&route, parent("False")).await?;
    site.named("team", "a host that the Gateway does not let in").await?;
    say(&route, parent("True")).await?;
    site.condition("team", "Exposed", "True", "HTTPRoute team is accepted").await?;
    site.ready("team").await?;

    // What is not ours does not keep a route that is not asked for any more.
    let (monitors, theirs) = monitor_of_others(&site).await?;
    let change = json!({ "gateway": null, "observability": { "serviceMonitor": {} } });
    site.change("team", &change).await?;
    site.condition("team", "Degraded", "True", NOT_OURS).await?;
    let routes: Api<DynamicObject> =
        Api::namespaced_with(site.client.clone(), &site.namespace, &route);
    ensure!(routes.get_opt("team").await?.is_none(), "the route is still there");
    ensure!(monitors.get("team").await?.resource_version() == theirs.resource_version());
    Ok(())
}

#[tokio::test]
async fn passwords_are_not_made_again_while_something_needs_them() -> Result<()> {
    let site = Site::start("passwords").await?;
    let mut wish = spec("chat:1");
    wish["replicas"] = json!(1);
    wish["paused"] = json!(true);
    site.apply("team", &wish).await?;
    site.condition("team", "Paused", "True", "").await?;
    ensure!(site.ours::<Secret>().await?.is_empty(), "something is made while it is paused");
    site.change("team", &json!({ "paused": false })).await?;
    site.ready("team").await?;

    let mut secret = site.api::<Secret>().get("team-credentials").await?;
    delete(&site.api::<Secret>(), "team-credentials").await?;
    let gone = "the Secret with the generated passwords deleted";
    site.named("team", gone).await?;
    site.condition("team", "Degraded", "True", "StatefulSet team-mysql").await?;
    site.condition("team", "Available", "True", "").await?;
    ensure!(site.api::<Secret>().get_opt("team-credentials").await?.is_none());
    secret.metadata.resource_version = None;
    secret.metadata.uid = None;
    site.api::<Secret>().create(&PostParams::default(), &secret).await?;
    site.ready("team").await?;
    // Or a user wants to start over.
    delete(&site.api::<Secret>(), "team-credentials").await?;
    site.named("team", gone).await?;
    for set in site.ours::<StatefulSet>().await? {
        delete(&site.api::<StatefulSet>(), &set.name_any()).await?;
    }
    site.ready("team").await?;
    let now = site.api::<Secret>().get("team-credentials").await?;
    ensure!(now.data != secret.data);
    Ok(())
}

/// The revision as another version of the operator would have written it down: it knew one field
/// less, and made the pods a little differently.
fn written_otherwise(record: &ControllerRevision) -> Result<ControllerRevision> {
    let mut other = record.clone();
    other.metadata.resource_version = None;
    other.metadata.uid = None;
    let mut data: Value = record.data.clone().context("no data")?.0;
    let inputs = data["inputs"]["tuning"].as_object_mut().context("no tuning")?;
    inputs.remove("socketCommands").context("no such input")?;
    data["template"]["spec"]["terminationGracePeriodSeconds"] = json!(77);
    other.data = Some(RawExtension(data));
    Ok(other)
}

#[tokio::test]
async fn another_version_of_the_operator_moves_no_pod() -> Result<()> {
    let mut site = Site::start("newer").await?;
    site.apply("team", &spec("chat:1")).await?;
    site.ready("team").await?;
    let name = format!("team-{}", site.selected("team").await?);
    site.stop("one")?;
    let records = site.api::<ControllerRevision>();
    let other = written_otherwise(&records.get(&name).await?)?;
    delete(&records, &name).await?;
    delete(&site.api::<Deployment>(), &name).await?;
    records.create(&PostParams::default(), &other).await?;
    site.operator("one")?;
    // The earlier status is that of the earlier servers.
    eventually("there are servers again", CHANGE_TIMEOUT, || async {
        let deployment = site.api::<Deployment>().get(&name).await?;
        ensure!(deployment.status.and_then(|status| status.ready_replicas) == Some(3));
        Ok(())
    })
    .await?;
    site.ready("team").await?;
    let state = async || -> Result<(Vec<Deployment>, Vec<String>)> {
        let pods = site.api::<Pod>().list(&ListParams::default()).await?.items.into_iter();
        let mut pods: Vec<_> = pods.filter_map(|pod| pod.uid()).collect();
        pods.sort();
        Ok((site.ours::<Deployment>().await?, pods))
    };
    let (deployments, pods) = state().await?;
    let grace = |deployments: &[Deployment]| {
        let pod = deployments.first()?.spec.as_ref()?.template.spec.as_ref()?;
        pod.termination_grace_period_seconds
    };
    ensure!(deployments.len() == 1 && grace(&deployments) == Some(77), "{deployments:?}");
    // Longer than the operator waits between two looks.
    tokio::time::sleep(Duration::from_secs(20)).await;
    let (now, pods_now) = state().await?;
    ensure!(grace(&now) == Some(77) && pods == pods_now, "pods were made anew: {now:?}");
    ensure!(now[0].metadata.generation == deployments[0].metadata.generation);
    Ok(())
}
