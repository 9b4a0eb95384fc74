//! When a `ChatCluster` is reconciled again, even if no watch reports a change.

use std::time::Duration;

use kube::{ResourceExt, runtime::controller::Action};

use super::context::{Context, Error};
use crate::{
    crd::{ChatCluster, ChatClusterStatus},
    rollout::Plan,
    status,
};

/// A rejected spec waits for an edit, which a watch reports, or for a Secret, which none does.
pub(super) const AFTER_REJECTION: Duration = Duration::from_secs(5);
/// No watch reports that a Gateway accepts a route.
const WHILE_NOT_ACCEPTED: Duration = Duration::from_secs(3);
/// Longest back-off after failures.
const BACKOFF_MAX: Duration = Duration::from_mins(1);

/// The wait after a success.
pub(super) fn after(plan: &Plan, status: &ChatClusterStatus) -> Duration {
    let waits = status::waits_for_gateway(status);
    if waits { plan.again.min(WHILE_NOT_ACCEPTED) } else { plan.again }
}

/// The wait after a failure: 2 seconds, then twice the last one, up to a minute.
#[must_use]
pub(super) fn after_error(cluster: &ChatCluster, error: &Error, context: &Context) -> Action {
    let namespace = cluster.namespace();
    tracing::warn!(namespace, cluster = cluster.name_any(), %error, "reconcile failed");
    context.metrics.errors.with_label_values(&[error.step()]).inc();
    // Where another reconciliation holds the lock, the shortest wait is right too.
    let count = context.failures.try_lock().map_or(1, |mut failures| {
        let count = failures.entry(key(cluster)).or_insert(0);
        *count = count.saturating_add(1);
        *count
    });
    Action::requeue(Duration::from_secs(1 << count.min(6)).min(BACKOFF_MAX))
}

/// The next failure waits for the shortest time again.
pub(super) async fn forget_failures(cluster: &ChatCluster, context: &Context) {
    context.failures.lock().await.remove(&key(cluster));
}

fn key(cluster: &ChatCluster) -> String {
    format!("{}/{}", cluster.namespace().unwrap_or_default(), cluster.name_any())
}
