//! The next step of a rollout.

use std::collections::BTreeMap;

use super::Phase;
use crate::view::View;

/// What is known against the wanted revision.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Doubt {
    /// Nothing.
    #[default]
    None,
    /// Something is wrong with its pods.
    Troubled,
    /// It is ready, but Redis or the place of pictures refuses it, and not those that serve.
    Refused,
    /// It has served, and crashed.
    Failed,
}

/// The next step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Where it stands.
    pub phase: Phase,
    /// Servers of each revision.
    pub replicas: BTreeMap<String, i32>,
    /// The revision that the Service is to select; nothing: as before.
    pub selected: Option<String>,
    /// What it waits for.
    pub waiting_for: Option<String>,
    /// The wanted revision has served and crashed: it must not serve again.
    pub fails: bool,
}

/// Decides the next step.
#[must_use]
pub fn step(view: &View, doubt: Doubt) -> Step {
    if view.is_alone {
        return replace(view);
    }
    let serving = view.selected.as_ref().filter(|name| view.revisions.contains_key(*name));
    match serving {
        None => first(view),
        Some(serving) if *serving == view.target => match fallback(view, doubt) {
            Some(back) => {
                let fails = view.target().crashed > 0;
                Step { fails, ..switch(view, back, Phase::Held) }
            }
            None => take_over(view),
        },
        Some(serving) => bring_up(view, serving, doubt),
    }
}

/// The volume takes one server only: the old one ends before the new one starts.
fn replace(view: &View) -> Step {
    let mut replicas: BTreeMap<_, _> = view.others().map(|(name, _)| (name.clone(), 0)).collect();
    let left: i32 = view.others().map(|(_, one)| one.pods + one.ending).sum();
    let target = view.target();
    let is_settled = target.replicas == view.wanted && target.is_steady() && target.ending == 0;
    let (phase, selected, waiting, count) = if left > 0 {
        (Phase::Rolling, None, Some("the server before it to end".to_owned()), target.replicas)
    } else if is_settled {
        (Phase::Settled, Some(view.target.clone()), None, view.wanted)
    } else {
        let waiting = format!("{} servers to be ready", view.wanted);
        (Phase::Starting, Some(view.target.clone()), Some(waiting), view.wanted)
    };
    replicas.insert(view.target.clone(), count);
    Step { phase, replicas, selected, waiting_for: waiting, fails: false }
}

fn keep(view: &View) -> BTreeMap<String, i32> {
    view.revisions.iter().map(|(name, one)| (name.clone(), one.replicas)).collect()
}

/// Nobody is served yet, so nobody can be hurt: all servers at once. Revisions that were wanted
/// before and never served go.
fn first(view: &View) -> Step {
    // The Service was lost, and servers are there: they are selected again.
    let older = view.others().filter(|(_, one)| one.ready > 0);
    if let Some((name, _)) = older.max_by_key(|(_, one)| one.ready) {
        let to = if view.target().steady > 0 { &view.target } else { name };
        return switch(view, to, Phase::Rolling);
    }
    let mut replicas: BTreeMap<_, _> = view.others().map(|(name, _)| (name.clone(), 0)).collect();
    replicas.insert(view.target.clone(), view.wanted);
    Step {
        phase: Phase::Starting,
        replicas,
        selected: Some(view.target.clone()),
        waiting_for: Some(format!("{} servers to be ready", view.wanted)),
        fails: false,
    }
}

fn switch(view: &View, to: &str, phase: Phase) -> Step {
    Step {
        phase,
        replicas: keep(view),
        selected: Some(to.to_owned()),
        waiting_for: Some(format!("new clients to come to revision {to}")),
        fails: false,
    }
}

/// The wanted revision serves, and none of its servers is ready any more, one has crashed, or they
/// are refused what they need; but an older one has ready servers: it serves again.
fn fallback(view: &View, doubt: Doubt) -> Option<&str> {
    let (target, is_held) = (view.target(), matches!(doubt, Doubt::Refused | Doubt::Failed));
    if target.ready > 0 && target.crashed == 0 && !is_held {
        return None;
    }
    let ready = view.others().filter(|(_, one)| one.lasting() > 0);
    ready.max_by_key(|(_, one)| one.lasting()).map(|(name, _)| name.as_str())
}

/// Another revision serves. One server of the wanted revision is brought up beside it; when it
/// stays ready, new clients come to it.
fn bring_up(view: &View, serving: &str, doubt: Doubt) -> Step {
    let target = view.target();
    let is_held = matches!(doubt, Doubt::Refused | Doubt::Failed);
    if target.followed() && target.steady > 0 && !is_held {
        return switch(view, &view.target, Phase::Rolling);
    }
    let mut replicas = keep(view);
    let step = |phase, waiting: String, replicas: BTreeMap<String, i32>| Step {
        phase,
        replicas,
        selected: None,
        waiting_for: Some(waiting),
        fails: false,
    };
    // Revisions in between go first, as far as nobody misses them: those that are not ready serve
    // nobody, the others go one by one while more are ready than wanted.
    let ready: i32 = view.others().map(|(_, one)| one.lasting()).sum();
    let is_calm = view.others().all(|(_, one)| one.ending == 0 && one.followed());
    let mut spare = ready > view.wanted && is_calm;
    for (name, one) in view.others().filter(|(name, _)| *name != serving) {
        let goes = spare && one.replicas > 0;
        spare &= !goes;
        let left = if one.ready == 0 { 0 } else { one.replicas - i32::from(goes) };
        replicas.insert(name.clone(), left);
    }
    let kept = keep_serving(view, serving, is_held);
    let beside: i32 = view.others().map(|(_, one)| one.replicas.max(one.pods)).sum();
    replicas.insert(serving.to_owned(), kept);
    if target.replicas == 0 && beside > view.wanted {
        return step(Phase::Rolling, "servers of an older revision to end".to_owned(), replicas);
    }
    // Those beyond the first were left by a fallback; what has failed needs none of them.
    let is_one = target.ready == 0 || doubt == Doubt::Failed;
    let asked = if is_one { 1 } else { target.replicas.clamp(1, view.wanted) };
    replicas.insert(view.target.clone(), asked);
    let phase = if doubt == Doubt::None { Phase::Rolling } else { Phase::Held };
    let waiting = match doubt {
        Doubt::Failed => format!("another spec: revision {} has served and crashed", view.target),
        _ => format!("a server of revision {} to be ready and stay so", view.target),
    };
    step(phase, waiting, replicas)
}

