//! Pure: the state of each condition.

use chat_contract::ops::PodStatus;
use kube::ResourceExt;

use super::{
    condition::{Kind, State},
    exposure,
};
use crate::{
    crd::ChatClusterSpec,
    names,
    observe::Observed,
    quantity::servers,
    resolve::Resolved,
    rollout::{Migration, Phase, Plan, RolloutState, is_lost},
};

/// All conditions of a `ChatCluster` that has a plan.
pub(super) fn states(resolved: &Resolved, plan: &Plan, seen: &Observed) -> Vec<(Kind, State)> {
    let rollout = &plan.state;
    let mut states = running(&resolved.spec, plan.selected.as_ref(), seen, rollout);
    if let Some(store) = states.iter_mut().find(|(kind, _)| *kind == Kind::MysqlReady) {
        store.1 = migrated(plan, rollout, &store.1);
    }
    let missing = exposure::missing(resolved, seen);
    let degraded = degraded(plan, &states, missing.as_ref(), seen, rollout);
    states.extend([
        (Kind::Ready, ready(plan, &states, &degraded, missing.is_some(), rollout)),
        (Kind::Progressing, progressing(plan)),
        (Kind::Degraded, degraded),
        (Kind::MigrationsApplied, migrations(resolved, plan)),
    ]);
    states
}

/// The conditions of any spec, also of one that is rejected: what runs keeps running.
pub(super) fn running(
    spec: &ChatClusterSpec,
    serving: Option<&String>,
    seen: &Observed,
    rollout: &RolloutState,
) -> Vec<(Kind, State)> {
    let reports = reports(seen, rollout);
    let paused = if spec.paused {
        State::yes("Paused", "spec.paused is true: nothing is changed")
    } else {
        State::no("NotPaused", "the operator makes changes")
    };
    vec![
        (Kind::Available, available(spec, serving, rollout)),
        (Kind::MysqlReady, mysql(spec, seen, &reports, rollout)),
        (Kind::RedisReady, redis(spec, seen, &reports)),
        (Kind::UploadsReady, uploads(&reports)),
        (Kind::Exposed, exposure::exposed(spec, seen)),
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
    rollout: &RolloutState,
) -> State {
    let is_available = find(states, Kind::Available).is_some_and(State::is_yes);
    match plan.phase {
        Phase::Hibernated if plan.waiting_for.is_none() => {
            State::no("Hibernated", "spec.hibernated is true: nothing runs")
        }
        Phase::Settled | Phase::Paused
            if is_available && rollout.target().ready >= rollout.wanted && !is_unreachable =>
        {
            State::yes("AllReady", format!("{} ready", servers(rollout.wanted)))
        }
        _ if degraded.is_yes() => State::no(&degraded.reason, degraded.message.clone()),
        _ => {
            let waiting = plan.waiting_for.as_deref().unwrap_or("servers to be ready");
            State::no("InProgress", format!("waits for {waiting}"))
        }
    }
}

fn available(spec: &ChatClusterSpec, serving: Option<&String>, rollout: &RolloutState) -> State {
    let serving = serving.and_then(|name| rollout.revisions.get(name));
    match serving.map_or(0, |one| one.ready) {
        ready @ 1.. => State::yes("ServersReady", format!("{} accepting requests", servers(ready))),
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
        Phase::Settled => State::no("Settled", "no change is in progress"),
        Phase::Held => State::no("Held", waits()),
        Phase::Hibernated => State::yes("Hibernating", waits()),
        Phase::WaitingForMySQL => State::yes("WaitingForMySQL", waits()),
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
    rollout: &RolloutState,
) -> State {
    if let Some(cause) = plan.migration.failure() {
        return State::yes("MigrationFailed", cause.clone());
    }
    if let Some(cause) = &plan.failed {
        let message = format!(
            "revision {} has served and crashed, and is held until the spec changes: {cause}",
            rollout.target
        );
        return State::yes("RevisionFailed", message);
    }
    if let Some(problem) = &plan.problem {
        return State::yes(problem.reason, problem.message.clone());
    }
    if plan.phase == Phase::Hibernated {
        return State::no("AsExpected", "nothing is wrong");
    }
    if let Some(route) = route {
        return route.clone();
    }
    let unavailable = [
        (Kind::MysqlReady, "MySQLUnavailable"),
        (Kind::RedisReady, "RedisUnavailable"),
        (Kind::UploadsReady, "UploadsUnavailable"),
    ];
    for (kind, reason) in unavailable {
        if let Some(state) = find(states, kind)
            && state.status == "False"
            && state.reason != "Starting"
        {
            return State::yes(reason, state.message.clone());
        }
    }
    if let Some(pod) = seen.pods.iter().find(|pod| is_lost(pod, seen.now)) {
        let message = format!(
            "pod {} has outlived its grace period: does its node answer? The rollout does not wait for it; \
             kubectl delete pod --force removes it",
            pod.name_any()
        );
        return State::yes("PodLost", message);
    }
    State::no("AsExpected", "nothing is wrong")
}

fn migrations(resolved: &Resolved, plan: &Plan) -> State {
    if let Some(cause) = plan.migration.failure() {
        return State::no("MigrationFailed", format!("{cause}; it is tried again"));
    }
    match &plan.migration {
        Migration::Unneeded | Migration::Done { .. } => {
            State::yes("Applied", "the database schema is up to date")
        }
        Migration::Waiting => State::no("WaitingForMySQL", "waits for MySQL to start"),
        Migration::Busy { revision, .. } => {
            let message =
                format!("waits for the migration of revision {revision}, which still runs");
            State::no("Waiting", message)
        }
        Migration::Running { attempt, long_since: Some(since), .. } => {
            let job = resolved.names.migration(&resolved.revision, *attempt);
            let message = format!(
                "has been running since {since}: a large table takes time, or a lock blocks it; see \
                 kubectl logs job/{job}"
            );
            State::no("RunsLong", message)
        }
        Migration::Failed { .. } | Migration::Due { .. } | Migration::Running { .. } => {
            State::no("Running", "the database schema is being migrated")
        }
    }
}

/// The reports of the servers that serve; where none of them answers, those of all others.
fn reports<'a>(seen: &'a Observed, rollout: &RolloutState) -> Vec<&'a PodStatus> {
    let of = |pod: &k8s_openapi::api::core::v1::Pod| seen.pod_status.get(&pod.name_any());
    let serve = seen.pods.iter().filter(|pod| {
        rollout.selected.as_deref().is_some_and(|serving| names::revision(pod.as_ref()) == serving)
    });
    let reports: Vec<_> = serve.filter_map(|pod| of(pod)).collect();
    if reports.is_empty() { seen.pod_status.values().collect() } else { reports }
}

