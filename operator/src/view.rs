//! The few numbers that the steps of a rollout are decided by.

use std::collections::BTreeMap;

use k8s_openapi::{
    api::{
        apps::v1::Deployment,
        core::v1::{Pod, Service},
    },
    jiff::{SignedDuration, Timestamp},
};
use kube::ResourceExt;

use crate::{
    crd::ChatClusterSpec,
    names::{self, Names},
    observed::Observed,
};

/// So long after its time a pod may still be there; then its node does not answer.
const LOST_AFTER: SignedDuration = SignedDuration::from_secs(30);

/// All revisions, in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Servers wanted.
    pub wanted: i32,
    /// The wanted revision.
    pub target: String,
    /// The revision that the Service selects.
    pub selected: Option<String>,
    /// Revisions that have a Deployment, or pods.
    pub revisions: BTreeMap<String, RevisionView>,
    /// Their volume takes one server only.
    pub is_alone: bool,
}

/// One revision, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RevisionView {
    /// Servers asked for.
    pub replicas: i32,
    /// Pods that do not end.
    pub pods: i32,
    /// Those of them that are ready.
    pub ready: i32,
    /// Those of them that have been ready long enough.
    pub steady: i32,
    /// Pods that end.
    pub ending: i32,
    /// Pods that are not ready, because their server has crashed.
    pub crashed: i32,
}

impl RevisionView {
    /// Ready pods that stay: those beyond what is asked for are about to end.
    #[must_use]
    pub fn lasting(&self) -> i32 {
        self.ready.min(self.replicas)
    }

    /// Does the number of pods follow what was asked for.
    #[must_use]
    pub fn followed(&self) -> bool {
        self.pods == self.replicas
    }

    /// Have all pods that were asked for been ready long enough.
    #[must_use]
    pub fn is_steady(&self) -> bool {
        self.followed() && self.steady >= self.replicas
    }
}

impl View {
    /// The numbers now.
    #[must_use]
    pub fn of(spec: &ChatClusterSpec, names: &Names, target: &str, seen: &Observed) -> Self {
        let settle = SignedDuration::from_secs(spec.drain.settle_seconds.into());
        let mut revisions: BTreeMap<String, RevisionView> = BTreeMap::new();
        for deployment in &seen.deployments {
            let name = names::revision(deployment.as_ref()).to_owned();
            revisions.entry(name).or_default().replicas = asked(deployment);
        }
        for pod in seen.pods.iter().filter(|pod| names::component(pod.as_ref()) == names::SERVER) {
            if is_lost(pod, seen.now) {
                continue;
            }
            let one = revisions.entry(names::revision(pod.as_ref()).to_owned()).or_default();
            if pod.metadata.deletion_timestamp.is_some() {
                one.ending += 1;
                continue;
            }
            if has_ended(pod) {
                continue;
            }
            one.pods += 1;
            if let Some(since) = ready_since(pod) {
                one.ready += 1;
                one.steady += i32::from(seen.now.duration_since(since) >= settle);
            } else {
                one.crashed += i32::from(has_crashed(pod));
            }
        }
        let service = names.service();
        let service = seen.services.iter().find(|found| found.name_any() == service);
        Self {
            wanted: spec.replicas,
            target: target.to_owned(),
            selected: service.and_then(|service| selected(service)),
            revisions,
            is_alone: spec.upload_volume().is_some_and(|volume| !volume.is_shared()),
        }
    }

    /// Revisions other than the wanted one.
    pub fn others(&self) -> impl Iterator<Item = (&String, &RevisionView)> {
        self.revisions.iter().filter(|(name, _)| **name != self.target)
    }

    /// The wanted revision; empty before it has pods.
    #[must_use]
    pub fn target(&self) -> RevisionView {
        self.revisions.get(&self.target).copied().unwrap_or_default()
    }
}

fn asked(deployment: &Deployment) -> i32 {
    deployment.spec.as_ref().and_then(|spec| spec.replicas).unwrap_or(1)
}

fn selected(service: &Service) -> Option<String> {
    let selector = service.spec.as_ref()?.selector.as_ref()?;
    selector.get(names::REVISION).cloned()
}

fn has_ended(pod: &Pod) -> bool {
    let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
    matches!(phase, Some("Failed" | "Succeeded"))
}

fn has_crashed(pod: &Pod) -> bool {
    let containers = pod.status.as_ref().and_then(|status| status.container_statuses.as_ref());
    let mut states = containers.into_iter().flatten().flat_map(|c| [&c.state, &c.last_state]);
    states.any(|state| {
        let ended = state.as_ref().and_then(|state| state.terminated.as_ref());
        ended.is_some_and(|ended| ended.exit_code != 0)
    })
}

/// Should a pod have ended long ago: its node does not answer, and nobody can wait for it.
#[must_use]
pub fn is_lost(pod: &Pod, now: Timestamp) -> bool {
    let end = pod.metadata.deletion_timestamp.as_ref();
    end.is_some_and(|end| now.duration_since(end.0) > LOST_AFTER)
}

/// Since when a pod is ready.
#[must_use]
pub fn ready_since(pod: &Pod) -> Option<Timestamp> {
    let conditions = pod.status.as_ref()?.conditions.as_ref()?;
    let ready = conditions.iter().find(|c| c.type_ == "Ready" && c.status == "True")?;
    Some(ready.last_transition_time.as_ref().map_or(Timestamp::MIN, |time| time.0))
}
