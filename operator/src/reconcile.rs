//! The pipeline. It holds no logic: each step takes what the one before it gives.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use k8s_openapi::jiff::Timestamp;
use kube::{
    Client, ResourceExt,
    runtime::{controller::Action, events::Recorder},
};
use tokio::sync::Mutex;

use crate::{
    apply::{self, apply},
    build::build,
    cache::Cache,
    crd::{ChatCluster, ChatClusterStatus},
    credentials,
    metrics::Metrics,
    observe::{self, observe},
    observed::Observed,
    resolve::resolve,
    rollout::{Phase, rollout},
    status, tell,
};

/// What all reconciliations share.
pub struct Context {
    /// The API.
    pub client: Client,
    /// What the watches have heard.
    pub cache: Cache,
    /// For events.
    pub recorder: Recorder,
    /// All metrics.
    pub metrics: Metrics,
    /// How often each `ChatCluster` has failed since it last went well.
    pub failures: Mutex<BTreeMap<String, u32>>,
}

/// A step that failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Looking at what is there.
    #[error("observe: {0}")]
    Observe(#[from] observe::Error),
    /// Making up passwords.
    #[error("credentials: {0}")]
    Credentials(#[from] credentials::Error),
    /// Making it so.
    #[error("apply: {0}")]
    Apply(#[from] apply::Error),
    /// Telling about it.
    #[error("status: {0}")]
    Status(#[from] status::Error),
}

impl Error {
    /// The step's name, as in metrics.
    #[must_use]
    pub fn step(&self) -> &'static str {
        match self {
            Self::Observe(_) => "observe",
            Self::Credentials(_) => "credentials",
            Self::Apply(_) => "apply",
            Self::Status(_) => "status",
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Apply(apply::Error::Foreign(_)) => "NameTaken",
            Self::Apply(_) => "NotApplied",
            Self::Credentials(_) => "CredentialsBroken",
            Self::Observe(_) | Self::Status(_) => "ApiTrouble",
        }
    }
}

/// A spec that cannot be fulfilled waits for an edit, or for its Secret to come.
const WAITS_FOR_EDIT: Duration = Duration::from_secs(5);
/// A Gateway that takes up the route is looked for this often.
const WAITS_FOR_GATEWAY: Duration = Duration::from_secs(3);
/// Waits after failures, each twice as long as the one before, up to this.
const BACKOFF_MAX: Duration = Duration::from_mins(1);

/// Looks after one `ChatCluster`.
pub async fn reconcile(cluster: Arc<ChatCluster>, context: Arc<Context>) -> Result<Action, Error> {
    if cluster.metadata.deletion_timestamp.is_some() {
        // What has it as owner goes with it; what has not, stays.
        return Ok(Action::await_change());
    }
    let mut seen = None;
    match Box::pin(steps(&cluster, &context, &mut seen)).await {
        Ok(again) => {
            context.failures.lock().await.remove(&key(&cluster));
            Ok(Action::requeue(again))
        }
        Err(error) => {
            if !matches!(error, Error::Status(_)) {
                let (reason, message, now) = (error.reason(), error.to_string(), Timestamp::now());
                let status = status::troubled(&cluster, seen.as_ref(), reason, &message, now);
                // What went wrong first is what is tried again.
                if let Err(untold) = report(&cluster, &context, &status).await {
                    tracing::warn!(cluster = cluster.name_any(), %untold, "cannot be told");
                }
            }
            Err(error)
        }
    }
}

async fn steps(
    cluster: &ChatCluster,
    context: &Context,
    seen: &mut Option<Observed>,
) -> Result<Duration, Error> {
    let mut clock = Clock::new(&context.metrics);
    let seen = seen.insert(observe(&context.client, &context.cache, cluster).await?);
    clock.done("observe");
    let refused = async |reason: &'static str, message: String| {
        let status = status::troubled(cluster, Some(&*seen), reason, &message, seen.now);
        report(cluster, context, &status).await?;
        Ok(WAITS_FOR_EDIT)
    };
    let generated = match credentials::ensure(&context.client, cluster, seen).await {
        Err(error) if error.is_for_people() => {
            return refused("CredentialsBroken", error.to_string()).await;
        }
        generated => generated?,
    };
    clock.done("credentials");
    let resolved = match resolve(cluster, &generated, seen) {
        Ok(resolved) => resolved,
        Err(refusal) => return refused(refusal.reason(), refusal.to_string()).await,
    };
    clock.done("resolve");
    let plan = rollout(&resolved, seen);
    clock.done("rollout");
    let applied = if plan.phase == Phase::Paused {
        apply::Applied::default()
    } else {
        let desired = build(&resolved, &plan, seen);
        clock.done("build");
        apply(&context.client, &resolved, desired, seen).await?
    };
    let writes = &context.metrics.writes;
    writes.with_label_values(&["apply"]).inc_by(applied.written.len() as u64);
    writes.with_label_values(&["delete"]).inc_by(applied.deleted.len() as u64);
    clock.done("apply");
    let status = status::compute(cluster, &resolved, &plan, seen, &applied);
    report(cluster, context, &status).await?;
    clock.done("status");
    let waits = status::waits_for_gateway(&status);
    Ok(if waits { plan.again.min(WAITS_FOR_GATEWAY) } else { plan.again })
}

async fn report(
    cluster: &ChatCluster,
    context: &Context,
    status: &ChatClusterStatus,
) -> Result<(), status::Error> {
    if status::write(&context.client, cluster, status).await? {
        context.metrics.writes.with_label_values(&["status"]).inc();
        tell::tell(&context.recorder, cluster, status).await;
    }
    Ok(())
}

/// What is done after a failure: wait, each time longer.
#[must_use]
pub fn error_policy(cluster: &ChatCluster, error: &Error, context: &Context) -> Action {
    tracing::warn!(namespace = cluster.namespace(), cluster = cluster.name_any(), %error, "failed");
    context.metrics.errors.with_label_values(&[error.step()]).inc();
    // Somebody else counts at this moment: then the shortest wait is right too.
    let count = context.failures.try_lock().map_or(1, |mut failures| {
        let count = failures.entry(key(cluster)).or_insert(0);
        *count = count.saturating_add(1);
        *count
    });
    Action::requeue(Duration::from_secs(1 << count.min(6)).min(BACKOFF_MAX))
}

fn key(cluster: &ChatCluster) -> String {
    format!("{}/{}", cluster.namespace().unwrap_or_default(), cluster.name_any())
}

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
