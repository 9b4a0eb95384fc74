//! Pure: the next step of a rollout.

use std::collections::BTreeMap;

use super::{Phase, RolloutState};
use crate::quantity::servers;

/// How the wanted revision is doing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Health {
    /// Nothing is known against it.
    #[default]
    Good,
    /// Something is wrong with its pods.
    Degraded,
    /// It is ready, but Redis or the upload storage refuses it, and not the serving servers.
    Refused,
    /// Its servers crashed while they served.
    Failed,
}

impl Health {
    /// Whether the Service must not select it while another revision can serve.
    fn is_held(self) -> bool {
        matches!(self, Self::Refused | Self::Failed)
    }
}

/// The next step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    /// The phase that this step belongs to.
    pub(super) phase: Phase,
    /// Servers of each revision.
    pub(super) replicas: BTreeMap<String, i32>,
    /// The revision that the Service is to select; `None` keeps the selection.
    pub(super) selected: Option<String>,
    /// What the step after this one waits for.
    pub(super) waiting_for: Option<String>,
    /// The wanted revision crashed while it served: it must not be selected again.
    pub(super) fails: bool,
}

impl Step {
    /// These servers, the same selection, and something to wait for.
    fn wait(phase: Phase, waiting_for: impl Into<String>, replicas: BTreeMap<String, i32>) -> Self {
        let waiting_for = Some(waiting_for.into());
        Self { phase, replicas, selected: None, waiting_for, fails: false }
    }
}

/// Decides the next step.
#[must_use]
pub(super) fn step(state: &RolloutState, health: Health) -> Step {
    if state.is_alone {
        return replace(state);
    }
    let serving = state.selected.as_ref().filter(|name| state.revisions.contains_key(*name));
    match serving {
        None => first(state),
        Some(serving) if *serving == state.target => match fallback(state, health) {
            Some(back) => {
                let fails = state.target().crashed > 0;
                Step { fails, ..switch(state, back, Phase::Held) }
            }
            None => take_over(state),
        },
        Some(serving) => bring_up(state, serving, health),
    }
}

/// Only one server can mount the volume: the old one terminates before the new one starts.
fn replace(state: &RolloutState) -> Step {
    let mut replicas: BTreeMap<_, _> = state.others().map(|(name, _)| (name.clone(), 0)).collect();
    let left: i32 = state.others().map(|(_, one)| one.pods + one.terminating).sum();
    let target = state.target();
    let is_settled =
        target.replicas == state.wanted && target.is_available() && target.terminating == 0;
    let (phase, selected, waiting, count) = if left > 0 {
        (Phase::Rolling, None, Some("the server before it to end".to_owned()), target.replicas)
    } else if is_settled {
        (Phase::Settled, Some(state.target.clone()), None, state.wanted)
    } else {
        let waiting = format!("{} to be ready", servers(state.wanted));
        (Phase::Starting, Some(state.target.clone()), Some(waiting), state.wanted)
    };
    replicas.insert(state.target.clone(), count);
    Step { phase, replicas, selected, waiting_for: waiting, fails: false }
}

fn current_replicas(state: &RolloutState) -> BTreeMap<String, i32> {
    state.revisions.iter().map(|(name, one)| (name.clone(), one.replicas)).collect()
}

/// No client is served yet: all servers start at once. Revisions that were wanted before and never
/// served are removed.
fn first(state: &RolloutState) -> Step {
    // The Service was deleted while servers run: they are selected again.
    if let Some(other) = most_ready(state) {
        let to = if state.target().available > 0 { &state.target } else { other };
        return switch(state, to, Phase::Rolling);
    }
    let mut replicas: BTreeMap<_, _> = state.others().map(|(name, _)| (name.clone(), 0)).collect();
    replicas.insert(state.target.clone(), state.wanted);
    Step {
        phase: Phase::Starting,
        replicas,
        selected: Some(state.target.clone()),
        waiting_for: Some(format!("{} to be ready", servers(state.wanted))),
        fails: false,
    }
}

