//! Pure: from what is wanted and what is there to the next step, and why it is not the last one.
//!
//! The promise of a change of revision: servers are moved one by one, never fewer are ready than
//! before and never more than one above, new clients come to the new revision only as soon as it
//! has a server that stays ready, and a revision that does not come up moves nobody.

mod migration;
mod step;
mod view;

use std::{collections::BTreeMap, time::Duration};

pub use migration::{Migration, attempt, migration};
pub use step::{Step, step};
pub use view::{RevisionView, View, ready_since};

use crate::{
    names,
    observe::Observed,
    resolve::Resolved,
    trouble::{self, Trouble},
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
    /// When to look again, even if nothing is heard.
    pub again: Duration,
}

/// A calm look now and then notices a changed Secret.
const CALM: Duration = Duration::from_secs(10);
/// While something is under way, times run out without an event.
const BUSY: Duration = Duration::from_secs(1);

/// Decides.
#[must_use]
pub fn rollout(resolved: &Resolved, seen: &Observed) -> Plan {
    let view = View::of(resolved, seen);
    let trouble = trouble::find(resolved, seen, &view);
    let migration = migration(resolved, seen);
    let mut plan = Plan {
        phase: Phase::Settled,
        replicas: view.revisions.iter().map(|(name, r)| (name.clone(), r.replicas)).collect(),
        selected: view.selected.clone(),
        migration,
        stores_run: true,
        waiting_for: None,
        trouble,
        again: CALM,
    };
    if resolved.spec.paused {
        plan.phase = Phase::Paused;
        return plan;
    }
    if resolved.spec.hibernated {
        return hibernate(plan, &view);
    }
    if let Some(waiting) = gate(&mut plan, resolved, seen, &view) {
        plan.waiting_for = Some(waiting);
        plan.again = BUSY;
        return plan;
    }
    let Step { phase, replicas, selected, waiting_for } = step(&view, plan.trouble.is_some());
    plan.replicas = replicas;
    plan.selected = selected.or(plan.selected);
    plan.phase = phase;
    plan.waiting_for = waiting_for;
    // What has no server left and serves nobody is over.
    plan.replicas.retain(|name, count| {
        let left =
            view.revisions.get(name).is_some_and(|one| one.replicas + one.pods + one.ending > 0);
        *count > 0 || left || *name == view.target || plan.selected.as_ref() == Some(name)
    });
    if phase != Phase::Settled {
        plan.again = BUSY;
    }
    plan
}

fn hibernate(mut plan: Plan, view: &View) -> Plan {
    plan.phase = Phase::Hibernated;
    plan.migration = Migration::Unneeded;
    for replicas in plan.replicas.values_mut() {
        *replicas = 0;
    }
    let left: i32 = view.revisions.values().map(|r| r.pods + r.ending).sum();
    // The servers commit what they were asked for before their store goes.
    plan.stores_run = left > 0;
    if left > 0 {
        plan.waiting_for = Some(format!("{left} servers to end"));
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
