//! The Job that migrates the database schema, one for each revision and attempt.

use chat_contract::config::former_name;
use k8s_openapi::api::{
    batch::v1::{Job, JobSpec},
    core::v1::Container,
};

use super::volume::{CERTIFICATE, UPLOADS, scratch};
use crate::{
    names,
    resolve::{Resolved, revision::Revision},
    rollout::Migration,
};

const STARTUP_TIMEOUT: &str = "CHAT_MYSQL_STARTUP_TIMEOUT";
/// A migration reports soon that MySQL is unavailable, instead of waiting for it.
const MYSQL_TIMEOUT: &str = "3s";

/// The Job of the current attempt; none where no migration is due or known.
pub(super) fn build(
    resolved: &Resolved,
    migration: &Migration,
    revision: &Revision,
) -> Option<Job> {
    let attempt = attempt_of(migration)?;
    let mut template = revision.template.clone();
    let labels = template.metadata.get_or_insert_default().labels.get_or_insert_default();
    labels.insert(names::COMPONENT.to_owned(), names::MIGRATION.to_owned());
    let spec = template.spec.as_mut()?;
    spec.restart_policy = Some("Never".to_owned());
    spec.topology_spread_constraints = None;
    spec.termination_grace_period_seconds = None;
    // It needs neither uploads nor the servers' certificate, and would have to wait for a volume
    // that only one node can mount, or that does not exist yet.
    for volume in spec.volumes.iter_mut().flatten() {
        if [UPLOADS, CERTIFICATE].contains(&volume.name.as_str()) {
            *volume = scratch(&volume.name);
        }
    }
    for container in &mut spec.containers {
        let mut env = container.env.take().unwrap_or_default();
        // A server of the previous version knows only the former name.
        for name in [STARTUP_TIMEOUT].into_iter().chain(former_name(STARTUP_TIMEOUT)) {
            env.push(super::pod::variable(name, MYSQL_TIMEOUT));
        }
        // People read this log without other tools.
        env.push(super::pod::variable("CHAT_LOG_FORMAT", "text"));
        *container = Container {
            name: "migrate".to_owned(),
            args: Some(vec!["migrate".to_owned()]),
            env: Some(env),
            ports: None,
            startup_probe: None,
            liveness_probe: None,
            readiness_probe: None,
            lifecycle: None,
            ..container.clone()
        };
    }
    let name = resolved.names.migration(&resolved.revision, attempt);
    let mut meta = super::revision_meta(resolved, name, names::MIGRATION, &resolved.revision);
    meta.annotations = Some(super::pair(names::ATTEMPT, &attempt.to_string()));
    Some(Job {
        metadata: meta,
        spec: Some(JobSpec {
            // The operator retries itself, and keeps the last failed Job.
            backoff_limit: Some(0),
            template,
            ..JobSpec::default()
        }),
        status: None,
    })
}

/// The attempt whose Job exists, or is to be created.
fn attempt_of(migration: &Migration) -> Option<u32> {
    match migration {
        Migration::Unneeded | Migration::Waiting | Migration::Busy { .. } => None,
        Migration::Due { attempt, .. }
        | Migration::Running { attempt, .. }
        | Migration::Failed { attempt, .. }
        | Migration::Done { attempt } => Some(*attempt),
    }
}