/// How many servers the serving revision keeps: enough for all that others do not have ready, and
/// never more than one too many in all. Those of a revision that is held are no help.
fn keep_serving(view: &View, serving: &str, is_held: bool) -> i32 {
    let one = view.revisions.get(serving).copied().unwrap_or_default();
    let others = || view.revisions.iter().filter(|(name, _)| *name != serving);
    let helping = others().filter(|(name, _)| !is_held || **name != view.target);
    let ready: i32 = helping.map(|(_, other)| other.lasting()).sum();
    let there: i32 = others().map(|(_, other)| other.pods.max(other.replicas)).sum();
    let needed = (view.wanted - ready).max(0);
    let room = (view.wanted + 1 - there).max(one.replicas);
    let is_stuck = there > 0 && one.ready > 0 && one.replicas > one.ready && one.followed();
    if view.target().replicas == 0 && there + one.replicas > view.wanted && is_stuck {
        // What does not become ready is in the way of what shall come; it goes first.
        return one.replicas - 1;
    }
    one.replicas.max(needed).min(room).min(view.wanted)
}

/// The wanted revision serves. Older servers go one by one, each only when there is one for it.
fn take_over(view: &View) -> Step {
    let target = view.target();
    let mut replicas = keep(view);
    replicas.entry(view.target.clone()).or_insert(view.wanted);
    // What is not ready serves nobody.
    for (name, one) in view.others() {
        if one.ready == 0 {
            replicas.insert(name.clone(), 0);
        }
    }
    let older: i32 = view.others().map(|(name, _)| replicas[name]).sum();
    let ending: i32 = view.revisions.values().map(|one| one.ending).sum();
    let pods: i32 = view.others().map(|(_, one)| one.pods).sum();
    let is_over = older == 0 && pods == 0;
    let phase = if is_over { Phase::Scaling } else { Phase::Rolling };
    let step = |phase, waiting: Option<String>, replicas| Step {
        phase,
        replicas,
        selected: None,
        waiting_for: waiting,
        fails: false,
    };
    let set = |mut replicas: BTreeMap<String, i32>, count| {
        replicas.insert(view.target.clone(), count);
        replicas
    };
    if is_over && target.replicas < view.wanted {
        let waiting = format!("{} servers to be ready", view.wanted);
        return step(phase, Some(waiting), set(replicas, view.wanted));
    }
    if ending > 0 {
        let waiting = format!("{ending} servers to hand over their clients");
        return step(phase, Some(waiting), replicas);
    }
    if !view.others().all(|(_, one)| one.ready == 0 || one.followed()) {
        return step(phase, Some("an older server to end".to_owned()), replicas);
    }
    if target.replicas > view.wanted {
        if !target.followed() {
            return step(phase, Some("a server to end".to_owned()), replicas);
        }
        // All at once: who is moved by one must not come to the next.
        let waiting = "servers to hand over their clients".to_owned();
        return step(phase, Some(waiting), set(replicas, view.wanted));
    }
    if !target.is_steady() {
        let missing = target.replicas - target.steady;
        let waiting =
            format!("{missing} servers of revision {} to be ready and stay so", view.target);
        return step(phase, Some(waiting), replicas);
    }
    if is_over {
        return step(Phase::Settled, None, replicas);
    }
    if target.replicas + older > view.wanted {
        if let Some(name) = next_to_go(view, &replicas) {
            *replicas.entry(name.clone()).or_default() -= 1;
            let waiting = format!("a server of revision {name} to hand over its clients");
            return step(phase, Some(waiting), replicas);
        }
        return step(phase, Some("older servers to end".to_owned()), replicas);
    }
    // An older server that was just told to end is one too many until it is gone.
    let there: i32 = view.others().map(|(name, one)| one.pods.max(replicas[name])).sum();
    let room = (view.wanted + 1 - there).max(target.replicas);
    let next = (target.replicas + 1).max(view.wanted - older).min(view.wanted).min(room);
    let waiting = format!("{next} servers of revision {} to be ready", view.target);
    step(phase, Some(waiting), set(replicas, next))
}

/// What is not ready serves nobody and goes first, then the revision with the fewest servers.
fn next_to_go(view: &View, replicas: &BTreeMap<String, i32>) -> Option<String> {
    let older = view.others().map(|(name, one)| {
        let left = replicas.get(name).copied().unwrap_or(0);
        (one.ready >= left, left, name)
    });
    older.filter(|(_, left, _)| *left > 0).min().map(|(_, _, name)| name.clone())
}
