//! The Secret with generated credentials.
//!
//! It has no owner while the volumes outlive their `ChatCluster`: without it, their data could not
//! be opened.

use k8s_openapi::{
    api::core::v1::Secret,
    apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference},
};

use crate::{crd::DeletionPolicy, names, observe::Observed, resolve::Resolved};

/// A write of the Secret with generated credentials. None of them replaces a password.
pub(crate) enum CredentialsWrite {
    /// The Secret is missing: it is created, and the reconciliation fails if another writer was
    /// faster.
    Create(Box<Secret>),
    /// `spec.deletionPolicy` changed: the owners of the named Secret follow it.
    SetOwners(String, Vec<OwnerReference>),
}

/// The required write; `None` where the Secret is as it should be.
pub(super) fn build(resolved: &Resolved, seen: &Observed) -> Option<CredentialsWrite> {
    let name = resolved.names.credentials();
    let owners = match resolved.spec.deletion_policy {
        DeletionPolicy::Delete => vec![resolved.owner.clone()],
        DeletionPolicy::Retain => Vec::new(),
    };
    if let Some(data) = &resolved.credentials.new_data {
        return Some(CredentialsWrite::Create(Box::new(Secret {
            metadata: ObjectMeta {
                owner_references: Some(owners),
                ..super::meta(resolved, name, names::WHOLE)
            },
            data: Some(data.clone()),
            ..Secret::default()
        })));
    }
    let found = seen.secrets.get(&name)?;
    let current = found.metadata.owner_references.clone().unwrap_or_default();
    (current != owners).then_some(CredentialsWrite::SetOwners(name, owners))
}
