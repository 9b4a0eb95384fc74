//! The pipeline: it runs the steps for one `ChatCluster` in their order and reports what came of it.
//! What is to be done the steps decide, and when it is done again `requeue`.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use k8s_openapi::jiff::Timestamp;
use kube::{ResourceExt, runtime::controller::Action};

use super::{
    context::{Context, Error},
    metrics::Metrics,
    requeue,
};
use crate::{
    apply::apply,
    build::build,
    crd::{ChatCluster, ChatClusterStatus},
    observe::{Observed, observe},
    resolve::resolve,
    rollout::rollout,
    status,
};

/// Reconciles one `ChatCluster`. A deleted one needs nothing: Kubernetes deletes what it owns.
pub(super) async fn reconcile(
    cluster: Arc<ChatCluster>,
    context: Arc<Context>,
) -> Result<Action, Error> {
    if cluster.metadata.deletion_timestamp.is_some() {
        return Ok(Action::await_change());
    }
    let mut seen = None;
    match Box::pin(steps(&cluster, &context, &mut seen)).await {
        Ok(again) => {
            requeue::forget_failures(&cluster, &context).await;
            Ok(Action::requeue(again))
        }
        Err(error) => {
            if !matches!(error, Error::Status(_)) {
                let (reason, message, now) = (error.reason(), error.to_string(), Timestamp::now());
                let status = status::failed(&cluster, seen.as_ref(), reason, &message, now);
                // The first error is the one that is returned.
                if let Err(error) = report(&cluster, &context, &status).await {
                    tracing::warn!(cluster = cluster.name_any(), %error, "status update failed");
                }
            }
            Err(error)
        }
    }
}

/// The steps; `seen` keeps what was observed for the report of a later failure.
async fn steps(
    cluster: &ChatCluster,
    context: &Context,
    seen: &mut Option<Observed>,
) -> Result<Duration, Error> {
    let mut clock = Clock::new(&context.metrics);
    let seen = seen.insert(observe(&context.client, &context.cache, cluster).await?);
    clock.done("observe");
    let resolved = match resolve(cluster, seen) {
        Ok(resolved) => resolved,
        Err(rejection) => {
            let (reason, message) = (rejection.reason(), rejection.to_string());
            let status = status::failed(cluster, Some(&*seen), reason, &message, seen.now);
            report(cluster, context, &status).await?;
            return Ok(requeue::AFTER_REJECTION);
        }
    };
    clock.done("resolve");
    let plan = rollout(&resolved, seen);
    clock.done("rollout");
    let desired = build(&resolved, &plan, seen);
    clock.done("build");
    let applied = apply(&context.client, &resolved, desired, seen).await?;
    let writes = &context.metrics.writes;
    writes.with_label_values(&["apply"]).inc_by(applied.written);
    writes.with_label_values(&["delete"]).inc_by(applied.deleted);
    clock.done("apply");
    let status = status::compute(cluster, &resolved, &plan, seen);
    report(cluster, context, &status).await?;
    clock.done("status");
    Ok(requeue::after(&plan, &status))
}

/// Writes the status where it changed, and publishes events about it.
async fn report(
    cluster: &ChatCluster,
    context: &Context,
    status: &ChatClusterStatus,
) -> Result<(), status::Error> {
    if status::write(&context.client, cluster, status).await? {
        context.metrics.writes.with_label_values(&["status"]).inc();
        status::publish(&context.recorder, cluster, status).await;
    }
    Ok(())
}

/// Measures the steps.
struct Clock<'a> {
    metrics: &'a Metrics,
    since: Instant,
}

impl<'a> Clock<'a> {
    fn new(metrics: &'a Metrics) -> Self {
        Self { metrics, since: Instant::now() }
    }

    fn done(&mut self, step: &str) {
        let took = self.since.elapsed().as_secs_f64();
        self.metrics.step_seconds.with_label_values(&[step]).observe(took);
        self.since = Instant::now();
    }
}
