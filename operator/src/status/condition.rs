//! The conditions: what each is about, and how it stands.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::ResourceExt;

use crate::{
    names,
    observe::Observed,
    resolve::Resolved,
    rollout::{Migration, Phase, Plan, View},
};

/// What a condition is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// All is as the spec asks.
    Ready,
    /// People can chat.
    Available,
    /// Something is being changed.
    Progressing,
    /// Something is wrong.
    Degraded,
    /// The store's schema is up to date.
    MigrationsApplied,
    /// MySQL answers.
    StoreAvailable,
    /// Redis answers.
    BrokerAvailable,
    /// Pictures can be stored and fetched.
    UploadsAvailable,
    /// The operator changes nothing.
    Paused,
}

impl Kind {
    /// All, in the order in which they are told.
    pub const ALL: [Self; 9] = [
        Self::Ready,
        Self::Available,
        Self::Progressing,
        Self::Degraded,
        Self::MigrationsApplied,
        Self::StoreAvailable,
        Self::BrokerAvailable,
        Self::UploadsAvailable,
        Self::Paused,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ready => "Ready",
            Self::Available => "Available",
            Self::Progressing => "Progressing",
            Self::Degraded => "Degraded",
            Self::MigrationsApplied => "MigrationsApplied",
            Self::StoreAvailable => "StoreAvailable",
            Self::BrokerAvailable => "BrokerAvailable",
            Self::UploadsAvailable => "UploadsAvailable",
            Self::Paused => "Paused",
        }
    }
}

/// How a condition stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// `True`, `False` or `Unknown`.
    pub status: &'static str,
    /// One word.
    pub reason: String,
    /// A sentence.
    pub message: String,
}

impl State {
    /// It is so.
    #[must_use]
    pub fn yes(reason: &str, message: impl Into<String>) -> Self {
        Self { status: "True", reason: reason.to_owned(), message: message.into() }
    }

    /// It is not so.
    #[must_use]
    pub fn no(reason: &str, message: impl Into<String>) -> Self {
        Self { status: "False", reason: reason.to_owned(), message: message.into() }
    }

    /// Nobody knows yet.
    #[must_use]
    pub fn unknown() -> Self {
        let message = "not known yet".to_owned();
        Self { status: "Unknown", reason: "NotKnownYet".to_owned(), message }
    }

    /// As it was told.
    #[must_use]
    pub fn of(told: &Condition) -> Self {
        let status = match told.status.as_str() {
            "True" => "True",
            "False" => "False",
            _ => "Unknown",
        };
        Self { status, reason: told.reason.clone(), message: told.message.clone() }
    }

    /// Is it so.
    #[must_use]
    pub fn is_yes(&self) -> bool {
        self.status == "True"
    }
}

/// How all of them stand.
pub(super) fn states(
    resolved: &Resolved,
    plan: &Plan,
    seen: &Observed,
    view: &View,
) -> Vec<(Kind, State)> {
    let store = store(resolved, plan, seen);
    let broker = broker(resolved, seen);
    let uploads = uploads(seen);
    let away = [(&store, "StoreAway"), (&broker, "BrokerAway"), (&uploads, "UploadsAway")];
    let degraded = degraded(plan, &away, view);
    let available = available(plan, view);
    let progressing = progressing(plan);
    let ready = ready(plan, view, &available, &degraded);
    let paused = if plan.phase == Phase::Paused {
        State::yes("Paused", "spec.paused is true: nothing is changed")
    } else {
        State::no("NotPaused", "changes are made")
    };
    vec![
        (Kind::Ready, ready),
        (Kind::Available, available),
        (Kind::Progressing, progressing),
        (Kind::Degraded, degraded),
        (Kind::MigrationsApplied, migrations(plan)),
        (Kind::StoreAvailable, store),
        (Kind::BrokerAvailable, broker),
        (Kind::UploadsAvailable, uploads),
        (Kind::Paused, paused),
    ]
}

