//! I/O: Kubernetes Events about changed conditions, for `kubectl describe`.

use kube::{
    Resource,
    runtime::events::{Event, EventType, Recorder},
};

use super::Kind;
use crate::crd::{ChatCluster, ChatClusterStatus};

/// Conditions whose changes are published.
const PUBLISHED: [Kind; 3] = [Kind::Ready, Kind::Progressing, Kind::Degraded];
/// The API rejects a longer note.
const NOTE_CHARS_MAX: usize = 1024;

/// Publishes what changed since the status that the `ChatCluster` has. Events are for people: one
/// that is lost is not published again.
pub(crate) async fn publish(recorder: &Recorder, cluster: &ChatCluster, now: &ChatClusterStatus) {
    for event in events(cluster.status.as_ref(), now) {
        if let Err(error) = recorder.publish(&event, &cluster.object_ref(&())).await {
            tracing::debug!(%error, "cannot publish an event");
        }
    }
}

fn events(before: Option<&ChatClusterStatus>, now: &ChatClusterStatus) -> Vec<Event> {
    let mut events = Vec::new();
    for kind in PUBLISHED {
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
            // A problem that is over is news only where it was reported.
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
