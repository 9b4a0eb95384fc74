//! Step 3, pure: the next step towards the spec, and what it waits for.
//!
//! A change of revision replaces servers one by one, with never fewer ready than before and never
//! more than one above. The Service selects the new revision only when it has a server that stays
//! ready, and a revision that does not become ready moves no client.

mod diagnosis;
mod migration;
mod state;
mod step;

use std::{collections::BTreeMap, time::Duration};

use kube::ResourceExt;

use self::{
    diagnosis::Problem,
    step::{Health, Step, step},
};
pub(crate) use self::{
    migration::{Migration, attempt, is_running},
    state::{RolloutState, is_lost},
};
use crate::{names, observe::Observed, quantity::servers, resolve::Resolved};

/// How far a `ChatCluster` has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Nothing may be changed.
    Paused,
    /// No server runs, or all are being stopped.
    Hibernated,
    /// A managed store starts.
    WaitingForMySQL,
    /// The database schema is being migrated.
    Migrating,
    /// The first servers start.
    Starting,
    /// Servers of another revision take over.
    Rolling,
    /// The wanted revision does not become ready; the other one still serves.
    Held,
    /// The number of servers changes.
    Scaling,
    /// Everything is as the spec asks.
    Settled,
}

/// The next step for one `ChatCluster`.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How far it has come.
    pub(crate) phase: Phase,
    /// The current servers.
    pub(crate) state: RolloutState,
    /// The wanted servers, by revision.
    pub(crate) replicas: BTreeMap<String, i32>,
    /// The revision that the Service selects; `None` before there is one.
    pub(crate) selected: Option<String>,
    /// The migration of the database schema.
    pub(crate) migration: Migration,
    /// Whether the managed stores run.
    pub(crate) stores_run: bool,
    /// What it waits for, as in "waits for ...".
    pub(crate) waiting_for: Option<String>,
    /// The first problem of a component.
    pub(crate) problem: Option<Problem>,
    /// Why the wanted revision must not be selected again: its servers crashed while they served.
    pub(crate) failed: Option<String>,
    /// After this time the state is observed again, even if no watch reports a change.
    pub(crate) again: Duration,
}

/// A settled `ChatCluster` is observed this often: no watch reports a changed Secret, or a server's
/// report on Redis.
const SETTLED_INTERVAL: Duration = Duration::from_secs(8);
/// During a rollout waits end without an event.
const ROLLOUT_INTERVAL: Duration = Duration::from_secs(1);

/// Decides the next step.
#[must_use]
pub fn rollout(resolved: &Resolved, seen: &Observed) -> Plan {
    let state = RolloutState::of(&resolved.spec, &resolved.names, &resolved.revision, seen);
    let refused = diagnosis::refusal(seen, &state);
    let problem = diagnosis::find(resolved, seen, &state).or_else(|| refused.clone());
    let failed = failed(seen, &state.target);
    let health = match (&failed, &refused, &problem) {
        (Some(_), ..) => Health::Failed,
        (_, Some(_), _) => Health::Refused,
        (.., Some(_)) => Health::Degraded,
        _ => Health::Good,
    };
    let mut plan = Plan {
        phase: Phase::Settled,
        state: state.clone(),
        replicas: state.revisions.iter().map(|(name, r)| (name.clone(), r.replicas)).collect(),
        selected: state.selected.clone(),
        migration: migration::migration(resolved, seen),
        stores_run: true,
        waiting_for: None,
        problem,
        failed,
        again: SETTLED_INTERVAL,
    };
    if resolved.spec.paused {
        plan.phase = Phase::Paused;
        return plan;
    }
    if resolved.spec.hibernated {
        return hibernate(plan, seen, &state);
    }
    if let Some(waiting) = gate(&mut plan, resolved, seen, &state) {
        plan.waiting_for = Some(waiting);
        plan.again = ROLLOUT_INTERVAL;
        let serving = state.selected.as_ref().filter(|name| state.revisions.contains_key(*name));
        // Meanwhile the revision that serves follows the spec as far as it can.
        if let (Phase::Migrating, Some(serving)) = (plan.phase, serving) {
            let meanwhile = RolloutState { target: serving.clone(), ..state.clone() };
            follow(&mut plan, step(&meanwhile, Health::Good), &state);
        }
        return plan;
    }
    let next = step(&state, health);
    plan.phase = next.phase;
    plan.waiting_for.clone_from(&next.waiting_for);
    if next.fails && plan.failed.is_none() {
        let cause = plan.problem.as_ref().map(|problem| problem.message.clone());
        plan.failed = Some(cause.unwrap_or_else(|| "its log says why".to_owned()));
    }
    if next.phase != Phase::Settled {
        plan.again = ROLLOUT_INTERVAL;
    }
    follow(&mut plan, next, &state);
    plan
}

