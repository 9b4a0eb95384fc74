//! The migration of the store's schema, once for each revision and attempt.

use k8s_openapi::api::{
    batch::v1::{Job, JobSpec},
    core::v1::Container,
};

use super::volume::{CERTIFICATE, UPLOADS, scratch};
use crate::{names, record::Record, resolve::Resolved, rollout::Migration};

/// A migration says soon that the store is not there, instead of waiting for it.
const STORE_PATIENCE: &str = "3s";

pub(super) fn build(resolved: &Resolved, migration: &Migration, record: &Record) -> Option<Job> {
    let attempt = super::attempt_of(migration)?;
    let mut template = record.template.clone();
    let labels = template.metadata.get_or_insert_default().labels.get_or_insert_default();
    labels.insert(names::COMPONENT.to_owned(), names::MIGRATION.to_owned());
    let spec = template.spec.as_mut()?;
    spec.restart_policy = Some("Never".to_owned());
    spec.topology_spread_constraints = None;
    spec.termination_grace_period_seconds = None;
    // Pictures and the servers' certificate are none of its business, and a volume that one node
    // alone may open, or that is not there yet, would keep it waiting.
    for volume in spec.volumes.iter_mut().flatten() {
        if [UPLOADS, CERTIFICATE].contains(&volume.name.as_str()) {
            *volume = scratch(&volume.name);
        }
    }
    for container in &mut spec.containers {
        let mut env = container.env.take().unwrap_or_default();
        env.push(super::pod::variable("CHAT_STORE_PATIENCE", STORE_PATIENCE));
        // For people: the log may be read without other tools.
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
            // The operator tries again itself, and keeps what the last attempt said.
            backoff_limit: Some(0),
            template,
            ..JobSpec::default()
        }),
        status: None,
    })
}
