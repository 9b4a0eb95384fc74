//! Revisions as they are stored, with their settings and secret values.

use std::collections::BTreeMap;

use k8s_openapi::{
    ByteString,
    api::{
        apps::v1::ControllerRevision,
        core::v1::{ConfigMap, Secret},
    },
};

use super::{pod, revision_meta, store::Part};
use crate::{
    names,
    observe::Observed,
    resolve::{Resolved, revision::Revision},
    rollout::Plan,
};

/// The revisions of the servers: the wanted one first, then those that still have servers or serve.
pub(super) fn servers(resolved: &Resolved, plan: &Plan, seen: &Observed) -> Vec<Revision> {
    let mut stored = Revision::all(seen.revisions.iter().map(AsRef::as_ref), names::SERVER);
    // Somebody deleted the ControllerRevision: its Deployment has the pod template too.
    for deployment in &seen.deployments {
        let name = names::revision(deployment.as_ref());
        if let Some(spec) = &deployment.spec
            && stored.iter().all(|one| one.name != name)
        {
            stored.push(Revision {
                name: name.to_owned(),
                inputs: serde_json::Value::Null,
                config: config_of(resolved, seen, name),
                template: spec.template.clone(),
            });
        }
    }
    let wanted = resolved.stored.clone().unwrap_or_else(|| Revision {
        name: resolved.revision.clone(),
        inputs: resolved.inputs.clone(),
        config: resolved.config.clone(),
        template: pod::server(resolved),
    });
    let is_used = |one: &&Revision| {
        one.name != resolved.revision
            && (plan.replicas.contains_key(&one.name) || plan.selected.as_ref() == Some(&one.name))
    };
    std::iter::once(wanted).chain(stored.iter().filter(is_used).cloned()).collect()
}

/// The revision of a managed store: the stored one with these inputs, or a new one.
pub(super) fn of_store(part: &Part, seen: &Observed) -> Revision {
    let stored = Revision::all(seen.revisions.iter().map(AsRef::as_ref), part.component);
    let found = Revision::find(&stored, &part.inputs, &part.empty_inputs);
    found.unwrap_or_else(|| part.revision())
}

fn config_of(resolved: &Resolved, seen: &Observed, revision: &str) -> BTreeMap<String, String> {
    let name = resolved.names.revision(revision);
    let map = seen.config_maps.iter().find(|map| map.metadata.name.as_ref() == Some(&name));
    map.and_then(|map| map.data.clone()).unwrap_or_default()
}

/// The `ControllerRevision` that stores a revision of a component.
pub(super) fn stored(
    resolved: &Resolved,
    revision: &Revision,
    component: &str,
    seen: &Observed,
) -> ControllerRevision {
    let name = match component {
        names::SERVER => resolved.names.revision(&revision.name),
        part => format!("{}-{}", resolved.names.part(part), revision.name),
    };
    // Each component counts its own revisions.
    let same = seen.revisions.iter().filter(|one| names::component(one.as_ref()) == component);
    let highest = same.map(|one| one.revision).max().unwrap_or(0);
    ControllerRevision {
        metadata: revision_meta(resolved, name, component, &revision.name),
        data: Some(revision.data()),
        revision: highest + 1,
    }
}

/// The Secret with the secret values of the wanted revision.
pub(super) fn secret(resolved: &Resolved) -> Secret {
    let name = resolved.names.revision(&resolved.revision);
    let data = resolved.secrets.iter();
    let data = data.map(|(key, value)| (key.clone(), ByteString(value.clone().into_bytes())));
    Secret {
        metadata: revision_meta(resolved, name, names::SERVER, &resolved.revision),
        data: Some(data.collect()),
        immutable: Some(true),
        ..Secret::default()
    }
}

/// The `ConfigMap` with the environment variables of a revision.
pub(super) fn config_map(resolved: &Resolved, revision: &Revision) -> ConfigMap {
    let name = resolved.names.revision(&revision.name);
    ConfigMap {
        metadata: revision_meta(resolved, name, names::SERVER, &revision.name),
        data: Some(revision.config.clone()),
        immutable: Some(true),
        ..ConfigMap::default()
    }
}