/// Takes over the replicas and the selection of a step.
fn follow(plan: &mut Plan, next: Step, state: &RolloutState) {
    plan.replicas = next.replicas;
    plan.selected = next.selected.or(plan.selected.take());
    // A revision without servers that is not selected is removed.
    plan.replicas.retain(|name, count| {
        let left = state
            .revisions
            .get(name)
            .is_some_and(|one| one.replicas + one.pods + one.terminating > 0);
        *count > 0 || left || *name == state.target || plan.selected.as_ref() == Some(name)
    });
}

/// The recorded crash of the wanted revision.
fn failed(seen: &Observed, target: &str) -> Option<String> {
    let deployments = seen.deployments.iter();
    let mut of_target = deployments.filter(|found| names::revision(found.as_ref()) == target);
    of_target.find_map(|found| found.annotations().get(names::FAILED).cloned())
}

fn hibernate(mut plan: Plan, seen: &Observed, state: &RolloutState) -> Plan {
    plan.phase = Phase::Hibernated;
    plan.migration = Migration::Unneeded;
    for replicas in plan.replicas.values_mut() {
        *replicas = 0;
    }
    let left: i32 = state.revisions.values().map(|r| r.pods + r.terminating).sum();
    let migrates = seen.jobs.iter().any(|job| is_running(job, seen));
    // The servers commit what they accepted before MySQL stops.
    plan.stores_run = left > 0 || migrates;
    if plan.stores_run {
        let waiting = format!("{} to end", servers(left));
        plan.waiting_for = Some(if left > 0 { waiting } else { "a migration to end".to_owned() });
        plan.again = ROLLOUT_INTERVAL;
    }
    plan
}

/// What servers of the wanted revision wait for before they may start; `None` where they may.
fn gate(
    plan: &mut Plan,
    resolved: &Resolved,
    seen: &Observed,
    state: &RolloutState,
) -> Option<String> {
    let runs = state.revisions.get(&state.target).is_some_and(|target| target.replicas > 0);
    if resolved.spec.mysql.managed.is_some() && !runs && !is_ready(seen, names::MYSQL) {
        plan.phase = Phase::WaitingForMySQL;
        if matches!(plan.migration, Migration::Due { .. }) {
            plan.migration = Migration::Waiting;
        }
        return Some("MySQL to start".to_owned());
    }
    if runs {
        return None;
    }
    let waiting = match &plan.migration {
        Migration::Unneeded | Migration::Done { .. } => return None,
        Migration::Busy { revision, .. } => {
            format!("the migration of revision {revision}, which still runs, to end")
        }
        Migration::Running { long_since: Some(since), .. } => {
            format!("the migration of the store, which runs since {since}")
        }
        Migration::Waiting | Migration::Due { .. } | Migration::Running { .. } => {
            "the migration of the store".to_owned()
        }
        Migration::Failed { .. } => "the migration of the store, which failed".to_owned(),
    };
    plan.phase = Phase::Migrating;
    Some(waiting)
}

fn is_ready(seen: &Observed, component: &str) -> bool {
    let mut sets =
        seen.stateful_sets.iter().filter(|set| names::component(set.as_ref()) == component);
    sets.any(|set| set.status.as_ref().and_then(|status| status.ready_replicas).unwrap_or(0) > 0)
}

#[cfg(test)]
mod tests;
