//! A kubelet that only pretends: pods become ready, fail or end as their image's name says.
//!
//! `…:unpullable` is never pulled, `…:crash` ends again and again, `…:bad-schema` fails in the
//! migration only; all others are ready at once. A pod that ends takes a moment for it.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use anyhow::Result;
use k8s_openapi::{
    api::core::v1::{Node, Pod},
    jiff::Timestamp,
};
use kube::{
    Api, Client, ResourceExt,
    api::{DeleteParams, ListParams, Patch, PatchParams},
};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

/// The node's name.
const NODE: &str = "pretended";
/// How often it looks.
const EVERY: Duration = Duration::from_millis(100);
/// So long does a server take to end.
const ENDS_IN: Duration = Duration::from_millis(600);
/// How often the node says that it lives.
const BEATS: Duration = Duration::from_secs(5);

/// Works until it is dropped.
pub(super) struct Kubelet(JoinHandle<()>);

impl Kubelet {
    pub(super) async fn start(client: &Client, namespace: &str) -> Result<Self> {
        beat(client).await?;
        let pods: Api<Pod> = Api::namespaced(client.clone(), namespace);
        let client = client.clone();
        Ok(Self(tokio::spawn(async move {
            let mut ending = HashMap::new();
            let mut beaten = Instant::now();
            loop {
                if beaten.elapsed() > BEATS && beat(&client).await.is_ok() {
                    beaten = Instant::now();
                }
                // What fails is tried again.
                let _ = look(&pods, &mut ending).await;
                tokio::time::sleep(EVERY).await;
            }
        })))
    }
}

impl Drop for Kubelet {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn beat(client: &Client) -> Result<()> {
    let nodes: Api<Node> = Api::all(client.clone());
    let node = json!({ "apiVersion": "v1", "kind": "Node", "metadata": { "name": NODE } });
    let params = PatchParams::apply("kubelet").force();
    nodes.patch(NODE, &params, &Patch::Apply(node)).await?;
    let now = Timestamp::now().to_string();
    let room = json!({ "cpu": "1000", "memory": "1000Gi", "pods": "10000" });
    let status = json!({ "status": {
        "capacity": room,
        "allocatable": room,
        "conditions": [{
            "type": "Ready", "status": "True", "reason": "Pretended", "message": "",
            "lastHeartbeatTime": now, "lastTransitionTime": now,
        }],
    } });
    nodes.patch_status(NODE, &PatchParams::default(), &Patch::Strategic(status)).await?;
    let untainted = json!({ "spec": { "taints": null } });
    nodes.patch(NODE, &PatchParams::default(), &Patch::Merge(untainted)).await?;
    Ok(())
}

async fn look(pods: &Api<Pod>, ending: &mut HashMap<String, Instant>) -> Result<()> {
    for pod in pods.list(&ListParams::default()).await? {
        let name = pod.name_any();
        let on_node = pod.spec.as_ref().is_some_and(|spec| spec.node_name.is_some());
        if !on_node {
            continue;
        }
        if pod.metadata.deletion_timestamp.is_some() {
            let since = *ending.entry(name.clone()).or_insert_with(Instant::now);
            if since.elapsed() >= ENDS_IN {
                pods.delete(&name, &DeleteParams::default().grace_period(0)).await?;
                ending.remove(&name);
            }
            continue;
        }
        let status = status(&pod);
        let there = pod.status.as_ref().and_then(|status| status.message.clone());
        if there.as_deref() == status["message"].as_str() {
            continue;
        }
        let patch = Patch::Merge(json!({ "status": status }));
        pods.patch_status(&name, &PatchParams::default(), &patch).await?;
    }
    Ok(())
}

/// The status that its image's name asks for; `message` says which one it is.
fn status(pod: &Pod) -> Value {
    let container = pod.spec.as_ref().map(|spec| &spec.containers[0]);
    let image = container.and_then(|c| c.image.clone()).unwrap_or_default();
    let name = container.map(|c| c.name.clone()).unwrap_or_default();
    let migrates = name == "migrate";
    let tag = image.rsplit(':').next().unwrap_or_default();
    let containers = |ready: bool, state: Value, last: Value| {
        json!([{
            "name": name, "image": image, "imageID": "", "ready": ready, "started": ready,
            "restartCount": 0, "state": state, "lastState": last,
        }])
    };
    let now = Timestamp::now().to_string();
    let answer = |message: &str, phase: &str, ready: bool, containers: Value| {
        json!({
            "message": message,
            "phase": phase,
            "conditions": [{
                "type": "Ready", "status": if ready { "True" } else { "False" },
                "lastTransitionTime": now,
            }],
            "containerStatuses": containers,
        })
    };
    let nothing = json!({});
    match (tag, migrates) {
        ("unpullable", _) => {
            let why = "manifest unknown: manifest unknown";
            let state = json!({ "waiting": { "reason": "ImagePullBackOff", "message": why } });
            answer("unpullable", "Pending", false, containers(false, state, nothing))
        }
        ("bad-schema", true) => {
            let said = "chat-server: migration: while executing migration 9: Duplicate column\n";
            let state = json!({ "terminated": { "exitCode": 1, "message": said } });
            answer("bad schema", "Failed", false, containers(false, state, nothing))
        }
        (_, true) => {
            let state = json!({ "terminated": { "exitCode": 0, "reason": "Completed" } });
            answer("migrated", "Succeeded", false, containers(false, state, nothing))
        }
        ("crash", _) => {
            let state = json!({ "waiting": { "reason": "CrashLoopBackOff" } });
            let said = "starting\nchat-server: cannot read the page\n";
            let last = json!({ "terminated": { "exitCode": 1, "message": said } });
            answer("crash", "Running", false, containers(false, state, last))
        }
        _ => {
            let state = json!({ "running": { "startedAt": now } });
            answer("ready", "Running", true, containers(true, state, nothing))
        }
    }
}
