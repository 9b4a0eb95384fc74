//! Step 6: conditions and counts, computed without I/O; then one write where something changed, and
//! events for those who run `kubectl describe`.

mod condition;
mod events;
mod exposure;
mod states;
mod write;

use k8s_openapi::{
    apimachinery::pkg::apis::meta::v1::{Condition, Time},
    jiff::Timestamp,
};
use kube::ResourceExt;

use self::condition::{Kind, State};
pub(crate) use self::{
    events::publish,
    write::{Error, write},
};
use crate::{
    crd::{ChatCluster, ChatClusterSpec, ChatClusterStatus, Rollout},
    names::{self, Names},
    observe::Observed,
    resolve::Resolved,
    rollout::{Phase, Plan, RolloutState},
};

/// The status of a `ChatCluster` whose objects were applied.
#[must_use]
pub(crate) fn compute(
    cluster: &ChatCluster,
    resolved: &Resolved,
    plan: &Plan,
    seen: &Observed,
) -> ChatClusterStatus {
    let known = states::states(resolved, plan, seen);
    let moved = plan.state.target().ready;
    let of = wanted(&resolved.spec);
    let rollout = Rollout { moved, of, waiting_for: plan.waiting_for.clone() };
    let is_moving = matches!(plan.phase, Phase::Rolling | Phase::Held | Phase::Migrating);
    let mut selector = resolved.names.selector(names::SERVER);
    selector.insert(names::REVISION.to_owned(), resolved.revision.clone());
    let selector: Vec<_> = selector.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let mut status = ChatClusterStatus {
        observed_generation: resolved.generation,
        selector: Some(selector.join(",")),
        target_revision: Some(resolved.revision.clone()),
        rollout: is_moving.then_some(rollout),
        url: Some(url(resolved)),
        message: Some(message(plan, &known)),
        conditions: conditions(cluster, &known, seen.now),
        ..ChatClusterStatus::default()
    };
    count(&mut status, &resolved.spec, plan.selected.as_ref(), &plan.state);
    status
}

/// Servers that the spec asks for, hibernation considered.
fn wanted(spec: &ChatClusterSpec) -> i32 {
    if spec.hibernated { 0 } else { spec.replicas }
}

/// Fills in the counts of servers.
fn count(
    status: &mut ChatClusterStatus,
    spec: &ChatClusterSpec,
    serving: Option<&String>,
    state: &RolloutState,
) {
    status.replicas = state.revisions.values().map(|one| one.pods).sum();
    status.ready_replicas = state.revisions.values().map(|one| one.ready).sum();
    status.summary = Some(format!("{}/{}", status.ready_replicas, wanted(spec)));
    status.serving_revision = serving.filter(|name| state.revisions.contains_key(*name)).cloned();
}

/// The status of a spec that is rejected, or of a step that failed: what runs, as far as it was
/// observed; the rest stays as reported last.
#[must_use]
pub(crate) fn failed(
    cluster: &ChatCluster,
    seen: Option<&Observed>,
    reason: &'static str,
    message: &str,
    now: Timestamp,
) -> ChatClusterStatus {
    let mut status = cluster.status.clone().unwrap_or_default();
    // What runs goes on running, but it is not what the spec asks for.
    let mut known = vec![
        (Kind::Degraded, State::yes(reason, message)),
        (Kind::Ready, State::no(reason, message)),
        (Kind::Progressing, State::no(reason, message)),
    ];
    if let Some(seen) = seen {
        let target = status.target_revision.clone().unwrap_or_default();
        let state =
            RolloutState::of(&cluster.spec, &Names::new(&cluster.name_any()), &target, seen);
        let serving = state.selected.as_ref();
        known.extend(states::running(&cluster.spec, serving, seen, &state));
        count(&mut status, &cluster.spec, serving, &state);
    }
    for kind in Kind::ALL {
        if known.iter().any(|(known, _)| *known == kind) {
            continue;
        }
        known.push((
            kind,
            condition::reported(&status.conditions, kind).map_or_else(State::unknown, State::of),
        ));
    }
    status.observed_generation = cluster.metadata.generation;
    status.conditions = conditions(cluster, &known, now);
    status.message = Some(message.to_owned());
    status
}

fn message(plan: &Plan, states: &[(Kind, State)]) -> String {
    let find = |wanted| states.iter().find(|(kind, _)| *kind == wanted).map(|(_, state)| state);
    if let Some(degraded) = find(Kind::Degraded).filter(|state| state.is_yes()) {
        return degraded.message.clone();
    }
    match (plan.phase, &plan.waiting_for) {
        (Phase::Paused, _) => "paused".to_owned(),
        (Phase::Hibernated, None) => "hibernated".to_owned(),
        (Phase::Settled, _) | (_, None) => {
            let shut = find(Kind::Exposed).filter(|state| state.status == "False");
            shut.map_or_else(|| "all is well".to_owned(), |state| state.message.clone())
        }
        (_, Some(waiting)) => format!("waits for {waiting}"),
    }
}

fn url(resolved: &Resolved) -> String {
    if let Some(ingress) = &resolved.spec.ingress {
        let scheme = if ingress.tls_secret_name.is_some() { "https" } else { "http" };
        return format!("{scheme}://{}", ingress.host);
    }
    let gateway = resolved.spec.gateway.as_ref();
    if let Some(host) = gateway.and_then(|gateway| gateway.hostnames.first()) {
        // Only the Gateway knows whether it is https.
        return format!("https://{host}");
    }
    let scheme = if resolved.spec.tls.is_some() { "https" } else { "http" };
    format!("{scheme}://{}.{}.svc", resolved.names.service(), resolved.namespace)
}

fn conditions(cluster: &ChatCluster, states: &[(Kind, State)], now: Timestamp) -> Vec<Condition> {
    let old =
        cluster.status.as_ref().map(|status| status.conditions.as_slice()).unwrap_or_default();
    let all = Kind::ALL.iter().filter_map(|kind| states.iter().find(|(known, _)| known == kind));
    let all = all.map(|(kind, state)| {
        let before = condition::reported(old, *kind).filter(|c| c.status == state.status);
        Condition {
            type_: kind.name().to_owned(),
            status: state.status.to_owned(),
            reason: state.reason.clone(),
            // The API rejects a longer one.
            message: state.message.chars().take(1024).collect(),
            observed_generation: cluster.metadata.generation,
            last_transition_time: before.map_or(Time(now), |c| c.last_transition_time.clone()),
        }
    });
    condition::with_deprecated(all.collect())
}

/// Whether a Gateway has not accepted the route: no watch reports when it does.
#[must_use]
pub(crate) fn waits_for_gateway(status: &ChatClusterStatus) -> bool {
    let exposed = status.conditions.iter().find(|c| c.type_ == Kind::Exposed.name());
    exposed.is_some_and(|condition| condition.reason == exposure::NOT_ACCEPTED)
}

#[cfg(test)]
mod tests;
