//! A kubelet that only pretends: pods become ready, fail or end as their image's name says.
//!
//! `…:unpullable` is never pulled, `…:crash` ends again and again, `…:crash-later` too but is ready
//! for a while each time, `…:bad-schema` fails in the migration only, `…:long-schema` takes its time
//! there, `…:stuck` never ends when it should; all others are ready at once, as long as their store
//! answers. A pod that ends takes a moment for it.

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

use super::servers::{Said, Servers};

/// The node's name.
const NODE: &str = "pretended";
/// How often it looks.
const EVERY: Duration = Duration::from_millis(100);
/// So long does a server take to end.
const ENDS_IN: Duration = Duration::from_millis(600);
/// So long is a server ready that crashes later, and so long does it take to start again.
const CRASHES_AFTER: Duration = Duration::from_secs(5);
const STARTS_IN: Duration = Duration::from_secs(2);
/// So long does a long migration take.
const MIGRATES_IN: Duration = Duration::from_secs(12);
/// How often the node says that it lives.
const BEATS: Duration = Duration::from_secs(5);

/// Works until it is dropped.
pub(super) struct Kubelet(JoinHandle<()>);

impl Kubelet {
    pub(super) async fn start(client: &Client, namespace: &str, said: Said) -> Result<Self> {
        beat(client).await?;
        let pods: Api<Pod> = Api::namespaced(client.clone(), namespace);
        let mut work = Work {
            pods,
            servers: Servers::new(client, namespace, said),
            ending: HashMap::new(),
            begun: HashMap::new(),
        };
        let client = client.clone();
        Ok(Self(tokio::spawn(async move {
            let mut beaten = Instant::now();
            loop {
                if beaten.elapsed() > BEATS && beat(&client).await.is_ok() {
                    beaten = Instant::now();
                }
                // What fails is tried again.
                let _ = work.look().await;
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

struct Work {
    pods: Api<Pod>,
    servers: Servers,
    ending: HashMap<String, Instant>,
    begun: HashMap<String, Instant>,
}

impl Work {
    async fn look(&mut self) -> Result<()> {
        for pod in self.pods.list(&ListParams::default()).await? {
            let name = pod.name_any();
            let on_node = pod.spec.as_ref().is_some_and(|spec| spec.node_name.is_some());
            if !on_node {
                continue;
            }
            if pod.metadata.deletion_timestamp.is_some() {
                let since = *self.ending.entry(name.clone()).or_insert_with(Instant::now);
                if since.elapsed() >= ENDS_IN && tag(&pod) != "stuck" {
                    self.pods.delete(&name, &DeleteParams::default().grace_period(0)).await?;
                    self.ending.remove(&name);
                    self.servers.end(&name);
                }
                continue;
            }
            let age = self.begun.entry(name.clone()).or_insert_with(Instant::now).elapsed();
            let mut status = status(&pod, age);
            if status["message"] == "ready" && container(&pod).0 == "server" {
                // An address comes with the first status, and what is said there may change it.
                status["podIP"] = json!(self.servers.address(&pod).await?);
                if self.servers.lack_store() {
                    status["message"] = json!("no store");
                    status["conditions"][0]["status"] = json!("False");
                    status["containerStatuses"][0]["ready"] = json!(false);
                }
            }
            let there = pod.status.as_ref().and_then(|status| status.message.clone());
            if there.as_deref() == status["message"].as_str() {
                continue;
            }
            let patch = Patch::Merge(json!({ "status": status }));
            self.pods.patch_status(&name, &PatchParams::default(), &patch).await?;
        }
        Ok(())
    }
}

/// Name and image of a pod's only container.
fn container(pod: &Pod) -> (String, String) {
    let container = pod.spec.as_ref().map(|spec| &spec.containers[0]);
    let name = container.map(|c| c.name.clone()).unwrap_or_default();
    (name, container.and_then(|c| c.image.clone()).unwrap_or_default())
}

fn tag(pod: &Pod) -> String {
    container(pod).1.rsplit(':').next().unwrap_or_default().to_owned()
}

/// The status that its image's name asks for; `message` says which one it is.
fn status(pod: &Pod, age: Duration) -> Value {
    let ((name, image), tag) = (container(pod), tag(pod));
    let round = CRASHES_AFTER + STARTS_IN;
    let pretended = Pretended { name, image, rounds: age.as_secs() / round.as_secs() };
    if pretended.name == "migrate" {
        return pretended.migration(&tag, age);
    }
    let is_up = age.as_secs() % round.as_secs() < CRASHES_AFTER.as_secs();
    pretended.server(&tag, is_up)
}

/// The one container of a pod.
struct Pretended {
    name: String,
    image: String,
    /// How often it has crashed.
    rounds: u64,
}

impl Pretended {
    fn server(&self, tag: &str, is_up: bool) -> Value {
        let Self { rounds, .. } = self;
        let crashed = |said: &str| json!({ "terminated": { "exitCode": 1, "message": said } });
        let waiting = json!({ "waiting": { "reason": "CrashLoopBackOff" } });
        let heap = "chat-server: no more memory in the heap\n";
        match tag {
            "unpullable" => self.unpullable(),
            "crash-later" if is_up && *rounds > 0 => {
                self.pod(&format!("up {rounds}"), "Running", true, &running(), &crashed(heap))
            }
            "crash-later" if !is_up => {
                self.pod(&format!("down {rounds}"), "Running", false, &waiting, &crashed(heap))
            }
            "crash" => {
                let said = "starting\nchat-server: cannot read the page\n";
                self.pod("crash", "Running", false, &waiting, &crashed(said))
            }
            _ => self.pod("ready", "Running", true, &running(), &json!({})),
        }
    }

    fn migration(&self, tag: &str, age: Duration) -> Value {
        let nothing = json!({});
        match tag {
            "unpullable" => self.unpullable(),
            "bad-schema" => {
                let said =
                    "chat-server: migration: while executing migration 9: Duplicate column\n";
                let state = json!({ "terminated": { "exitCode": 1, "message": said } });
                self.pod("bad schema", "Failed", false, &state, &nothing)
            }
            "long-schema" if age < MIGRATES_IN => {
                self.pod("migrating", "Running", true, &running(), &nothing)
            }
            _ => {
                let state = json!({ "terminated": { "exitCode": 0, "reason": "Completed" } });
                self.pod("migrated", "Succeeded", false, &state, &nothing)
            }
        }
    }

    fn unpullable(&self) -> Value {
        let why = "manifest unknown: manifest unknown";
        let state = json!({ "waiting": { "reason": "ImagePullBackOff", "message": why } });
        self.pod("unpullable", "Pending", false, &state, &json!({}))
    }

    /// The status of the pod; `message` is another one whenever the container changes.
    fn pod(&self, message: &str, phase: &str, ready: bool, state: &Value, last: &Value) -> Value {
        json!({
            "message": message,
            "phase": phase,
            "conditions": [{
                "type": "Ready", "status": if ready { "True" } else { "False" },
                "lastTransitionTime": Timestamp::now().to_string(),
            }],
            "containerStatuses": [{
                "name": self.name, "image": self.image, "imageID": "", "ready": ready,
                "started": ready, "restartCount": self.rounds, "state": state, "lastState": last,
            }],
        })
    }
}

fn running() -> Value {
    json!({ "running": { "startedAt": Timestamp::now().to_string() } })
}