fn switch(state: &RolloutState, to: &str, phase: Phase) -> Step {
    Step {
        phase,
        replicas: current_replicas(state),
        selected: Some(to.to_owned()),
        waiting_for: Some(format!("new clients to come to revision {to}")),
        fails: false,
    }
}

/// Falls back to an older revision with ready servers: the wanted revision serves, but none of its
/// servers is ready any more, one has crashed, or a dependency refuses them.
fn fallback(state: &RolloutState, health: Health) -> Option<&str> {
    let target = state.target();
    if target.ready > 0 && target.crashed == 0 && !health.is_held() {
        return None;
    }
    most_ready(state)
}

/// The revision besides the wanted one that has the most ready servers.
fn most_ready(state: &RolloutState) -> Option<&str> {
    let ready = state.others().filter(|(_, one)| one.remaining() > 0);
    ready.max_by_key(|(_, one)| one.remaining()).map(|(name, _)| name.as_str())
}

/// Another revision serves. One server of the wanted revision is started beside it; when it stays
/// ready, the Service selects it. Where none of the serving revision is ready any more, a third one
/// that has ready servers serves meanwhile.
fn bring_up(state: &RolloutState, serving: &str, health: Health) -> Step {
    let target = state.target();
    if target.is_scaled() && target.available > 0 && !health.is_held() {
        return switch(state, &state.target, Phase::Rolling);
    }
    let phase = if health == Health::Good { Phase::Rolling } else { Phase::Held };
    let serves = state.revisions.get(serving).is_some_and(|one| one.remaining() > 0);
    if !serves && let Some(other) = most_ready(state) {
        return switch(state, other, phase);
    }
    let mut replicas = current_replicas(state);
    // Revisions in between are removed first: what is not ready at once, the others one by one while
    // more servers are ready than wanted.
    let between = || state.others().filter(|(name, _)| *name != serving);
    replicas.extend(between().map(|(name, one)| (name.clone(), one.remaining())));
    let is_calm =
        state.others().all(|(name, one)| one.terminating == 0 && one.pods == replicas[name]);
    let ready: i32 = state.others().map(|(_, one)| one.remaining()).sum();
    if is_calm
        && ready > state.wanted
        && let Some((name, one)) = between().find(|(_, one)| one.remaining() > 0)
    {
        replicas.insert(name.clone(), one.remaining() - 1);
    }
    let kept = keep_serving(state, serving, health.is_held(), is_calm);
    replicas.insert(serving.to_owned(), kept);
    let beside: i32 = state.others().map(|(name, one)| one.pods.max(replicas[name])).sum();
    if target.replicas == 0 && beside > state.wanted {
        return Step::wait(Phase::Rolling, "servers of an older revision to end", replicas);
    }
    // Those beyond the first were left by a fallback; a failed revision needs none of them.
    let is_one = target.ready == 0 || health == Health::Failed;
    let asked = if is_one { 1 } else { target.replicas.clamp(1, state.wanted) };
    replicas.insert(state.target.clone(), asked);
    let waiting = match health {
        Health::Failed => format!("another spec: revision {} has served and crashed", state.target),
        _ => format!("a server of revision {} to be ready and stay so", state.target),
    };
    Step::wait(phase, waiting, replicas)
}

/// How many servers the serving revision keeps: enough for all that others do not have ready, and
/// never more than one too many in all. Those of a revision that is held are no help.
fn keep_serving(state: &RolloutState, serving: &str, is_held: bool, is_calm: bool) -> i32 {
    let one = state.revisions.get(serving).copied().unwrap_or_default();
    let others = || state.revisions.iter().filter(|(name, _)| *name != serving);
    let helping = others().filter(|(name, _)| !is_held || **name != state.target);
    let ready: i32 = helping.map(|(_, other)| other.remaining()).sum();
    let there: i32 = others().map(|(_, other)| other.pods.max(other.replicas)).sum();
    let needed = (state.wanted - ready).max(0);
    let room = (state.wanted + 1 - there).max(one.replicas);
    let kept = one.replicas.max(needed).min(room).min(state.wanted);
    // A server that does not become ready takes the place of the first one of the wanted revision.
    let is_in_the_way = state.target().replicas == 0 && there + kept > state.wanted;
    let is_stuck = is_calm && one.ready > 0 && one.ready < one.replicas;
    kept - i32::from(is_in_the_way && is_stuck)
}

