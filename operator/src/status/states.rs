//! How all conditions stand.

use chat_contract::ops::PodStatus;
use kube::ResourceExt;

use super::{
    condition::{Kind, State},
    edge,
};
use crate::{
    crd::ChatClusterSpec,
    names,
    observed::Observed,
    resolve::Resolved,
    rollout::{Migration, Phase, Plan},
    view::{View, is_lost},
};

/// How all of them stand.
pub(super) fn states(
    resolved: &Resolved,
    plan: &Plan,
    seen: &Observed,
    view: &View,
) -> Vec<(Kind, State)> {
    let mut states = running(&resolved.spec, plan.selected.as_ref(), seen, view);
    if let Some(store) = states.iter_mut().find(|(kind, _)| *kind == Kind::StoreAvailable) {
        store.1 = migrated(plan, view, &store.1);
    }
    let missing = edge::missing(resolved, seen);
    let degraded = degraded(plan, &states, missing.as_ref(), seen, view);
    states.extend([
        (Kind::Ready, ready(plan, &states, &degraded, missing.is_some(), view)),
        (Kind::Progressing, progressing(plan)),
        (Kind::Degraded, degraded),
        (Kind::MigrationsApplied, migrations(resolved, plan)),
    ]);
    states
}

/// What can be told of any spec, also of one that is refused: what runs goes on.
pub(super) fn running(
    spec: &ChatClusterSpec,
    serving: Option<&String>,
    seen: &Observed,
    view: &View,
) -> Vec<(Kind, State)> {
    let said = said(seen, view);
    let paused = if spec.paused {
        State::yes("Paused", "spec.paused is true: nothing is changed")
    } else {
        State::no("NotPaused", "changes are made")
    };
    vec![
        (Kind::Available, available(spec, serving, view)),
        (Kind::StoreAvailable, store(spec, seen, &said, view)),
        (Kind::BrokerAvailable, broker(spec, seen, &said)),
        (Kind::UploadsAvailable, uploads(&said)),
        (Kind::Exposed, edge::exposed(spec, seen)),
        (Kind::Paused, paused),
    ]
}

fn find(states: &[(Kind, State)], kind: Kind) -> Option<&State> {
    states.iter().find(|(known, _)| *known == kind).map(|(_, state)| state)
}

fn ready(
    plan: &Plan,
    states: &[(Kind, State)],
    degraded: &State,
    is_unreachable: bool,
    view: &View,
) -> State {
    let is_available = find(states, Kind::Available).is_some_and(State::is_yes);
    match plan.phase {
        Phase::Hibernated if plan.waiting_for.is_none() => {
            State::no("Hibernated", "spec.hibernated is true: nothing runs")
        }
        Phase::Settled | Phase::Paused
            if is_available && view.target().ready >= view.wanted && !is_unreachable =>
        {
            State::yes("AllReady", format!("{} servers are ready", view.wanted))
        }
        _ if degraded.is_yes() => State::no(&degraded.reason, degraded.message.clone()),
        _ => {
            let waiting = plan.waiting_for.as_deref().unwrap_or("servers to be ready");
            State::no("InProgress", format!("waits for {waiting}"))
        }
    }
}

fn available(spec: &ChatClusterSpec, serving: Option<&String>, view: &View) -> State {
    let serving = serving.and_then(|name| view.revisions.get(name));
    match serving.map_or(0, |one| one.ready) {
        ready @ 1.. => State::yes("ServersReady", format!("{ready} servers take requests")),
        _ if spec.hibernated => State::no("Hibernated", "spec.hibernated is true: nothing runs"),
        _ => State::no("NoServerReady", "no server takes requests"),
    }
}

fn progressing(plan: &Plan) -> State {
    let waiting = plan.waiting_for.clone().unwrap_or_default();
    let waits = || format!("waits for {waiting}");
    match plan.phase {
        Phase::Paused => State::no("Paused", "spec.paused is true: nothing is changed"),
        Phase::Hibernated if plan.waiting_for.is_none() => {
            State::no("Hibernated", "spec.hibernated is true: nothing runs")
        }
        Phase::Settled => State::no("Settled", "all is as it should be"),
        Phase::Held => State::no("Held", waits()),
        Phase::Hibernated => State::yes("Hibernating", waits()),
        Phase::WaitingForStore => State::yes("WaitingForStore", waits()),
        Phase::Migrating => State::yes("Migrating", waits()),
        Phase::Starting => State::yes("Starting", waits()),
        Phase::Rolling => State::yes("Rolling", waits()),
        Phase::Scaling => State::yes("Scaling", waits()),
    }
}