fn ready(plan: &Plan, view: &View, available: &State, degraded: &State) -> State {
    match plan.phase {
        Phase::Hibernated => State::no("Hibernated", "spec.hibernated is true: nothing runs"),
        Phase::Settled | Phase::Paused
            if available.is_yes() && view.target().ready >= view.wanted =>
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

fn available(plan: &Plan, view: &View) -> State {
    let serving = plan.selected.as_ref().and_then(|name| view.revisions.get(name));
    let ready = serving.map_or(0, |one| one.ready);
    match (ready, plan.phase) {
        (1.., _) => State::yes("ServersReady", format!("{ready} servers take requests")),
        (_, Phase::Hibernated) => State::no("Hibernated", "spec.hibernated is true: nothing runs"),
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

fn degraded(plan: &Plan, away: &[(&State, &str)], view: &View) -> State {
    if let Migration::Failed { cause, .. }
    | Migration::Due { after: Some(cause), .. }
    | Migration::Running { after: Some(cause), .. } = &plan.migration
    {
        return State::yes("MigrationFailed", cause.clone());
    }
    if let Some(trouble) = &plan.trouble {
        return State::yes(trouble.reason, trouble.message.clone());
    }
    if plan.phase == Phase::Hibernated {
        return State::no("AsExpected", "nothing is wrong");
    }
    for (state, reason) in away {
        if state.status == "False" && state.reason != "Starting" {
            return State::yes(reason, state.message.clone());
        }
    }
    if plan.phase == Phase::Settled && view.target().ready < view.wanted {
        return State::yes("ServersMissing", "fewer servers are ready than wanted");
    }
    State::no("AsExpected", "nothing is wrong")
}

fn migrations(plan: &Plan) -> State {
    match &plan.migration {
        Migration::Unneeded | Migration::Done { .. } => {
            State::yes("Applied", "the store's schema is up to date")
        }
        Migration::Waiting => State::no("WaitingForStore", "waits for MySQL to start"),
        Migration::Failed { cause, .. }
        | Migration::Due { after: Some(cause), .. }
        | Migration::Running { after: Some(cause), .. } => {
            State::no("MigrationFailed", format!("{cause}; it is tried again"))
        }
        Migration::Due { after: None, .. } | Migration::Running { after: None, .. } => {
            State::no("Running", "the store's schema is being brought up to date")
        }
    }
}

fn store(resolved: &Resolved, plan: &Plan, seen: &Observed) -> State {
    if let Some(managed) = managed(resolved.spec.mysql.managed.is_some(), names::MYSQL, seen) {
        return managed;
    }
    if let Some(trouble) = seen.pod_status.values().find_map(|pod| pod.store_trouble.clone()) {
        return State::no("NoAnswer", trouble);
    }
    if !seen.pod_status.is_empty() {
        return State::yes("Answers", "MySQL answers the servers");
    }
    match &plan.migration {
        Migration::Failed { cause, .. }
        | Migration::Due { after: Some(cause), .. }
        | Migration::Running { after: Some(cause), .. }
            if cause.contains("cannot connect") =>
        {
            State::no("NoAnswer", cause.clone())
        }
        Migration::Done { .. } => State::yes("Answers", "MySQL answered the migration"),
        _ => State::unknown(),
    }
}

fn broker(resolved: &Resolved, seen: &Observed) -> State {
    if let Some(managed) = managed(resolved.spec.redis.managed.is_some(), names::REDIS, seen) {
        return managed;
    }
    if let Some(trouble) = seen.pod_status.values().find_map(|pod| pod.broker_trouble.clone()) {
        return State::no("NoAnswer", trouble);
    }
    if seen.pod_status.is_empty() {
        return State::unknown();
    }
    State::yes("Answers", "Redis answers the servers")
}

fn uploads(seen: &Observed) -> State {
    if let Some(trouble) = seen.pod_status.values().find_map(|pod| pod.uploads_trouble.clone()) {
        return State::no("NoAnswer", trouble);
    }
    if seen.pod_status.is_empty() {
        return State::unknown();
    }
    State::yes("Answers", "pictures can be stored and fetched")
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
