//! I/O: events, for those who look at a `ChatCluster` with `kubectl describe`.

use kube::{
    Resource,
    runtime::events::{Event, EventType, Recorder},
};

use crate::{
    crd::{ChatCluster, ChatClusterStatus},
    status::Kind,
};

/// Conditions whose changes are told.
const TOLD: [Kind; 3] = [Kind::Ready, Kind::Progressing, Kind::Degraded];
/// The API refuses more.
const NOTE_CHARS_MAX: usize = 1024;

/// Tells what changed between what was told last and now. Events are for people: one that is
/// lost is no reason to do anything again.
pub async fn tell(recorder: &Recorder, cluster: &ChatCluster, now: &ChatClusterStatus) {
    for event in events(cluster.status.as_ref(), now) {
        if let Err(error) = recorder.publish(&event, &cluster.object_ref(&())).await {
            tracing::debug!(%error, "an event could not be told");
        }
    }
}

fn events(before: Option<&ChatClusterStatus>, now: &ChatClusterStatus) -> Vec<Event> {
    let mut events = Vec::new();
    for kind in TOLD {
        let find = |status: &ChatClusterStatus| {
            status.conditions.iter().find(|c| c.type_ == kind.name()).cloned()
        };
        let Some(condition) = find(now) else { continue };
        let same = before.and_then(find).is_some_and(|old| {
            (old.status.as_str(), old.reason.as_str())
                == (condition.status.as_str(), condition.reason.as_str())
        });
        let is_news = match kind {
            Kind::Ready | Kind::Progressing => condition.status == "True",
            // What is no longer wrong is only news where it was.
            _ => condition.status == "True" || before.and_then(find).is_some(),
        };
        if same || !is_news {
            continue;
        }
        let is_warning = kind == Kind::Degraded && condition.status == "True";
        events.push(Event {
            type_: if is_warning { EventType::Warning } else { EventType::Normal },
            reason: condition.reason.clone(),
            note: Some(condition.message.chars().take(NOTE_CHARS_MAX).collect()),
            action: kind.name().to_owned(),
            secondary: None,
        });
    }
    events
}
