//! Pure: the numbers that decide the next step of a rollout.

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
    observe::Observed,
};

/// A pod that exists this long after its grace period counts as lost: its node does not answer.
const LOST_AFTER: SignedDuration = SignedDuration::from_secs(30);

/// The state of a rollout: all revisions, in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RolloutState {
    /// Servers that the spec asks for.
    pub(crate) wanted: i32,
    /// The wanted revision.
    pub(crate) target: String,
    /// The revision that the Service selects.
    pub(crate) selected: Option<String>,
    /// Revisions that have a Deployment, or pods.
    pub(crate) revisions: BTreeMap<String, RevisionState>,
    /// The volume of uploads can be mounted by one server only.
    pub(crate) is_alone: bool,
}

/// One revision, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct RevisionState {
    /// `spec.replicas` of the Deployment.
    pub(crate) replicas: i32,
    /// Pods that are not terminating.
    pub(crate) pods: i32,
    /// Pods that are ready.
    pub(crate) ready: i32,
    /// Pods that have been ready for `drain.settleSeconds`.
    pub(crate) available: i32,
    /// Pods that are terminating.
    pub(crate) terminating: i32,
    /// Pods that are not ready because their server crashed.
    pub(crate) crashed: i32,
}

impl RevisionState {
    /// Ready pods that stay: those beyond `replicas` are about to be terminated.
    #[must_use]
    pub(crate) fn remaining(&self) -> i32 {
        self.ready.min(self.replicas)
    }

    /// Whether there are as many pods as `replicas`.
    #[must_use]
    pub(crate) fn is_scaled(&self) -> bool {
        self.pods == self.replicas
    }

    /// Whether there are as many available pods as `replicas`, and no other ones.
    #[must_use]
    pub(crate) fn is_available(&self) -> bool {
        self.is_scaled() && self.available >= self.replicas
    }
}

impl RolloutState {
    /// Counts what is observed; `target` is the wanted revision.
    #[must_use]
    pub(crate) fn of(spec: &ChatClusterSpec, names: &Names, target: &str, seen: &Observed) -> Self {
        let settle = SignedDuration::from_secs(spec.drain.settle_seconds.into());
        let mut revisions: BTreeMap<String, RevisionState> = BTreeMap::new();
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
                one.terminating += 1;
                continue;
            }
            if has_ended(pod) {
                continue;
            }
            one.pods += 1;
            if let Some(since) = ready_since(pod) {
                one.ready += 1;
                one.available += i32::from(seen.now.duration_since(since) >= settle);
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

    /// All revisions but the wanted one.
    pub(crate) fn others(&self) -> impl Iterator<Item = (&String, &RevisionState)> {
        self.revisions.iter().filter(|(name, _)| **name != self.target)
    }

    /// The wanted revision; all zeros before it has a Deployment.
    #[must_use]
    pub(crate) fn target(&self) -> RevisionState {
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

/// Whether a pod should have ended long ago: its node does not answer, and nothing waits for it.
#[must_use]
pub(crate) fn is_lost(pod: &Pod, now: Timestamp) -> bool {
    let end = pod.metadata.deletion_timestamp.as_ref();
    end.is_some_and(|end| now.duration_since(end.0) > LOST_AFTER)
}

/// Since when a pod is ready; `None` where it is not.
#[must_use]
pub(crate) fn ready_since(pod: &Pod) -> Option<Timestamp> {
    let conditions = pod.status.as_ref()?.conditions.as_ref()?;
    let ready = conditions.iter().find(|c| c.type_ == "Ready" && c.status == "True")?;
    Some(ready.last_transition_time.as_ref().map_or(Timestamp::MIN, |time| time.0))
}
