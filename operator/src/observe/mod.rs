//! Step 1, I/O: what exists now, as far as one `ChatCluster` is concerned.
//!
//! Child objects come from the caches of the watches; Secrets are read by name, so that the
//! operator needs no permission to list them. Time and randomness are observed too: all later steps
//! up to `apply` are pure.

mod cache;
mod failures;
mod observed;
mod optional_kinds;
mod pod_status;

use k8s_openapi::{
    api::core::v1::{PersistentVolumeClaim, Secret},
    jiff::Timestamp,
};
use kube::{Api, Client, ResourceExt};

pub(crate) use cache::{Cache, Scope};
pub use observed::Observed;
pub(crate) use observed::{ENTROPY_BYTES, SecretData, data};
pub use optional_kinds::OptionalKind;

use crate::{
    crd::ChatCluster,
    names::{self, Names},
};

/// Why the state could not be observed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A Secret could not be read.
    #[error("cannot read the Secret {0}: {1}")]
    Secret(String, #[source] Box<kube::Error>),
    /// The volume claim of the managed MySQL could not be read.
    #[error("cannot read the PersistentVolumeClaim {0}: {1}")]
    Claim(String, #[source] Box<kube::Error>),
    /// An object of an optional kind could not be read.
    #[error(transparent)]
    OptionalKind(#[from] optional_kinds::Error),
}

/// Reads the state of everything that one `ChatCluster` consists of and refers to.
pub(crate) async fn observe(
    client: &Client,
    cache: &Cache,
    cluster: &ChatCluster,
) -> Result<Observed, Error> {
    let namespace = cluster.namespace().unwrap_or_default();
    let name = cluster.name_any();
    let names = Names::new(&name);
    let mut seen = cache.children(&namespace, &name);
    seen.now = Timestamp::now();

    let secrets: Api<Secret> = Api::namespaced(client.clone(), &namespace);
    let read = async |name: &str| {
        secrets.get_opt(name).await.map_err(|error| Error::Secret(name.to_owned(), Box::new(error)))
    };
    let servers = seen.revisions.iter().filter(|r| names::component(r.as_ref()) == names::SERVER);
    let mut ours = vec![names.credentials()];
    ours.extend(servers.map(|revision| revision.name_any()));
    for name in ours {
        if let Some(secret) = read(&name).await? {
            seen.secrets.insert(name, secret);
        }
    }
    for name in cluster.spec.referenced_secrets() {
        let data = read(&name).await?.map(data);
        seen.references.insert(name, data);
    }
    if !seen.secrets.contains_key(&names.credentials()) {
        seen.entropy = entropy();
        seen.mysql_claim = mysql_claim(client, cluster, &names).await?;
    }
    seen.optional = optional_kinds::observe(client, &namespace, &name).await?;
    seen.pod_status = pod_status::ask(&seen.pods).await;
    seen.failures = failures::failures(client, &namespace, &seen).await;
    Ok(seen)
}

/// Random bytes; `None` where the system has none.
fn entropy() -> Option<[u8; ENTROPY_BYTES]> {
    let mut bytes = [0; ENTROPY_BYTES];
    let drawn = getrandom::fill(&mut bytes);
    drawn.inspect_err(|error| tracing::error!(%error, "no random numbers")).ok()?;
    Some(bytes)
}

/// The name of the managed MySQL's volume claim, where it exists. Its `StatefulSet` created it: it
/// does not have our labels, so no watch includes it.
async fn mysql_claim(
    client: &Client,
    cluster: &ChatCluster,
    names: &Names,
) -> Result<Option<String>, Error> {
    if cluster.spec.mysql.managed.is_none() {
        return Ok(None);
    }
    let claims: Api<PersistentVolumeClaim> =
        Api::namespaced(client.clone(), &cluster.namespace().unwrap_or_default());
    let claim = format!("data-{}-0", names.part(names::MYSQL));
    match claims.get_metadata_opt(&claim).await {
        Ok(found) => Ok(found.map(|_| claim)),
        Err(error) => Err(Error::Claim(claim, Box::new(error))),
    }
}
