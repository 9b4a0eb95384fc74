//! When the store's schema is migrated, and again after a failure.

use k8s_openapi::{
    api::batch::v1::Job,
    jiff::{SignedDuration, Timestamp},
};
use kube::ResourceExt;

use crate::{names, observe::Observed, resolve::Resolved, trouble};

/// What becomes of the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Migration {
    /// Servers of this revision were started already, so it was done.
    Unneeded,
    /// The store is not there yet.
    Waiting,
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
    let Some(&(attempt, job)) = jobs.last() else {
        let started = seen
            .deployments
            .iter()
            .any(|deployment| names::revision(deployment.as_ref()) == resolved.revision);
        return if started { Migration::Unneeded } else { Migration::Due { attempt: 1, after } };
    };
    if is(job, "Complete").is_some() {
        return Migration::Done { attempt };
    }
    let Some(since) = is(job, "Failed") else {
        return Migration::Running { attempt, after };
    };
    let wait = WAITS[(attempt as usize - 1).min(WAITS.len() - 1)];
    if seen.now.duration_since(since) >= SignedDuration::from_secs(wait) {
        return Migration::Due { attempt: attempt + 1, after };
    }
    Migration::Failed { attempt, cause: cause(job, seen) }
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
    let pods = seen.pods.iter().filter(|pod| {
        pod.labels().get("batch.kubernetes.io/job-name").is_some_and(|name| *name == job.name_any())
    });
    let said = pods.filter_map(|pod| trouble::of_pod(pod)).map(|trouble| trouble.message).next();
    let told = || {
        let conditions = job.status.as_ref()?.conditions.as_ref()?;
        conditions.iter().find(|c| c.type_ == "Failed")?.message.clone()
    };
    said.or_else(told).unwrap_or_else(|| "its log says why".to_owned())
}
