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

use crate::{names, observe::Observed, resolve::Resolved};

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
    pub fn of(resolved: &Resolved, seen: &Observed) -> Self {
        let settle = SignedDuration::from_secs(resolved.spec.drain.settle_seconds.into());
        let mut revisions: BTreeMap<String, RevisionView> = BTreeMap::new();
        for deployment in &seen.deployments {
            let name = names::revision(deployment.as_ref()).to_owned();
            revisions.entry(name).or_default().replicas = asked(deployment);
        }
        for pod in seen.pods.iter().filter(|pod| names::component(pod.as_ref()) == names::SERVER) {
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
            }
        }
        let service = resolved.names.service();
        let service = seen.services.iter().find(|found| found.name_any() == service);
        Self {
            wanted: resolved.spec.replicas,
            target: resolved.revision.clone(),
            selected: service.and_then(|service| selected(service)),
            revisions,
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

/// Since when a pod is ready.
#[must_use]
pub fn ready_since(pod: &Pod) -> Option<Timestamp> {
    let conditions = pod.status.as_ref()?.conditions.as_ref()?;
    let ready = conditions.iter().find(|c| c.type_ == "Ready" && c.status == "True")?;
    Some(ready.last_transition_time.as_ref().map_or(Timestamp::MIN, |time| time.0))
}