fn mysql(
    spec: &ChatClusterSpec,
    seen: &Observed,
    reports: &[&PodStatus],
    rollout: &RolloutState,
) -> State {
    if let Some(managed) = managed(spec.mysql.managed.is_some(), names::MYSQL, seen) {
        return managed;
    }
    if let Some(cause) = reports.iter().find_map(|pod| pod.mysql_problem.clone()) {
        return State::no("NoAnswer", cause);
    }
    // A ready server has a MySQL that answers.
    if !reports.is_empty() || rollout.revisions.values().any(|one| one.ready > 0) {
        return State::yes("Answers", "MySQL answers the servers");
    }
    State::unknown()
}

/// Before any server can report on MySQL, the migration may.
fn migrated(plan: &Plan, rollout: &RolloutState, reported: &State) -> State {
    if reported.status != "Unknown" || rollout.revisions.values().any(|one| one.pods > 0) {
        return reported.clone();
    }
    match (plan.migration.failure(), &plan.migration) {
        (Some(cause), _) if cause.contains("cannot connect") => {
            State::no("NoAnswer", cause.clone())
        }
        (None, Migration::Done { .. }) => State::yes("Answers", "MySQL answered the migration"),
        _ => reported.clone(),
    }
}

fn redis(spec: &ChatClusterSpec, seen: &Observed, reports: &[&PodStatus]) -> State {
    if let Some(managed) = managed(spec.redis.managed.is_some(), names::REDIS, seen) {
        return managed;
    }
    answers(reports, |pod| pod.redis_problem.clone(), "Redis answers the servers")
}

fn uploads(reports: &[&PodStatus]) -> State {
    answers(
        reports,
        |pod| pod.uploads_problem.clone(),
        "the storage of uploads answers the servers",
    )
}

fn answers(
    reports: &[&PodStatus],
    cause: impl Fn(&PodStatus) -> Option<String>,
    message: &str,
) -> State {
    match reports.iter().find_map(|pod| cause(pod)) {
        Some(cause) => State::no("NoAnswer", cause),
        None if reports.is_empty() => State::unknown(),
        None => State::yes("Answers", message),
    }
}

/// The state of a managed store that is not ready; of a ready one the servers report more.
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
