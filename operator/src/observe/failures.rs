//! I/O: why an object could not be created. Quotas and missing storage classes are reported in
//! events only.

use std::collections::BTreeMap;

use k8s_openapi::{
    api::events::v1::Event,
    jiff::{SignedDuration, Timestamp},
};
use kube::{Api, Client, ResourceExt, api::ListParams};

use super::Observed;

/// An older event is about a problem of the past: a controller that fails tries again, and reports
/// it, at least this often.
const EVENT_MAX_AGE: SignedDuration = SignedDuration::from_mins(20);

/// The newest warning about each object that should exist, or be ready, and is not; by name.
pub(super) async fn failures(
    client: &Client,
    namespace: &str,
    seen: &Observed,
) -> BTreeMap<String, String> {
    let mut suspects: Vec<(String, Option<String>)> = Vec::new();
    for job in &seen.jobs {
        let status = job.status.as_ref();
        let pods = status.map_or(0, |s| {
            s.active.unwrap_or(0) + s.succeeded.unwrap_or(0) + s.failed.unwrap_or(0)
        });
        if pods == 0 {
            suspects.push((job.name_any(), job.uid()));
        }
    }
    for set in &seen.stateful_sets {
        let wanted = set.spec.as_ref().and_then(|spec| spec.replicas).unwrap_or(1);
        let status = set.status.as_ref();
        let ready = status.and_then(|s| s.ready_replicas).unwrap_or(0);
        let pod = format!("{}-0", set.name_any());
        if wanted > status.map_or(0, |s| s.replicas) {
            suspects.push((set.name_any(), set.uid()));
        } else if wanted > ready && !is_scheduled(seen, &pod) {
            suspects.push((format!("data-{pod}"), None));
        }
    }
    for claim in &seen.claims {
        let phase = claim.status.as_ref().and_then(|status| status.phase.as_deref());
        if phase != Some("Bound") {
            suspects.push((claim.name_any(), claim.uid()));
        }
    }
    let events: Api<Event> = Api::namespaced(client.clone(), namespace);
    let mut found = BTreeMap::new();
    for (name, uid) in suspects {
        let about = ListParams::default().fields(&format!("regarding.name={name},type=Warning"));
        let Ok(list) = events.list(&about.limit(50)).await else { continue };
        if let Some(note) = newest(list.items, uid.as_deref(), seen.now) {
            found.insert(name, note);
        }
    }
    found
}

/// A pod that has a node has its volume too.
fn is_scheduled(seen: &Observed, name: &str) -> bool {
    let pod = seen.pods.iter().find(|pod| pod.name_any() == name);
    let conditions = pod.and_then(|pod| pod.status.as_ref()?.conditions.as_ref());
    conditions
        .is_some_and(|all| all.iter().any(|c| c.type_ == "PodScheduled" && c.status == "True"))
}

/// The latest event about this very object, where it is recent.
fn newest(events: Vec<Event>, uid: Option<&str>, now: Timestamp) -> Option<String> {
    let is_about = |event: &Event| {
        let about = event.regarding.as_ref().and_then(|about| about.uid.as_deref());
        uid.is_none_or(|uid| about.is_none_or(|about| about == uid))
    };
    let about = events.into_iter().filter(is_about).map(|event| (last_reported(&event), event));
    let (reported, event) = about.max_by_key(|(reported, _)| *reported)?;
    (now.duration_since(reported) < EVENT_MAX_AGE).then_some(event.note)?
}

fn last_reported(event: &Event) -> Timestamp {
    let times = [
        event.series.as_ref().map(|series| series.last_observed_time.0),
        event.event_time.as_ref().map(|time| time.0),
        event.deprecated_last_timestamp.as_ref().map(|time| time.0),
        event.metadata.creation_timestamp.as_ref().map(|time| time.0),
    ];
    times.into_iter().flatten().max().unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(uid: &str, made: &str, seen: Option<&str>, note: &str) -> Event {
        let mut event = json!({
            "metadata": { "name": "e", "creationTimestamp": made }, "note": note,
            "eventTime": null, "regarding": { "uid": uid },
        });
        if let Some(seen) = seen {
            event["series"] = json!({ "count": 2, "lastObservedTime": seen });
        }
        serde_json::from_value(event).unwrap()
    }

    #[test]
    fn the_latest_recent_event_is_reported() {
        let now = "2026-02-02T12:00:00Z".parse().unwrap();
        let reported = |events: Vec<Event>| newest(events, Some("new"), now);
        let old = || event("new", "2026-02-02T11:10:00Z", None, "old");
        let other = event("gone", "2026-02-02T11:59:00Z", None, "of another one");
        assert_eq!(reported(vec![old(), other]), None);
        let again = "2026-02-02T11:55:00.000000Z";
        let long = event("new", "2026-02-02T10:00:00Z", Some(again), "again and again");
        let short = event("new", "2026-02-02T11:50:00Z", None, "short");
        assert_eq!(reported(vec![long, old(), short]), Some("again and again".to_owned()));
    }
}
