//! Step 5, I/O: writes what `build` decided. Objects are applied in a fixed order, kind by kind,
//! and unwanted objects of a kind are deleted with it; unchanged objects are not written.

mod applier;
mod diff;

use std::sync::Arc;

use kube::Client;

use self::applier::Applier;
use crate::{
    build::{CredentialsWrite, Desired},
    observe::Observed,
    resolve::Resolved,
};

/// The writes of one reconciliation.
#[derive(Debug, Default)]
pub(crate) struct Applied {
    /// Objects that were created or changed.
    pub(crate) written: u64,
    /// Objects that were deleted.
    pub(crate) deleted: u64,
}

/// Why a write failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The API server rejected it or did not answer.
    #[error("cannot write {what}: {source}")]
    Write {
        /// Kind and name.
        what: String,
        /// The error of the API server.
        source: Box<kube::Error>,
    },
    /// An object with this name does not belong to this `ChatCluster`.
    #[error("{0} is there already and is not ours; rename it, or the ChatCluster")]
    Foreign(String),
    /// The Secret with generated credentials was created by another writer since it was observed.
    #[error("{0} was created by somebody else a moment ago; it is read again")]
    AlreadyExists(String),
    /// An object cannot be written as JSON.
    #[error("cannot write {0} as JSON: {1}")]
    Json(String, #[source] serde_json::Error),
}

/// Writes everything that differs from what was observed.
pub(crate) async fn apply(
    client: &Client,
    resolved: &Resolved,
    desired: Desired,
    seen: &Observed,
) -> Result<Applied, Error> {
    let mut applier = Applier::new(client, resolved, desired.delete);
    // Revisions depend on the credentials: if these cannot be written, nothing is.
    match desired.credentials {
        Some(CredentialsWrite::Create(secret)) => applier.create_first(&secret).await?,
        Some(CredentialsWrite::SetOwners(name, owners)) => {
            applier.set_owners(&name, &owners).await?;
        }
        None => {}
    }
    // Objects that pods need come first; objects that route to pods come last.
    applier.replace(desired.accounts, &seen.accounts).await?;
    applier.create(desired.revisions, &seen.revisions).await?;
    let secrets: Vec<_> = seen.secrets.values().cloned().map(Arc::new).collect();
    applier.create(desired.secrets, &secrets).await?;
    applier.create(desired.config_maps, &seen.config_maps).await?;
    applier.apply(desired.dashboards, &seen.config_maps).await?;
    applier.replace(desired.policies, &seen.policies).await?;
    applier.apply(desired.claims, &seen.claims).await?;
    applier.replace(desired.services, &seen.services).await?;
    applier.replace(desired.stateful_sets, &seen.stateful_sets).await?;
    applier.create(desired.jobs, &seen.jobs).await?;
    applier.replace(desired.deployments, &seen.deployments).await?;
    applier.replace(desired.budgets, &seen.budgets).await?;
    applier.replace(desired.ingresses, &seen.ingresses).await?;
    applier.replace_optional(desired.optional, &seen.optional).await?;
    // Jobs and revisions last: until here servers and migrations depend on them.
    applier.delete_rest().await?;
    Ok(applier.applied)
}
