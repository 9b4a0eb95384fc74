//! Pure: diagnosis of problems, as a reason and a message that names the cause.

use std::fmt::Write as _;

use chat_contract::ops::PodStatus;
use k8s_openapi::{
    api::{
        apps::v1::Deployment,
        core::v1::{ContainerStatus, Pod},
    },
    jiff::SignedDuration,
};
use kube::ResourceExt;

use super::state::{RolloutState, ready_since};
use crate::{names, observe::Observed, resolve::Resolved};

/// A server that is not ready this long after its start is reported.
const START_TIMEOUT: SignedDuration = SignedDuration::from_secs(90);

/// Reason: an image cannot be pulled.
const NOT_PULLED: &str = "ImageNotPulled";

/// A problem of one component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The reason in conditions, one CamelCase word.
    pub(crate) reason: &'static str,
    /// The cause, and the object that has it.
    pub(crate) message: String,
}

/// The first problem of managed stores, migration and servers; a cause comes before its effects.
#[must_use]
pub(super) fn find(resolved: &Resolved, seen: &Observed, state: &RolloutState) -> Option<Problem> {
    let mut found = first(resolved, seen, state)?;
    // Kubernetes ignores a pull Secret that does not exist, and reports the registry alone.
    let mut secrets = resolved.spec.image_pull_secrets.iter().map(|secret| &secret.name);
    let missing = secrets.find(|name| seen.references.get(*name).is_some_and(Option::is_none));
    if let Some(name) = missing.filter(|_| found.reason == NOT_PULLED) {
        let _ = write!(
            found.message,
            "; spec.imagePullSecrets names the Secret {name}, which does not exist in namespace {}",
            resolved.namespace
        );
    }
    Some(found)
}

fn first(resolved: &Resolved, seen: &Observed, state: &RolloutState) -> Option<Problem> {
    let of = |component: &'static str| {
        seen.pods.iter().filter(move |pod| names::component(pod.as_ref()) == component)
    };
    for component in [names::MYSQL, names::REDIS] {
        let name = resolved.names.part(component);
        let failure = seen.failures.get(&name);
        let failure = failure.or_else(|| seen.failures.get(&format!("data-{name}-0")));
        if let Some(note) = failure {
            return Some(Problem { reason: reason_of(note), message: format!("{name}: {note}") });
        }
        if let Some(problem) = of(component).find_map(|pod| of_pod(pod)) {
            return Some(problem);
        }
    }
    for claim in &seen.claims {
        if let Some(note) = seen.failures.get(&claim.name_any()) {
            let message = format!("{}: {note}", claim.name_any());
            return Some(Problem { reason: reason_of(note), message });
        }
    }
    for job in seen.jobs.iter().filter(|job| names::revision(job.as_ref()) == state.target) {
        if let Some(note) = seen.failures.get(&job.name_any()) {
            let message = format!("{}: {note}", job.name_any());
            return Some(Problem { reason: reason_of(note), message });
        }
    }
    // A failed one is reported as a failed migration.
    let waits = |pod: &&std::sync::Arc<Pod>| {
        names::revision(pod.as_ref()) == state.target
            && pod.status.as_ref().and_then(|status| status.phase.as_deref()) != Some("Failed")
    };
    if let Some(problem) = of(names::MIGRATION).filter(waits).find_map(|pod| of_pod(pod)) {
        return Some(problem);
    }
    let server = |wanted: bool| {
        of(names::SERVER)
            .filter(move |pod| (names::revision(pod.as_ref()) == state.target) == wanted)
            .filter(|pod| pod.metadata.deletion_timestamp.is_none())
            .find_map(|pod| of_pod(pod))
    };
    server(true)
        .or_else(|| seen.deployments.iter().find_map(|deployment| of_deployment(deployment)))
        .or_else(|| server(false))
        .or_else(|| of(names::SERVER).find_map(|pod| of_slow(pod, seen)))
}

/// A server that neither becomes ready nor reports why. Its report on MySQL is handled elsewhere.
fn of_slow(pod: &Pod, seen: &Observed) -> Option<Problem> {
    let status = pod.status.as_ref()?;
    let since = status.start_time.as_ref()?.0;
    let is_known = seen.pod_status.get(&pod.name_any()).is_some_and(|s| s.mysql_problem.is_some());
    let is_new = seen.now.duration_since(since) < START_TIMEOUT;
    let is_going = pod.metadata.deletion_timestamp.is_some();
    if is_known || is_new || is_going || ready_since(pod).is_some() {
        return None;
    }
    let mut containers = status.container_statuses.iter().flatten();
    let waiting = containers.find_map(|c| c.state.as_ref()?.waiting.as_ref()?.reason.clone());
    let message = format!(
        "pod {}: not ready since its start at {since}: {}",
        pod.name_any(),
        waiting.as_deref().unwrap_or("its log and its events say more"),
    );
    Some(Problem { reason: "NotReadyInTime", message })
}

