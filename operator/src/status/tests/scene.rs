//! A `ChatCluster`, what is observed of it, and its plan and status as text.

use std::{fmt::Write as _, sync::Arc};

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::super::{compute, waits_for_gateway};
use crate::{
    crd::ChatCluster,
    observe::Observed,
    resolve::{credentials, resolve},
    rollout::rollout,
};

/// The moment of all scenarios.
pub(super) const NOW: &str = "2026-01-01T12:00:00Z";
/// Before it, by more than anything is waited for.
pub(super) const EARLY: &str = "2026-01-01T11:00:00Z";
/// The revision that is wanted, in the place of its name.
pub(super) const NEW: &str = "new";

/// A `ChatCluster` and what is observed.
pub(super) struct Scene {
    text: String,
    title: &'static str,
    spec: Value,
    seen: Observed,
    /// The name of the wanted revision.
    target: String,
}

pub(super) fn made<K: DeserializeOwned>(object: Value) -> Arc<K> {
    Arc::new(serde_json::from_value(object).unwrap())
}

impl Scene {
    /// External stores, two servers, and nothing observed. Fields of `spec` win.
    pub(super) fn new(title: &'static str, spec: &Value) -> Self {
        let mut all = json!({
            "image": "chat:2", "replicas": 2,
            "redis": { "external": { "host": "cache" } },
            "mysql": { "external": { "host": "db", "secretRef": { "name": "db" } } },
        });
        all.as_object_mut().unwrap().extend(spec.as_object().unwrap().clone());
        let data = ["username", "password"].map(|key| (key.to_owned(), b"x".to_vec()));
        let seen = Observed {
            now: NOW.parse().unwrap(),
            references: [("db".to_owned(), Some(data.into()))].into(),
            secrets: credentials::example(),
            ..Observed::default()
        };
        let mut scene = Self { text: String::new(), title, spec: all, seen, target: String::new() };
        scene.target = resolve(&scene.cluster(), &scene.seen).unwrap().revision;
        assert!(!scene.target.is_empty(), "it is replaced in the text");
        scene
    }

    fn cluster(&self) -> ChatCluster {
        serde_json::from_value(json!({
            "apiVersion": "chatcluster.dev/v1alpha1", "kind": "ChatCluster",
            "metadata": { "name": "team", "namespace": "talk", "uid": "u", "generation": 7 },
            "spec": self.spec,
        }))
        .unwrap()
    }

    fn labels(&self, component: &str, revision: &str) -> Value {
        let revision = if revision == NEW { &self.target } else { revision };
        json!({
            "chatcluster.dev/cluster": "team", "app.kubernetes.io/component": component,
            "chatcluster.dev/revision": revision,
        })
    }

    /// The Service selects this revision.
    pub(super) fn selects(mut self, revision: &str) -> Self {
        let labels = self.labels("server", revision);
        self.seen.services.push(made(json!({
            "metadata": { "name": "team" }, "spec": { "type": "ClusterIP", "selector": labels },
        })));
        self
    }

    /// A Deployment with so many replicas, and these pods.
    pub(super) fn servers(mut self, revision: &str, replicas: usize, pods: &[Value]) -> Self {
        let labels = self.labels("server", revision);
        self.seen.deployments.push(made(json!({
            "metadata": { "name": format!("team-{revision}"), "labels": labels },
            "spec": { "replicas": replicas, "selector": {}, "template": {} },
        })));
        for (number, pod) in pods.iter().enumerate() {
            let mut pod = pod.clone();
            pod["metadata"]["name"] = json!(format!("{revision}-{number}"));
            pod["metadata"]["labels"] = labels.clone();
            self.seen.pods.push(made(pod));
        }
        self
    }

    /// Two servers of the wanted revision, that serve.
    pub(super) fn settled(self) -> Self {
        self.selects(NEW).servers(NEW, 2, &[ready(EARLY), ready(EARLY)])
    }

    /// What each server reports.
    pub(super) fn report(mut self, pod: &str, status: &Value) -> Self {
        let status = serde_json::from_value(status.clone()).unwrap();
        self.seen.pod_status.insert(pod.to_owned(), status);
        self
    }

