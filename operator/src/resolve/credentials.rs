//! Pure: passwords that the operator generates once.
//!
//! Invariant: the Secret is written with `create`, which never replaces an existing one, and not
//! generated again while data exists that only the lost passwords open.

use std::collections::BTreeMap;

#[cfg(test)]
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::{ByteString, api::core::v1::Secret};
use kube::ResourceExt;

use super::Rejection;
use crate::{
    crd::ChatCluster,
    names::Names,
    observe::{ENTROPY_BYTES, Observed, data},
};

/// Key of the root password of a managed MySQL.
pub(crate) const MYSQL_ROOT: &str = "mysql-root-password";
/// Key of the servers' password for a managed MySQL.
pub(crate) const MYSQL: &str = "mysql-password";
/// Key of the password of a managed Redis.
pub(crate) const REDIS: &str = "redis-password";
/// Key of the key with which hashes of secrets are sealed.
pub(crate) const HASH_KEY: &str = "hash-key";

/// All keys of the Secret.
const KEYS: [&str; 4] = [MYSQL_ROOT, MYSQL, REDIS, HASH_KEY];
/// Letters and digits that need no escape in a URL, without those that look alike; each stands for
/// five bits.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Letters in a generated password: 160 bits.
const PASSWORD_CHARS: usize = ENTROPY_BYTES / KEYS.len();

/// The generated credentials of a `ChatCluster`: those in its Secret, or new ones where the Secret
/// is to be created.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct GeneratedCredentials {
    /// The servers' password for a managed MySQL.
    pub(crate) mysql_password: String,
    /// The password of a managed Redis.
    pub(crate) redis_password: String,
    /// The key with which hashes of secrets are sealed, so that they cannot be guessed.
    pub(crate) hash_key: String,
    /// The data of the Secret that is to be created; `None` where it exists.
    pub(crate) new_data: Option<BTreeMap<String, ByteString>>,
}

impl std::fmt::Debug for GeneratedCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("GeneratedCredentials { .. }")
    }
}

/// Reads the credentials, or generates them where there are none yet. Those of a `ChatCluster` that
/// is paused before it has any are empty.
pub(super) fn credentials(
    cluster: &ChatCluster,
    names: &Names,
    seen: &Observed,
) -> Result<GeneratedCredentials, Rejection> {
    let secret = names.credentials();
    if let Some(found) = seen.secrets.get(&secret) {
        return read(found);
    }
    let kept = opened_by_lost_passwords(seen);
    if !kept.is_empty() {
        return Err(Rejection::CredentialsLost { secret, kept: kept.join(", ") });
    }
    if cluster.spec.paused {
        return Ok(GeneratedCredentials::default());
    }
    let entropy = seen.entropy.as_ref().ok_or(Rejection::NoRandomness(secret))?;
    let passwords = KEYS.into_iter().zip(entropy.chunks_exact(PASSWORD_CHARS).map(password));
    let new: BTreeMap<_, _> = passwords.collect();
    Ok(GeneratedCredentials {
        mysql_password: new[MYSQL].clone(),
        redis_password: new[REDIS].clone(),
        hash_key: new[HASH_KEY].clone(),
        new_data: Some(
            new.into_iter().map(|(k, v)| (k.to_owned(), ByteString(v.into_bytes()))).collect(),
        ),
    })
}

fn read(secret: &Secret) -> Result<GeneratedCredentials, Rejection> {
    let data = data(secret.clone());
    let text = |key: &'static str| {
        let value = data.get(key).and_then(|value| String::from_utf8(value.clone()).ok());
        value
            .filter(|value| !value.is_empty())
            .ok_or_else(|| Rejection::CredentialsIncomplete { secret: secret.name_any(), key })
    };
    text(MYSQL_ROOT)?;
    Ok(GeneratedCredentials {
        mysql_password: text(MYSQL)?,
        redis_password: text(REDIS)?,
        hash_key: text(HASH_KEY)?,
        new_data: None,
    })
}

/// What depends on the passwords: running stores, and the volume of MySQL, which contains its
/// users.
fn opened_by_lost_passwords(seen: &Observed) -> Vec<String> {
    let sets = seen.stateful_sets.iter().map(|set| format!("StatefulSet {}", set.name_any()));
    let claim = seen.mysql_claim.iter().map(|claim| format!("PersistentVolumeClaim {claim}"));
    sets.chain(claim).collect()
}

fn password(entropy: &[u8]) -> String {
    entropy.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
}

/// The Secret of the `ChatCluster` `team` with known credentials, by name.
#[cfg(test)]
pub(crate) fn example() -> BTreeMap<String, Secret> {
    let name = "team-credentials".to_owned();
    let data = [(MYSQL_ROOT, "root"), (MYSQL, "mmm"), (REDIS, "rrr"), (HASH_KEY, "k")]
        .map(|(key, value)| (key.to_owned(), ByteString(value.as_bytes().to_vec())));
    let metadata = ObjectMeta { name: Some(name.clone()), ..ObjectMeta::default() };
    [(name, Secret { metadata, data: Some(data.into()), ..Secret::default() })].into()
}
