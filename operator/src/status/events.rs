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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A status with these conditions: type, status, reason.
    fn status(conditions: &[(&str, &str, &str)]) -> ChatClusterStatus {
        let conditions: Vec<_> = conditions
            .iter()
            .map(|(kind, status, reason)| {
                json!({ "type": kind, "status": status, "reason": reason, "message": "é".repeat(2_000),
                    "lastTransitionTime": "2026-01-01T00:00:00Z" })
            })
            .collect();
        serde_json::from_value(json!({ "replicas": 1, "conditions": conditions })).unwrap()
    }

    /// What is published when a single condition changes from one state to another.
    fn published(kind: &str, before: Option<(&str, &str)>, now: (&str, &str)) -> Option<Event> {
        let before = before.map(|(is, reason)| status(&[(kind, is, reason)]));
        let mut events = events(before.as_ref(), &status(&[(kind, now.0, now.1)]));
        assert!(events.len() < 2);
        events.pop()
    }

    #[test]
    fn what_is_news_for_people_is_published() {
        for (kind, before, now, is_news) in [
            ("Ready", None, ("True", "AllReady"), true),
            ("Ready", None, ("False", "InProgress"), false),
            ("Ready", Some(("True", "AllReady")), ("False", "InProgress"), false),
            ("Ready", Some(("False", "InProgress")), ("True", "AllReady"), true),
            ("Ready", Some(("True", "AllReady")), ("True", "AllReady"), false),
            ("Progressing", Some(("True", "Migrating")), ("True", "Rolling"), true),
            ("Progressing", Some(("True", "Rolling")), ("False", "Settled"), false),
            ("Degraded", None, ("True", "CrashLoop"), true),
            ("Degraded", Some(("True", "CrashLoop")), ("True", "OutOfMemory"), true),
            ("Degraded", Some(("True", "CrashLoop")), ("True", "CrashLoop"), false),
            ("Degraded", Some(("True", "CrashLoop")), ("False", "AsExpected"), true),
            ("Degraded", None, ("False", "AsExpected"), false),
            ("Exposed", Some(("False", "NoAddress")), ("True", "TakenUp"), false),
        ] {
            let event = published(kind, before, now);
            assert_eq!(event.is_some(), is_news, "{kind} {before:?} {now:?}");
            let Some(event) = event else { continue };
            assert_eq!((event.action.as_str(), event.reason.as_str()), (kind, now.1));
            let is_warning = matches!(event.type_, EventType::Warning);
            assert_eq!(is_warning, kind == "Degraded" && now.0 == "True", "{kind} {now:?}");
            assert_eq!(event.note.unwrap().chars().count(), NOTE_CHARS_MAX);
        }
    }

    #[test]
    fn each_condition_is_compared_with_itself() {
        let before = status(&[("Degraded", "True", "A"), ("Ready", "False", "B")]);
        let now = status(&[
            ("Ready", "True", "C"),
            ("Progressing", "True", "D"),
            ("Degraded", "True", "A"),
        ]);
        let reasons: Vec<_> = events(Some(&before), &now).into_iter().map(|e| e.reason).collect();
        assert_eq!(reasons, ["C", "D"]);
    }
}
