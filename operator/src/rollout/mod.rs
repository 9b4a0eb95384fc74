//! Pure: from what is wanted and what is there to the next step, and why it is not the last one.
//!
//! The promise of a change of revision: servers are moved one by one, never fewer are ready than
//! before and never more than one above, new clients come to the new revision only as soon as it
//! has a server that stays ready, and a revision that does not come up moves nobody.

mod migration;
mod step;

use std::{collections::BTreeMap, time::Duration};

pub use migration::{Migration, attempt, is_at_work, migration};
pub use step::{Doubt, Step, step};

use kube::ResourceExt;

use crate::{
    names,
    observed::Observed,
    resolve::Resolved,
    trouble::{self, Trouble},
    view::View,
};

/// Where a `ChatCluster` stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Nothing may be changed.
    Paused,
    /// Nothing runs, or what runs is being stopped.
    Hibernated,
    /// A managed store starts.
    WaitingForStore,
    /// The store's schema is being brought up to date.
    Migrating,
    /// The first servers start.
    Starting,
    /// Servers of another revision take over.
    Rolling,
    /// The wanted revision does not come up; the other one serves on.
    Held,
    /// The number of servers changes.
    Scaling,
    /// All is as it should be.
    Settled,
}

/// What is to be done now.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Where it stands.
    pub phase: Phase,
    /// Servers of each revision.
    pub replicas: BTreeMap<String, i32>,
    /// The revision that the Service selects; nothing before there is one.
    pub selected: Option<String>,
    /// What becomes of the schema.
    pub migration: Migration,
    /// Do the managed stores run.
    pub stores_run: bool,
    /// What it waits for.
    pub waiting_for: Option<String>,
    /// What is wrong.
    pub trouble: Option<Trouble>,
    /// Why the wanted revision must not serve again: it has, and crashed.
    pub failed: Option<String>,
    /// When to look again, even if nothing is heard.
    pub again: Duration,
}

/// A calm look now and then notices a changed Secret, and what a server says of Redis.
const CALM: Duration = Duration::from_secs(8);
/// While something is under way, times run out without an event.
const BUSY: Duration = Duration::from_secs(1);

/// Decides.
#[must_use]
pub fn rollout(resolved: &Resolved, seen: &Observed) -> Plan {
    let view = View::of(&resolved.spec, &resolved.names, &resolved.revision, seen);
    let refused = trouble::refusal(seen, &view);
    let trouble = trouble::find(resolved, seen, &view).or_else(|| refused.clone());
    let failed = failed(seen, &view.target);
    let doubt = match (&failed, &refused, &trouble) {
        (Some(_), ..) => Doubt::Failed,
        (_, Some(_), _) => Doubt::Refused,
        (.., Some(_)) => Doubt::Troubled,
        _ => Doubt::None,
    };
    let mut plan = Plan {
        phase: Phase::Settled,
        replicas: view.revisions.iter().map(|(name, r)| (name.clone(), r.replicas)).collect(),
        selected: view.selected.clone(),
        migration: migration(resolved, seen),
        stores_run: true,
        waiting_for: None,
        trouble,
        failed,
        again: CALM,
    };
    if resolved.spec.paused {
        plan.phase = Phase::Paused;
        return plan;
    }
    if resolved.spec.hibernated {
        return hibernate(plan, seen, &view);
    }
    if let Some(waiting) = gate(&mut plan, resolved, seen, &view) {
        plan.waiting_for = Some(waiting);
        plan.again = BUSY;
        let serving = view.selected.as_ref().filter(|name| view.revisions.contains_key(*name));
        // Meanwhile the servers that serve follow the spec as far as they can.
        if let (Phase::Migrating, Some(serving)) = (plan.phase, serving) {
            let meanwhile = View { target: serving.clone(), ..view.clone() };
            follow(&mut plan, step(&meanwhile, Doubt::None), &view);
        }
        return plan;
    }
    let next = step(&view, doubt);
    plan.phase = next.phase;
    plan.waiting_for.clone_from(&next.waiting_for);
    if next.fails && plan.failed.is_none() {
        let cause = plan.trouble.as_ref().map(|trouble| trouble.message.clone());
        plan.failed = Some(cause.unwrap_or_else(|| "its log says why".to_owned()));
    }
    if next.phase != Phase::Settled {
        plan.again = BUSY;
    }
    follow(&mut plan, next, &view);
    plan
}

/// Takes over how many servers there should be of which revision, and which one serves.
fn follow(plan: &mut Plan, next: Step, view: &View) {
    plan.replicas = next.replicas;
    plan.selected = next.selected.or(plan.selected.take());
    // What has no server left and serves nobody is over.
    plan.replicas.retain(|name, count| {
        let left =
            view.revisions.get(name).is_some_and(|one| one.replicas + one.pods + one.ending > 0);
        *count > 0 || left || *name == view.target || plan.selected.as_ref() == Some(name)
    });
}

/// Why the wanted revision must not serve again, as it was written down when it crashed.
fn failed(seen: &Observed, target: &str) -> Option<String> {
    let deployments = seen.deployments.iter();
    let mut of_target = deployments.filter(|found| names::revision(found.as_ref()) == target);
    of_target.find_map(|found| found.annotations().get(names::FAILED).cloned())
}

fn hibernate(mut plan: Plan, seen: &Observed, view: &View) -> Plan {
    plan.phase = Phase::Hibernated;
    plan.migration = Migration::Unneeded;
    for replicas in plan.replicas.values_mut() {
        *replicas = 0;
    }
    let left: i32 = view.revisions.values().map(|r| r.pods + r.ending).sum();
    let migrates = seen.jobs.iter().any(|job| is_at_work(job, seen));
    // The servers commit what they were asked for before their store goes.
    plan.stores_run = left > 0 || migrates;
    if plan.stores_run {
        let servers = format!("{left} servers to end");
        plan.waiting_for = Some(if left > 0 { servers } else { "a migration to end".to_owned() });
        plan.again = BUSY;
    }
    plan
}

/// What must be so before servers of the wanted revision may start.
fn gate(plan: &mut Plan, resolved: &Resolved, seen: &Observed, view: &View) -> Option<String> {
    let runs = view.revisions.get(&view.target).is_some_and(|target| target.replicas > 0);
    if resolved.spec.mysql.managed.is_some() && !runs && !is_ready(seen, names::MYSQL) {
        plan.phase = Phase::WaitingForStore;
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
mod plan_tests;
#[cfg(test)]
mod tests;
