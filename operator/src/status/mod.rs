//! What is told: pure, from what was applied; and then one write, where something changed.

mod condition;
mod edge;
mod states;

use k8s_openapi::{
    apimachinery::pkg::apis::meta::v1::{Condition, Time},
    jiff::Timestamp,
};
use kube::{
    Api, Client, ResourceExt,
    api::{Patch, PatchParams},
};
use serde_json::json;

pub use condition::{Kind, State};

use crate::{
    apply::Applied,
    crd::{ChatCluster, ChatClusterSpec, ChatClusterStatus, Rollout},
    names::{self, Names},
    observed::Observed,
    resolve::Resolved,
    rollout::{Phase, Plan},
    view::View,
};

/// Field manager of the status.
const MANAGER: &str = "chat-operator-status";

/// Why it could not be told.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the status: {0}")]
pub struct Error(#[source] Box<kube::Error>);

/// What is to be told after everything was applied.
#[must_use]
pub fn compute(
    cluster: &ChatCluster,
    resolved: &Resolved,
    plan: &Plan,
    seen: &Observed,
    _applied: &Applied,
) -> ChatClusterStatus {
    let view = View::of(&resolved.spec, &resolved.names, &resolved.revision, seen);
    let known = states::states(resolved, plan, seen, &view);
    let moved = view.target().ready;
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
    count(&mut status, &resolved.spec, plan.selected.as_ref(), &view);
    status
}

/// Servers that should be there.
fn wanted(spec: &ChatClusterSpec) -> i32 {
    if spec.hibernated { 0 } else { spec.replicas }
}

/// How many servers there are.
fn count(
    status: &mut ChatClusterStatus,
    spec: &ChatClusterSpec,
    serving: Option<&String>,
    view: &View,
) {
    status.replicas = view.revisions.values().map(|one| one.pods).sum();
    status.ready_replicas = view.revisions.values().map(|one| one.ready).sum();
    status.summary = Some(format!("{}/{}", status.ready_replicas, wanted(spec)));
    status.serving_revision = serving.filter(|name| view.revisions.contains_key(*name)).cloned();
}

/// What is to be told of a spec that cannot be fulfilled, or of a step that failed: what runs, as
/// far as it was seen; the rest stays as it was told last.
#[must_use]
pub fn troubled(
    cluster: &ChatCluster,
    seen: Option<&Observed>,
    reason: &'static str,
    message: &str,
    now: Timestamp,
) -> ChatClusterStatus {
    let mut told = cluster.status.clone().unwrap_or_default();
    // What runs goes on running, but it is not what the spec asks for.
    let mut states = vec![
        (Kind::Degraded, State::yes(reason, message)),
        (Kind::Ready, State::no(reason, message)),
        (Kind::Progressing, State::no(reason, message)),
    ];
    if let Some(seen) = seen {
        let target = told.target_revision.clone().unwrap_or_default();
        let view = View::of(&cluster.spec, &Names::new(&cluster.name_any()), &target, seen);
        let serving = view.selected.as_ref();
        states.extend(states::running(&cluster.spec, serving, seen, &view));
        count(&mut told, &cluster.spec, serving, &view);
    }
    let old = |kind: Kind| told.conditions.iter().find(|c| c.type_ == kind.name());
    for kind in Kind::ALL {
        if states.iter().any(|(known, _)| *known == kind) {
            continue;
        }
        states.push((kind, old(kind).map_or_else(State::unknown, State::of)));
    }
    told.observed_generation = cluster.metadata.generation;
    told.conditions = conditions(cluster, &states, now);
    told.message = Some(message.to_owned());
    told
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
        // Whether it is https, the Gateway knows.
        return format!("https://{host}");
    }
    let scheme = if resolved.spec.tls.is_some() { "https" } else { "http" };
    format!("{scheme}://{}.{}.svc", resolved.names.service(), resolved.namespace)
}

fn conditions(cluster: &ChatCluster, states: &[(Kind, State)], now: Timestamp) -> Vec<Condition> {
    let old =
        cluster.status.as_ref().map(|status| status.conditions.as_slice()).unwrap_or_default();
    let all = Kind::ALL.iter().filter_map(|kind| states.iter().find(|(known, _)| known == kind));
    all.map(|(kind, state)| {
        let before = old.iter().find(|c| c.type_ == kind.name() && c.status == state.status);
        Condition {
            type_: kind.name().to_owned(),
            status: state.status.to_owned(),
            reason: state.reason.clone(),
            // The API refuses more.
            message: state.message.chars().take(1024).collect(),
            observed_generation: cluster.metadata.generation,
            last_transition_time: before.map_or(Time(now), |c| c.last_transition_time.clone()),
        }
    })
    .collect()
}

/// Does a Gateway not take up the route: no watch tells when it does.
#[must_use]
pub fn waits_for_gateway(status: &ChatClusterStatus) -> bool {
    let exposed = status.conditions.iter().find(|c| c.type_ == Kind::Exposed.name());
    exposed.is_some_and(|condition| condition.reason == edge::NOT_ACCEPTED)
}

/// Writes it, where something changed.
pub async fn write(
    client: &Client,
    cluster: &ChatCluster,
    status: &ChatClusterStatus,
) -> Result<bool, Error> {
    if cluster.status.as_ref() == Some(status) {
        return Ok(false);
    }
    let api: Api<ChatCluster> =
        Api::namespaced(client.clone(), &cluster.namespace().unwrap_or_default());
    let patch = json!({
        "apiVersion": "chatcluster.dev/v1alpha1",
        "kind": "ChatCluster",
        "metadata": { "name": cluster.name_any() },
        "status": status,
    });
    let params = PatchParams::apply(MANAGER).force();
    match api.patch_status(&cluster.name_any(), &params, &Patch::Apply(patch)).await {
        Ok(_) => Ok(true),
        // Deleted in between.
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(false),
        Err(error) => Err(Error(Box::new(error))),
    }
}

#[cfg(test)]
mod tests;
