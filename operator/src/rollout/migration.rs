//! When the store's schema is migrated, and again after a failure.

use k8s_openapi::{
    api::{batch::v1::Job, core::v1::Pod},
    jiff::{SignedDuration, Timestamp},
};
use kube::ResourceExt;

use crate::{names, observed::Observed, resolve::Resolved, trouble};

/// What becomes of the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Migration {
    /// Servers of this revision were started already, so it was done.
    Unneeded,
    /// The store is not there yet.
    Waiting,
    /// The migration of another revision runs still, and must not be cut off.
    Busy {
        /// That revision.
        revision: String,
        /// Why the last attempt failed.
        after: Option<String>,
    },
    /// A Job is to be made.
    Due {
        /// Which attempt.
        attempt: u32,
        /// Why the last one failed.
        after: Option<String>,
    },
    /// A Job runs.
    Running {
        /// Which attempt.
        attempt: u32,
        /// Why the last one failed.
        after: Option<String>,
        /// Since when it runs, where that is long.
        long_since: Option<Timestamp>,
    },
    /// It failed, and is tried again later.
    Failed {
        /// Which attempt.
        attempt: u32,
        /// What the program said.
        cause: String,
    },
    /// It is done.
    Done {
        /// Which attempt.
        attempt: u32,
    },
}

/// Waits of so many seconds between attempts.
const WAITS: [i64; 5] = [5, 10, 20, 40, 60];
/// One that runs longer is spoken of; it may be large, or wait for a lock.
const LONG: SignedDuration = SignedDuration::from_mins(1);

impl Migration {
    /// Why the last attempt failed.
    #[must_use]
    pub fn failure(&self) -> Option<&String> {
        match self {
            Self::Failed { cause, .. } => Some(cause),
            Self::Busy { after, .. } | Self::Due { after, .. } | Self::Running { after, .. } => {
                after.as_ref()
            }
            Self::Unneeded | Self::Waiting | Self::Done { .. } => None,
        }
    }
}

/// What becomes of the schema for the wanted revision.
#[must_use]
pub fn migration(resolved: &Resolved, seen: &Observed) -> Migration {
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
        match others.find(|job| is_at_work(job, seen)) {
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
    let wait = WAITS[(attempt as usize - 1).min(WAITS.len() - 1)];
    if seen.now.duration_since(since) >= SignedDuration::from_secs(wait) {
        return due(attempt + 1, after);
    }
    Migration::Failed { attempt, cause: cause(job, seen) }
}

/// Is the program of a Job at work. One that was cut off may have left the schema half-way.
#[must_use]
pub fn is_at_work(job: &Job, seen: &Observed) -> bool {
    is(job, "Complete").is_none() && is(job, "Failed").is_none() && pods(job, seen).any(is_running)
}

fn pods<'a>(job: &Job, seen: &'a Observed) -> impl Iterator<Item = &'a Pod> {
    let name = job.name_any();
    let label = "batch.kubernetes.io/job-name";
    let pods = seen.pods.iter().map(AsRef::as_ref);
    pods.filter(move |pod: &&Pod| pod.labels().get(label).is_some_and(|of| *of == name))
}

fn is_running(pod: &Pod) -> bool {
    let containers = pod.status.as_ref().and_then(|status| status.container_statuses.as_ref());
    let mut states = containers.into_iter().flatten().filter_map(|c| c.state.as_ref());
    states.any(|state| state.running.is_some())
}

/// Which attempt a Job is.
#[must_use]
pub fn attempt(job: &Job) -> u32 {
    let text = job.annotations().get(names::ATTEMPT);
    text.and_then(|text| text.parse().ok()).unwrap_or(1).max(1)
}

fn is(job: &Job, condition: &str) -> Option<Timestamp> {
    let conditions = job.status.as_ref()?.conditions.as_ref()?;
    let found = conditions.iter().find(|c| c.type_ == condition && c.status == "True")?;
    Some(found.last_transition_time.as_ref().map_or(Timestamp::MIN, |time| time.0))
}

fn cause(job: &Job, seen: &Observed) -> String {
    let said = pods(job, seen).filter_map(trouble::of_pod).map(|trouble| trouble.message).next();
    let told = || {
        let conditions = job.status.as_ref()?.conditions.as_ref()?;
        conditions.iter().find(|c| c.type_ == "Failed")?.message.clone()
    };
    said.or_else(told).unwrap_or_else(|| "its log says why".to_owned())
}
