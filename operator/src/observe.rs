//! I/O: what is there now, as far as one `ChatCluster` is concerned.
//!
//! Children come from the caches that the watches fill; Secrets are read by name, because nobody
//! but their readers should be able to list them.

use std::collections::BTreeMap;

use k8s_openapi::{
    api::{core::v1::Secret, events::v1::Event},
    jiff::{SignedDuration, Timestamp},
};
use kube::{Api, Client, ResourceExt, api::ListParams};

use crate::{
    cache::Cache,
    crd::ChatCluster,
    extra,
    names::{self, Names},
    observed::{Observed, data},
    pod_status,
    resolve::referenced_secrets,
};

/// Who fails tries again, and tells it, at least so often.
const NEWS: SignedDuration = SignedDuration::from_mins(20);

/// Why it could not be seen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A Secret could not be read.
    #[error("cannot read the Secret {0}: {1}")]
    Secret(String, #[source] Box<kube::Error>),
    /// A kind that not every cluster knows could not be read.
    #[error(transparent)]
    Extra(#[from] extra::Error),
}

/// Looks at everything.
pub async fn observe(
    client: &Client,
    cache: &Cache,
    cluster: &ChatCluster,
) -> Result<Observed, Error> {
    let namespace = cluster.namespace().unwrap_or_default();
    let name = cluster.name_any();
    let names = Names::new(&name);
    let mut seen = cache.of(&namespace, &name);
    seen.now = Timestamp::now();

    let secrets: Api<Secret> = Api::namespaced(client.clone(), &namespace);
    let read = async |name: &str| {
        secrets.get_opt(name).await.map_err(|error| Error::Secret(name.to_owned(), Box::new(error)))
    };
    let mut ours = vec![names.credentials()];
    ours.extend(
        seen.records
            .iter()
            .filter(|r| names::component(r.as_ref()) == names::SERVER)
            .map(|r| r.name_any()),
    );
    for name in ours {
        if let Some(secret) = read(&name).await? {
            seen.secrets.insert(name, secret);
        }
    }
    // What Kubernetes and the Ingress' controller read: only whether they are there counts here.
    let pull = cluster.spec.image_pull_secrets.iter().map(|secret| secret.name.clone());
    let ingress = cluster.spec.ingress.as_ref().and_then(|ingress| ingress.tls_secret_name.clone());
    for name in referenced_secrets(&cluster.spec).into_iter().chain(pull).chain(ingress) {
        let data = read(&name).await?.map(data);
        seen.references.insert(name, data);
    }
    seen.extras = extra::observe(client, &namespace, &name).await?;
    seen.pod_status = pod_status::ask(&seen.pods).await;
    seen.failures = failures(client, &namespace, &seen).await;
    Ok(seen)
}

/// Quotas and missing storage classes are told in events only. They are looked for where
/// something should be there and is not.
async fn failures(client: &Client, namespace: &str, seen: &Observed) -> BTreeMap<String, String> {
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

/// What was told last, of this very object and of today's trouble.
fn newest(events: Vec<Event>, uid: Option<&str>, now: Timestamp) -> Option<String> {
    let is_about = |event: &Event| {
        let told = event.regarding.as_ref().and_then(|about| about.uid.as_deref());
        uid.is_none_or(|uid| told.is_none_or(|told| told == uid))
    };
    let about = events.into_iter().filter(is_about).map(|event| (last_told(&event), event));
    let (told, event) = about.max_by_key(|(told, _)| *told)?;
    (now.duration_since(told) < NEWS).then_some(event.note)?
}

fn last_told(event: &Event) -> Timestamp {
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
    fn the_cause_of_today_is_told() {
        let now = "2026-02-02T12:00:00Z".parse().unwrap();
        let told = |events: Vec<Event>| newest(events, Some("new"), now);
        let old = || event("new", "2026-02-02T11:10:00Z", None, "old");
        let other = event("gone", "2026-02-02T11:59:00Z", None, "of another one");
        assert_eq!(told(vec![old(), other]), None);
        let again = "2026-02-02T11:55:00.000000Z";
        let long = event("new", "2026-02-02T10:00:00Z", Some(again), "again and again");
        let short = event("new", "2026-02-02T11:50:00Z", None, "short");
        assert_eq!(told(vec![long, old(), short]), Some("again and again".to_owned()));
    }
}