/// The wanted revision serves. Older servers are removed one by one, each only when it has a
/// replacement.
fn take_over(state: &RolloutState) -> Step {
    let target = state.target();
    let mut replicas = current_replicas(state);
    replicas.entry(state.target.clone()).or_insert(state.wanted);
    // A server that is not ready serves no client.
    for (name, one) in state.others() {
        if one.ready == 0 {
            replicas.insert(name.clone(), 0);
        }
    }
    let older: i32 = state.others().map(|(name, _)| replicas[name]).sum();
    let terminating: i32 = state.revisions.values().map(|one| one.terminating).sum();
    let pods: i32 = state.others().map(|(_, one)| one.pods).sum();
    let is_over = older == 0 && pods == 0;
    let phase = if is_over { Phase::Scaling } else { Phase::Rolling };
    let set = |mut replicas: BTreeMap<String, i32>, count| {
        replicas.insert(state.target.clone(), count);
        replicas
    };
    if is_over && target.replicas < state.wanted {
        let waiting = format!("{} to be ready", servers(state.wanted));
        return Step::wait(phase, waiting, set(replicas, state.wanted));
    }
    if terminating > 0 {
        let waiting = format!("{} to hand over clients", servers(terminating));
        return Step::wait(phase, waiting, replicas);
    }
    if !state.others().all(|(_, one)| one.ready == 0 || one.is_scaled()) {
        return Step::wait(phase, "an older server to end", replicas);
    }
    if target.replicas > state.wanted {
        if !target.is_scaled() {
            return Step::wait(phase, "a server to end", replicas);
        }
        // All together, so that no client reconnects to a pod that is about to go.
        let waiting = "servers to hand over clients";
        return Step::wait(phase, waiting, set(replicas, state.wanted));
    }
    if !target.is_available() {
        let missing = target.replicas - target.available;
        let waiting =
            format!("{} of revision {} to be ready and stay so", servers(missing), state.target);
        return Step::wait(phase, waiting, replicas);
    }
    if is_over {
        return Step { waiting_for: None, ..Step::wait(Phase::Settled, "", replicas) };
    }
    if target.replicas + older > state.wanted {
        if let Some(name) = next_to_go(state, &replicas) {
            *replicas.entry(name.clone()).or_default() -= 1;
            let waiting = format!("a server of revision {name} to hand over clients");
            return Step::wait(phase, waiting, replicas);
        }
        return Step::wait(phase, "older servers to end", replicas);
    }
    // An older server that was just scaled down is one too many until it has terminated.
    let there: i32 = state.others().map(|(name, one)| one.pods.max(replicas[name])).sum();
    let room = (state.wanted + 1 - there).max(target.replicas);
    let next = (target.replicas + 1).max(state.wanted - older).min(state.wanted).min(room);
    let waiting = format!("{} of revision {} to be ready", servers(next), state.target);
    Step::wait(phase, waiting, set(replicas, next))
}

/// A revision that is not ready serves nobody and is removed first, then the one with the fewest
/// servers.
fn next_to_go(state: &RolloutState, replicas: &BTreeMap<String, i32>) -> Option<String> {
    let older = state.others().map(|(name, one)| {
        let left = replicas.get(name).copied().unwrap_or(0);
        (one.ready >= left, left, name)
    });
    older.filter(|(_, left, _)| *left > 0).min().map(|(_, _, name)| name.clone())
}