    /// An attempt of a migration, with its conditions and the state of its container.
    pub(super) fn migration(
        mut self,
        revision: &str,
        attempt: u32,
        status: &Value,
        container: &Value,
    ) -> Self {
        let name = format!("{revision}-migrate-{attempt}");
        self.seen.jobs.push(made(json!({
            "metadata": {
                "name": name, "labels": self.labels("migration", revision),
                "annotations": { "chatcluster.dev/attempt": attempt.to_string() },
            },
            "status": status,
        })));
        let mut labels = self.labels("migration", revision);
        labels["batch.kubernetes.io/job-name"] = json!(name);
        self.seen.pods.push(made(json!({
            "metadata": { "name": format!("{name}-x"), "labels": labels },
            "status": { "containerStatuses": [{
                "name": "migrate", "image": "chat:2", "imageID": "", "ready": false,
                "restartCount": 0, "state": container,
            }] },
        })));
        self
    }

    /// A managed store with so many ready pods.
    pub(super) fn store(mut self, component: &str, ready: i32) -> Self {
        self.seen.stateful_sets.push(made(json!({
            "metadata": {
                "name": format!("team-{component}"), "labels": self.labels(component, ""),
            },
            "spec": { "selector": {}, "serviceName": "", "template": {} },
            "status": { "replicas": 1, "readyReplicas": ready },
        })));
        self
    }

    pub(super) fn with(mut self, change: impl FnOnce(&mut Observed)) -> Self {
        change(&mut self.seen);
        self
    }

    /// Plan and status, as text.
    pub(super) fn show(mut self) -> String {
        let cluster = self.cluster();
        let resolved = resolve(&cluster, &self.seen).unwrap();
        let plan = rollout(&resolved, &self.seen);
        let status = compute(&cluster, &resolved, &plan, &self.seen);
        let text = &mut self.text;
        writeln!(text, "== {}", self.title).unwrap();
        let (replicas, selected) = (&plan.replicas, &plan.selected);
        writeln!(text, "{:?}: {replicas:?} -> {selected:?}", plan.phase).unwrap();
        writeln!(text, "migration {:?}", plan.migration).unwrap();
        let stores = if plan.stores_run { "run" } else { "stop" };
        writeln!(text, "stores {stores}, again after {:?}", plan.again).unwrap();
        for (name, value) in [("waits for", &plan.waiting_for), ("failed", &plan.failed)] {
            if let Some(value) = value {
                writeln!(text, "{name}: {value}").unwrap();
            }
        }
        writeln!(
            text,
            "{}: {}",
            status.summary.as_ref().unwrap(),
            status.message.as_ref().unwrap()
        )
        .unwrap();
        let moved = status.rollout.as_ref().map(|rollout| (rollout.moved, rollout.of));
        writeln!(
            text,
            "{} replicas, {} ready, serving {:?}, target {:?}, generation {:?}, moved {moved:?}",
            status.replicas,
            status.ready_replicas,
            status.serving_revision,
            status.target_revision,
            status.observed_generation,
        )
        .unwrap();
        writeln!(text, "{} {}", status.url.as_ref().unwrap(), status.selector.as_ref().unwrap())
            .unwrap();
        for condition in status.conditions.iter().take(super::Kind::ALL.len()) {
            let (kind, is, reason) = (&condition.type_, &condition.status, &condition.reason);
            writeln!(text, "  {kind} {is} {reason}: {}", condition.message).unwrap();
        }
        if waits_for_gateway(&status) {
            writeln!(text, "  waits for a Gateway").unwrap();
        }
        self.text.push('\n');
        self.text.replace(&self.target, NEW)
    }
}

/// A pod that is ready since then.
pub(super) fn ready(since: &str) -> Value {
    json!({ "status": { "startTime": EARLY, "conditions": [
        { "type": "Ready", "status": "True", "lastTransitionTime": since },
    ] } })
}

/// A pod that is not ready, started then, whose container is in this state.
pub(super) fn starting(since: &str, state: &Value, last: &Value) -> Value {
    json!({ "status": { "startTime": since, "containerStatuses": [{
        "name": "server", "image": "chat:2", "imageID": "", "ready": false, "restartCount": 0,
        "state": state, "lastState": last,
    }] } })
}

pub(super) fn new_pod() -> Value {
    starting(NOW, &json!({ "running": {} }), &json!({}))
}

/// A pod that is being deleted until then.
pub(super) fn going(until: &str) -> Value {
    let mut pod = ready(EARLY);
    pod["metadata"] = json!({ "deletionTimestamp": until });
    pod
}

pub(super) fn done() -> Value {
    json!({ "conditions": [{ "type": "Complete", "status": "True" }] })
}

pub(super) fn failed_at(time: &str) -> Value {
    json!({ "conditions": [{
        "type": "Failed", "status": "True", "lastTransitionTime": time, "message": "too many",
    }] })
}

pub(super) fn ended(code: i32, said: &str) -> Value {
    json!({ "terminated": { "exitCode": code, "message": said } })
}