fn degraded(
    plan: &Plan,
    states: &[(Kind, State)],
    route: Option<&State>,
    seen: &Observed,
    view: &View,
) -> State {
    if let Some(cause) = plan.migration.failure() {
        return State::yes("MigrationFailed", cause.clone());
    }
    if let Some(cause) = &plan.failed {
        let message = format!(
            "revision {} has served and crashed, and is held until the spec changes: {cause}",
            view.target
        );
        return State::yes("RevisionFailed", message);
    }
    if let Some(trouble) = &plan.trouble {
        return State::yes(trouble.reason, trouble.message.clone());
    }
    if plan.phase == Phase::Hibernated {
        return State::no("AsExpected", "nothing is wrong");
    }
    if let Some(route) = route {
        return route.clone();
    }
    let away = [
        (Kind::StoreAvailable, "StoreAway"),
        (Kind::BrokerAvailable, "BrokerAway"),
        (Kind::UploadsAvailable, "UploadsAway"),
    ];
    for (kind, reason) in away {
        if let Some(state) = find(states, kind)
            && state.status == "False"
            && state.reason != "Starting"
        {
            return State::yes(reason, state.message.clone());
        }
    }
    if let Some(pod) = seen.pods.iter().find(|pod| is_lost(pod, seen.now)) {
        let message = format!(
            "pod {} should have ended and has not: does its node answer? Nobody waits for it; \
             kubectl delete pod --force removes it",
            pod.name_any()
        );
        return State::yes("PodLost", message);
    }
    if plan.phase == Phase::Settled && view.target().ready < view.wanted {
        return State::yes("ServersMissing", "fewer servers are ready than wanted");
    }
    State::no("AsExpected", "nothing is wrong")
}

fn migrations(resolved: &Resolved, plan: &Plan) -> State {
    if let Some(cause) = plan.migration.failure() {
        return State::no("MigrationFailed", format!("{cause}; it is tried again"));
    }
    match &plan.migration {
        Migration::Unneeded | Migration::Done { .. } => {
            State::yes("Applied", "the store's schema is up to date")
        }
        Migration::Waiting => State::no("WaitingForStore", "waits for MySQL to start"),
        Migration::Busy { revision, .. } => {
            let message = format!("the migration of revision {revision} still runs: it is let end");
            State::no("Waiting", message)
        }
        Migration::Running { attempt, long_since: Some(since), .. } => {
            let job = resolved.names.migration(&resolved.revision, *attempt);
            let message = format!(
                "runs since {since}: a large table takes its time, a lock may hold it up; \
                 kubectl logs job/{job} says more"
            );
            State::no("RunsLong", message)
        }
        Migration::Failed { .. } | Migration::Due { .. } | Migration::Running { .. } => {
            State::no("Running", "the store's schema is being brought up to date")
        }
    }
}

/// What the servers say that serve; where none of them answers, all others.
fn said<'a>(seen: &'a Observed, view: &View) -> Vec<&'a PodStatus> {
    let of = |pod: &k8s_openapi::api::core::v1::Pod| seen.pod_status.get(&pod.name_any());
    let serve = seen.pods.iter().filter(|pod| {
        view.selected.as_deref().is_some_and(|serving| names::revision(pod.as_ref()) == serving)
    });
    let said: Vec<_> = serve.filter_map(|pod| of(pod)).collect();
    if said.is_empty() { seen.pod_status.values().collect() } else { said }
}

fn store(spec: &ChatClusterSpec, seen: &Observed, said: &[&PodStatus], view: &View) -> State {
    if let Some(managed) = managed(spec.mysql.managed.is_some(), names::MYSQL, seen) {
        return managed;
    }
    if let Some(trouble) = said.iter().find_map(|pod| pod.store_trouble.clone()) {
        return State::no("NoAnswer", trouble);
    }
    // A server that is ready has a store that answers.
    if !said.is_empty() || view.revisions.values().any(|one| one.ready > 0) {
        return State::yes("Answers", "MySQL answers the servers");
    }
    State::unknown()
}

/// Where no server can say anything of the store yet, the migration may.
fn migrated(plan: &Plan, view: &View, told: &State) -> State {
    if told.status != "Unknown" || view.revisions.values().any(|one| one.pods > 0) {
        return told.clone();
    }
    match (plan.migration.failure(), &plan.migration) {
        (Some(cause), _) if cause.contains("cannot connect") => {
            State::no("NoAnswer", cause.clone())
        }
        (None, Migration::Done { .. }) => State::yes("Answers", "MySQL answered the migration"),
        _ => told.clone(),
    }
}

fn broker(spec: &ChatClusterSpec, seen: &Observed, said: &[&PodStatus]) -> State {
    if let Some(managed) = managed(spec.redis.managed.is_some(), names::REDIS, seen) {
        return managed;
    }
    answers(said, |pod| pod.broker_trouble.clone(), "Redis answers the servers")
}

fn uploads(said: &[&PodStatus]) -> State {
    answers(said, |pod| pod.uploads_trouble.clone(), "pictures can be stored and fetched")
}

fn answers(
    said: &[&PodStatus],
    trouble: impl Fn(&PodStatus) -> Option<String>,
    well: &str,
) -> State {
    match said.iter().find_map(|pod| trouble(pod)) {
        Some(trouble) => State::no("NoAnswer", trouble),
        None if said.is_empty() => State::unknown(),
        None => State::yes("Answers", well),
    }
}

/// How a managed store stands, where it is not there; what the servers say of one that is there
/// says more.
fn managed(is_managed: bool, component: &str, seen: &Observed) -> Option<State> {
    if !is_managed {
        return None;
    }
    let mut sets = seen.stateful_sets.iter();
    let set = sets.find(|set| names::component(set.as_ref()) == component);
    let status = set.and_then(|set| set.status.as_ref());
    let ready = status.and_then(|status| status.ready_replicas).unwrap_or(0) > 0;
    if !ready {
        let name = set.map_or_else(|| component.to_owned(), |set| set.name_any());
        return Some(State::no("Starting", format!("StatefulSet {name} is not ready")));
    }
    seen.pod_status.is_empty().then(|| State::yes("Runs", format!("{component} is ready")))
}
