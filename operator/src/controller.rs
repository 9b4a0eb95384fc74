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
        let mut told = [0, 0];
        loop {
            let ready = reader.state().iter().filter(|cluster| is_ready(cluster)).count();
            let now = [ready, reader.len().saturating_sub(ready)];
            for (place, label) in ["true", "false"].into_iter().enumerate() {
                let number = i64::try_from(now[place]).unwrap_or(i64::MAX);
                // What has changed: each watched namespace has a controller that counts.
                metrics.clusters.with_label_values(&[label]).add(number - told[place]);
                told[place] = number;
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

fn is_ready(cluster: &ChatCluster) -> bool {
    let conditions = cluster.status.as_ref().map(|status| &status.conditions);
    conditions.is_some_and(|all| all.iter().any(|c| c.type_ == "Ready" && c.status == "True"))
}
