//! What is watched, and how much is done at once.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

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

use crate::{
    cache::{Cache, Scope},
    crd::ChatCluster,
    metrics::Metrics,
    names,
    reconcile::{self, Context, reconcile},
};

/// A burst of changes is one change.
const DEBOUNCE: Duration = Duration::from_millis(100);
/// How often the `ChatCluster`s are counted.
const COUNT_EVERY: Duration = Duration::from_secs(10);

/// Looks after all `ChatCluster`s of a scope until it is told to stop; what is under way is
/// finished.
pub async fn run(
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
        // Our own status is no news.
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
        failures: Mutex::new(BTreeMap::new()),
    });
    let counting = async {
        let mut told = [0; Metrics::STANDS.len()];
        loop {
            let stands: Vec<_> = reader.state().iter().map(|cluster| stands(cluster)).collect();
            for (told, label) in told.iter_mut().zip(Metrics::STANDS) {
                let count = stands.iter().filter(|one| **one == label).count();
                let number = i64::try_from(count).unwrap_or(i64::MAX);
                // What has changed: each watched namespace has a controller that counts.
                metrics.clusters.with_label_values(&[label]).add(number - *told);
                *told = number;
            }
            tokio::time::sleep(COUNT_EVERY).await;
        }
    };
    let policy = |cluster: Arc<ChatCluster>, error: &reconcile::Error, context: Arc<Context>| {
        reconcile::error_policy(&cluster, error, &context)
    };
    let working = controller
        .graceful_shutdown_on(stop.cancelled_owned())
        .run(reconcile_when_filled, policy, context)
        .for_each(async |result| {
            if let Err(error) = result {
                tracing::debug!(%error, "a turn failed");
            }
        });
    tokio::select! {
        () = working => {}
        () = counting => {}
    }
}

/// Nothing is decided before everything that is there was heard of: what is not known yet looks
/// like what is missing.
async fn reconcile_when_filled(
    cluster: Arc<ChatCluster>,
    context: Arc<Context>,
) -> Result<kube::runtime::controller::Action, reconcile::Error> {
    if !context.cache.is_filled().await {
        return Ok(kube::runtime::controller::Action::await_change());
    }
    Box::pin(reconcile(cluster, context)).await
}

/// How a `ChatCluster` stands. One that sleeps is not ready, and nothing is wrong with it.
fn stands(cluster: &ChatCluster) -> &'static str {
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
    fn one_that_sleeps_is_counted_apart() {
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
            assert_eq!(stands(&cluster.unwrap()), expected);
        }
    }
}
