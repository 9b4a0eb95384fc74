//! Pure: when the database schema is migrated, and when again after a failure.

use k8s_openapi::{
    api::{batch::v1::Job, core::v1::Pod},
    jiff::{SignedDuration, Timestamp},
};
use kube::ResourceExt;

use super::diagnosis;
use crate::{names, observe::Observed, resolve::Resolved};

/// The migration of the database schema for the wanted revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Migration {
    /// Servers of this revision were started before, so the schema is up to date.
    Unneeded,
    /// MySQL has not started yet.
    Waiting,
    /// The migration of another revision still runs, and must not be interrupted.
    Busy {
        /// The revision whose migration runs.
        revision: String,
        /// Why the last attempt for the wanted revision failed.
        after: Option<String>,
    },
    /// A Job is to be created.
    Due {
        /// The number of the attempt, from 1.
        attempt: u32,
        /// Why the attempt before it failed; `None` for the first one.
        after: Option<String>,
    },
    /// A Job runs.
    Running {
        /// The number of the attempt, from 1.
        attempt: u32,
        /// Why the attempt before it failed; `None` for the first one.
        after: Option<String>,
        /// Since when it runs, where that is longer than a minute.
        long_since: Option<Timestamp>,
    },
    /// The attempt failed; the next one is due later.
    Failed {
        /// The number of the attempt, from 1.
        attempt: u32,
        /// The last line of its log, or what Kubernetes reported.
        cause: String,
    },
    /// The schema is up to date.
    Done {
        /// The number of the attempt, from 1.
        attempt: u32,
    },
}

/// Seconds before the next attempt, by the number of attempts that failed.
const RETRY_SECONDS: [i64; 5] = [5, 10, 20, 40, 60];
/// A migration that runs longer is reported: a table may be large, or it waits for a lock.
const LONG: SignedDuration = SignedDuration::from_mins(1);

impl Migration {
    /// Why the last attempt failed.
    #[must_use]
    pub(crate) fn failure(&self) -> Option<&String> {
        match self {
            Self::Failed { cause, .. } => Some(cause),
            Self::Busy { after, .. } | Self::Due { after, .. } | Self::Running { after, .. } => {
                after.as_ref()
            }
            Self::Unneeded | Self::Waiting | Self::Done { .. } => None,
        }
    }
}

/// The state of the migration for the wanted revision.
#[must_use]
pub(super) fn migration(resolved: &Resolved, seen: &Observed) -> Migration {
    let mut jobs: Vec<(u32, &Job)> = seen
        .jobs
        .iter()
        .filter(|job| names::revision(job.as_ref()) == resolved.revision)
        .filter(|job| job.metadata.deletion_timestamp.is_none())
        .map(|job| (attempt(job), job.as_ref()))
        .collect();
    jobs.sort_by_key(|(attempt, _)| *attempt);
    let failed = jobs.iter().rev().find(|(_, job)| is(job, "Failed").is_some());
    let after = failed.map(|(_, job)| cause(job, seen));
    let due = |attempt, after| {
        let mut others = seen.jobs.iter();
        match others.find(|job| is_running(job, seen)) {
            Some(job) => {
                Migration::Busy { revision: names::revision(job.as_ref()).to_owned(), after }
            }
            None => Migration::Due { attempt, after },
        }
    };
    let Some(&(attempt, job)) = jobs.last() else {
        let started = seen
            .deployments
            .iter()
            .any(|deployment| names::revision(deployment.as_ref()) == resolved.revision);
        return if started { Migration::Unneeded } else { due(1, after) };
    };
    if is(job, "Complete").is_some() {
        return Migration::Done { attempt };
    }
    let Some(since) = is(job, "Failed") else {
        let since = job.status.as_ref().and_then(|status| status.start_time.as_ref());
        let since = since.map(|since| since.0);
        let long_since = since.filter(|since| seen.now.duration_since(*since) > LONG);
        return Migration::Running { attempt, after, long_since };
    };
    let wait = RETRY_SECONDS[(attempt as usize - 1).min(RETRY_SECONDS.len() - 1)];
    if seen.now.duration_since(since) >= SignedDuration::from_secs(wait) {
        return due(attempt + 1, after);
    }
    Migration::Failed { attempt, cause: cause(job, seen) }
}

/// Whether the container of a migration Job is running. Interrupted, it may leave the schema half
/// migrated.
#[must_use]
pub(crate) fn is_running(job: &Job, seen: &Observed) -> bool {
    is(job, "Complete").is_none()
        && is(job, "Failed").is_none()
        && pods(job, seen).any(has_running_container)
}

fn pods<'a>(job: &Job, seen: &'a Observed) -> impl Iterator<Item = &'a Pod> {
    let name = job.name_any();
    let label = "batch.kubernetes.io/job-name";
    let pods = seen.pods.iter().map(AsRef::as_ref);
    pods.filter(move |pod: &&Pod| pod.labels().get(label).is_some_and(|of| *of == name))
}

fn has_running_container(pod: &Pod) -> bool {
    let containers = pod.status.as_ref().and_then(|status| status.container_statuses.as_ref());
    let mut states = containers.into_iter().flatten().filter_map(|c| c.state.as_ref());
    states.any(|state| state.running.is_some())
}

/// The attempt that a migration Job is, from 1.
#[must_use]
pub(crate) fn attempt(job: &Job) -> u32 {
    let text = job.annotations().get(names::ATTEMPT);
    text.and_then(|text| text.parse().ok()).unwrap_or(1).max(1)
}

fn is(job: &Job, condition: &str) -> Option<Timestamp> {
    let conditions = job.status.as_ref()?.conditions.as_ref()?;
    let found = conditions.iter().find(|c| c.type_ == condition && c.status == "True")?;
    Some(found.last_transition_time.as_ref().map_or(Timestamp::MIN, |time| time.0))
}

fn cause(job: &Job, seen: &Observed) -> String {
    let of_pod = pods(job, seen).filter_map(diagnosis::of_pod).map(|found| found.message).next();
    let of_job = || {
        let conditions = job.status.as_ref()?.conditions.as_ref()?;
        conditions.iter().find(|c| c.type_ == "Failed")?.message.clone()
    };
    of_pod.or_else(of_job).unwrap_or_else(|| "its log says why".to_owned())
}