/// Redis or the upload storage refuses the new servers and not the serving ones: the spec, or one
/// of its Secrets, is wrong. A dependency that no server can reach does not stop a rollout.
#[must_use]
pub(super) fn refusal(seen: &Observed, state: &RolloutState) -> Option<Problem> {
    let of = |is_new: bool| {
        seen.pods.iter().filter_map(move |pod| {
            let is_one = (names::revision(pod.as_ref()) == state.target) == is_new;
            let said = seen.pod_status.get(&pod.name_any()).filter(|_| is_one)?;
            Some((pod.name_any(), said))
        })
    };
    let refused = |reason, problem: fn(&PodStatus) -> Option<&String>| {
        let is_fine = of(false).any(|(_, said)| problem(said).is_none());
        let (pod, cause) = of(true).find_map(|(pod, said)| Some((pod, problem(said)?)))?;
        let message = format!("pod {pod}: {cause}; the servers before it have no such problem");
        is_fine.then_some(Problem { reason, message })
    };
    refused("RedisRefused", |said| said.redis_problem.as_ref())
        .or_else(|| refused("UploadsRefused", |said| said.uploads_problem.as_ref()))
}

fn of_deployment(deployment: &Deployment) -> Option<Problem> {
    let conditions = deployment.status.as_ref()?.conditions.as_ref()?;
    let failure = conditions.iter().find(|c| c.type_ == "ReplicaFailure" && c.status == "True")?;
    let message = failure.message.clone().unwrap_or_default();
    Some(Problem {
        reason: reason_of(&message),
        message: format!("{}: {message}", deployment.name_any()),
    })
}

fn reason_of(note: &str) -> &'static str {
    if note.contains("exceeded quota") {
        "QuotaExceeded"
    } else if note.contains("storageclass") {
        "StorageClassMissing"
    } else {
        "NotMade"
    }
}

/// Why a pod is not ready; `None` where it is, or where it only needs time.
#[must_use]
pub(super) fn of_pod(pod: &Pod) -> Option<Problem> {
    let name = pod.name_any();
    let status = pod.status.as_ref()?;
    let report = |reason, message: String| {
        Some(Problem { reason, message: format!("pod {name}: {message}") })
    };
    let unscheduled = status.conditions.iter().flatten().find(|condition| {
        condition.type_ == "PodScheduled"
            && condition.status == "False"
            && condition.reason.as_deref() == Some("Unschedulable")
    });
    if let Some(condition) = unscheduled {
        return report("Unschedulable", condition.message.clone().unwrap_or_default());
    }
    let containers = status.init_container_statuses.iter().chain(&status.container_statuses);
    containers.flatten().find_map(|container| of_container(container, &report)).or_else(|| {
        let failed = status.phase.as_deref() == Some("Failed");
        failed.then(|| report("PodFailed", status.message.clone().unwrap_or_default()))?
    })
}

fn of_container(
    container: &ContainerStatus,
    report: &dyn Fn(&'static str, String) -> Option<Problem>,
) -> Option<Problem> {
    let state = container.state.as_ref()?;
    let last = container.last_state.as_ref().and_then(|last| last.terminated.as_ref());
    if let Some(waiting) = &state.waiting {
        let reason = waiting.reason.as_deref().unwrap_or_default();
        let message = waiting.message.clone().unwrap_or_default();
        return match reason {
            "ErrImagePull"
            | "ImagePullBackOff"
            | "InvalidImageName"
            | "ErrImageNeverPull"
            | "RegistryUnavailable"
            | "ImageInspectError" => report(
                NOT_PULLED,
                format!("the image {} cannot be pulled: {message}", container.image),
            ),
            "CreateContainerConfigError" | "CreateContainerError" | "RunContainerError" => {
                report("ContainerNotMade", message)
            }
            "CrashLoopBackOff" => {
                let (code, said) = last.map_or((0, String::new()), |last| {
                    (last.exit_code, last_line(last.message.as_deref(), last.reason.as_deref()))
                });
                report("CrashLoop", format!("ended with code {code} again and again: {said}"))
            }
            _ => None,
        };
    }
    let ended = state.terminated.as_ref().or_else(|| last.filter(|_| !container.ready))?;
    let said = last_line(ended.message.as_deref(), ended.reason.as_deref());
    match (ended.exit_code, ended.reason.as_deref()) {
        (_, Some("OOMKilled")) => {
            report("OutOfMemory", "used more memory than its limit".to_owned())
        }
        (0, _) => None,
        (code, _) => report("Crashed", format!("ended with code {code}: {said}")),
    }
}

/// The last line that a container wrote: Kubernetes keeps the end of its log.
fn last_line(message: Option<&str>, reason: Option<&str>) -> String {
    let line = message.and_then(|text| text.lines().rev().find(|line| !line.trim().is_empty()));
    line.or(reason).unwrap_or("it said nothing").trim().to_owned()
}
