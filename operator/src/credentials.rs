//! Passwords that the operator makes up once, and never again.
//!
//! Invariant: they are written with `create`, which never replaces what is there, and not made
//! again while something is there that they open. They have no owner while the volumes stay after
//! the end of their `ChatCluster`: without them, the data on the volumes could not be opened.

use std::collections::BTreeMap;

use k8s_openapi::{
    ByteString,
    api::core::v1::{PersistentVolumeClaim, Secret},
    apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference},
};
use kube::{
    Api, Client, Resource, ResourceExt,
    api::{Patch, PatchParams, PostParams},
};
use serde_json::json;

use crate::{
    crd::{ChatCluster, DeletionPolicy},
    names::{self, Names},
    observed::{Observed, data},
};

/// Key of the root password of a managed MySQL.
pub const MYSQL_ROOT: &str = "mysql-root-password";
/// Key of the servers' password for a managed MySQL.
pub const MYSQL: &str = "mysql-password";
/// Key of the password of a managed Redis.
pub const REDIS: &str = "redis-password";
/// Key of what seals hashes of secrets.
pub const HASH_KEY: &str = "hash-key";

/// The generated passwords.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Generated {
    /// The servers' password for a managed MySQL.
    pub mysql_password: String,
    /// The password of a managed Redis.
    pub redis_password: String,
    /// Seals the hashes of secrets, so that nobody can guess at them.
    pub hash_key: String,
}

impl std::fmt::Debug for Generated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Generated { .. }")
    }
}

/// Why there are none.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The Secret cannot be written.
    #[error("cannot write the Secret {0}: {1}")]
    Write(String, #[source] Box<kube::Error>),
    /// The Secret was changed by somebody.
    #[error("the Secret {0} has no key {1}; put it back, the managed stores need it")]
    Broken(String, &'static str),
    /// The Secret is gone, and what was made with its passwords is not.
    #[error(
        "the Secret {0} is gone, and other passwords would not open what was made with those in \
         it; put it back, or delete, with all that is kept there: {1}"
    )]
    Lost(String, String),
    /// The system gives no random numbers.
    #[error("no random numbers: {0}")]
    Random(#[from] getrandom::Error),
}

impl Error {
    /// Does it wait for a person, and for nothing else.
    #[must_use]
    pub fn is_for_people(&self) -> bool {
        matches!(self, Self::Broken(..) | Self::Lost(..))
    }
}

/// The passwords, made now where there are none. Those of a `ChatCluster` that is paused before
/// there is anything are empty.
pub async fn ensure(
    client: &Client,
    cluster: &ChatCluster,
    seen: &Observed,
) -> Result<Generated, Error> {
    let names = Names::new(&cluster.name_any());
    let name = names.credentials();
    let secrets: Api<Secret> =
        Api::namespaced(client.clone(), &cluster.namespace().unwrap_or_default());
    let wrong = |error| Error::Write(name.clone(), Box::new(error));
    let paused = cluster.spec.paused;
    let secret = if let Some(secret) = seen.secrets.get(&name) {
        secret.clone()
    } else {
        let locked = locked(client, cluster, seen).await.map_err(wrong)?;
        if !locked.is_empty() {
            return Err(Error::Lost(name, locked.join(", ")));
        }
        if paused {
            return Ok(Generated::default());
        }
        match secrets.create(&PostParams::default(), &new(cluster, &names)?).await {
            Ok(secret) => secret,
            Err(kube::Error::Api(status)) if status.code == 409 => {
                secrets.get(&name).await.map_err(wrong)?
            }
            Err(error) => return Err(wrong(error)),
        }
    };
    let owners = owners(cluster);
    if !paused && secret.metadata.owner_references.clone().unwrap_or_default() != owners {
        let patch = json!({ "metadata": { "ownerReferences": owners } });
        let params = PatchParams::default();
        secrets.patch(&name, &params, &Patch::Merge(patch)).await.map_err(wrong)?;
    }
    let data = data(secret);
    let text = |key: &'static str| {
        let value = data.get(key).and_then(|value| String::from_utf8(value.clone()).ok());
        value.filter(|value| !value.is_empty()).ok_or_else(|| Error::Broken(name.clone(), key))
    };
    text(MYSQL_ROOT)?;
    Ok(Generated {
        mysql_password: text(MYSQL)?,
        redis_password: text(REDIS)?,
        hash_key: text(HASH_KEY)?,
    })
}

/// What was made with the passwords: stores that run, and the volume of MySQL, which keeps its users.
async fn locked(
    client: &Client,
    cluster: &ChatCluster,
    seen: &Observed,
) -> Result<Vec<String>, kube::Error> {
    let sets = seen.stateful_sets.iter();
    let mut locked: Vec<_> = sets.map(|set| format!("StatefulSet {}", set.name_any())).collect();
    if cluster.spec.mysql.managed.is_some() {
        let claims: Api<PersistentVolumeClaim> =
            Api::namespaced(client.clone(), &cluster.namespace().unwrap_or_default());
        let claim = format!("data-{}-0", Names::new(&cluster.name_any()).part(names::MYSQL));
        if claims.get_metadata_opt(&claim).await?.is_some() {
            locked.push(format!("PersistentVolumeClaim {claim}"));
        }
    }
    Ok(locked)
}

fn owners(cluster: &ChatCluster) -> Vec<OwnerReference> {
    match cluster.spec.deletion_policy {
        DeletionPolicy::Delete => cluster.controller_owner_ref(&()).into_iter().collect(),
        DeletionPolicy::Retain => Vec::new(),
    }
}

fn new(cluster: &ChatCluster, names: &Names) -> Result<Secret, Error> {
    let mut data = BTreeMap::new();
    for key in [MYSQL_ROOT, MYSQL, REDIS, HASH_KEY] {
        data.insert(key.to_owned(), ByteString(random()?.into_bytes()));
    }
    Ok(Secret {
        metadata: ObjectMeta {
            name: Some(names.credentials()),
            namespace: cluster.namespace(),
            labels: Some(names.labels(names::WHOLE)),
            owner_references: Some(owners(cluster)),
            ..ObjectMeta::default()
        },
        data: Some(data),
        ..Secret::default()
    })
}

/// 160 random bits as letters that need no escape anywhere.
fn random() -> Result<String, getrandom::Error> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|b| char::from(LETTERS[usize::from(b % 32)])).collect())
}
