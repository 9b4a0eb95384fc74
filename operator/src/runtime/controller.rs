//! The controller: which events start a reconciliation, and how many run at once.

use std::{sync::Arc, time::Duration};

use futures_util::StreamExt;
use kube::{
    Client,
    runtime::{
        Config, Controller, PredicateConfig, WatchStreamExt,
        events::{Recorder, Reporter},
        predicates,
        reflector::store,
        watcher,
    },
};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::{
    context::{self, Context},
    metrics::Metrics,
    reconcile::reconcile,
    requeue,
};
use crate::{
    crd::ChatCluster,
    names,
    observe::{Cache, Scope},
};

/// Changes within this time start one reconciliation.
const DEBOUNCE: Duration = Duration::from_millis(100);
/// Interval at which `ChatCluster`s are counted.
const COUNT_INTERVAL: Duration = Duration::from_secs(10);

/// Reconciles all `ChatCluster`s of a scope until `stop` is cancelled; reconciliations that run
/// then are finished.
pub(super) async fn run(
    client: Client,
    scope: Scope,
    concurrency: u16,
    identity: String,
    metrics: Metrics,
    stop: CancellationToken,
) {
    let (reader, writer) = store();
    let stream = watcher(scope.api::<ChatCluster>(&client), watcher::Config::default())
        .default_backoff()
        .reflect(writer)
        .applied_objects()
        // A change of the status alone starts nothing.
        .predicate_filter(predicates::generation, PredicateConfig::default());
    let config = Config::default().concurrency(concurrency).debounce(DEBOUNCE);
    let controller = Controller::for_stream(stream, reader.clone()).with_config(config);
    let (cache, controller) = Cache::start(&client, &scope, controller);
    let reporter = Reporter { controller: names::MANAGER.to_owned(), instance: Some(identity) };
    let context = Arc::new(Context {
        recorder: Recorder::new(client.clone(), reporter),
        client,
        cache,
        metrics: metrics.clone(),
        failures: Mutex::default(),
    });
    let counting = async {
        let mut counted = [0; Metrics::READY_VALUES.len()];
        loop {
            let ready: Vec<_> = reader.state().iter().map(|cluster| readiness(cluster)).collect();
            for (counted, label) in counted.iter_mut().zip(Metrics::READY_VALUES) {
                let count = ready.iter().filter(|one| **one == label).count();
                let number = i64::try_from(count).unwrap_or(i64::MAX);
                // The difference: each watched namespace has a controller of its own.
                metrics.clusters.with_label_values(&[label]).add(number - *counted);
                *counted = number;
            }
            tokio::time::sleep(COUNT_INTERVAL).await;
        }
    };
    let policy = |cluster: Arc<ChatCluster>, error: &context::Error, context: Arc<Context>| {
        requeue::after_error(&cluster, error, &context)
    };
    let working = controller
        .graceful_shutdown_on(stop.cancelled_owned())
        .run(reconcile_when_synced, policy, context)
        .for_each(async |result| {
            if let Err(error) = result {
                tracing::debug!(%error, "reconcile failed");
            }
        });
    tokio::select! {
        () = working => {}
        () = counting => {}
    }
}

/// Nothing is decided before every watch has listed its objects: what is not listed yet looks like
/// what is missing.
async fn reconcile_when_synced(
    cluster: Arc<ChatCluster>,
    context: Arc<Context>,
) -> Result<kube::runtime::controller::Action, context::Error> {
    if !context.cache.is_synced().await {
        return Ok(kube::runtime::controller::Action::await_change());
    }
    Box::pin(reconcile(cluster, context)).await
}

/// The label `ready` of a `ChatCluster`. A hibernated one is not ready, and nothing is wrong with
/// it.
fn readiness(cluster: &ChatCluster) -> &'static str {
    let conditions = cluster.status.as_ref().map(|status| status.conditions.iter());
    let ready = conditions.into_iter().flatten().find(|condition| condition.type_ == "Ready");
    match ready.map(|ready| (ready.status.as_str(), ready.reason.as_str())) {
        Some(("True", _)) => "true",
        Some((_, "Hibernated")) => "hibernated",
        _ => "false",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_hibernated_one_is_counted_apart() {
        for (status, reason, expected) in [
            ("True", "AllReady", "true"),
            ("False", "Hibernated", "hibernated"),
            ("False", "SecretMissing", "false"),
        ] {
            let cluster = serde_json::from_value(json!({
                "apiVersion": "chatcluster.dev/v1alpha1", "kind": "ChatCluster",
                "metadata": { "name": "team" }, "spec": { "image": "chat:1" },
                "status": { "conditions": [{
                    "type": "Ready", "status": status, "reason": reason, "message": "",
                    "lastTransitionTime": "2026-01-01T00:00:00Z",
                }] },
            }));
            assert_eq!(readiness(&cluster.unwrap()), expected);
        }
    }
}
