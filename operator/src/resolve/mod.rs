//! Step 2, pure: resolves the spec and its Secrets to one set of final values, or to a rejection
//! that says what to change.

mod config;
pub(crate) mod credentials;
mod rejection;
pub(crate) mod revision;
mod secrets;
mod stores;

use std::{collections::BTreeMap, fmt};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use kube::{Resource, ResourceExt};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub use rejection::Rejection;

use self::{credentials::GeneratedCredentials, revision::Revision, secrets::Secrets};
use crate::{
    crd::{ChatCluster, ChatClusterSpec},
    names::{self, Names},
    observe::Observed,
};

/// Folder in a pod with the certificates of the authorities of MySQL, Redis and S3.
pub(crate) const AUTHORITIES_DIR: &str = "/etc/chat/authorities";
/// File with the certificate of MySQL's authority, and its key in the revision's Secret.
pub(crate) const MYSQL_CA: &str = "mysql-ca.crt";
/// File with the certificate of Redis' authority, and its key in the revision's Secret.
pub(crate) const REDIS_CA: &str = "redis-ca.crt";
/// File with the certificate of S3's authority, and its key in the revision's Secret.
pub(crate) const S3_CA: &str = "s3-ca.crt";
/// Folder in a pod with the Secret of the servers' own certificate.
pub(crate) const TLS_DIR: &str = "/etc/chat/tls";
/// Keys of its certificate, and of the certificate's key.
const TLS_KEYS: [&str; 2] = ["tls.crt", "tls.key"];
/// User and database of a managed MySQL.
pub(crate) const MANAGED_USER: &str = "chat";

/// Everything that is decided before anything is built. It has secrets, so that `Debug` does not
/// show it.
#[derive(Clone)]
pub struct Resolved {
    /// Name of the `ChatCluster`.
    pub(crate) name: String,
    /// Its namespace.
    pub(crate) namespace: String,
    /// Its generation, which the status reports as observed.
    pub(crate) generation: Option<i64>,
    /// Its spec.
    pub(crate) spec: ChatClusterSpec,
    /// The reference by which child objects name it as their owner.
    pub(crate) owner: OwnerReference,
    /// Names of the child objects.
    pub(crate) names: Names,
    /// Generated credentials.
    pub(crate) credentials: GeneratedCredentials,
    /// Environment variables of the servers, without the secret ones.
    pub(crate) config: BTreeMap<String, String>,
    /// Secret values: URLs of the stores with their passwords, and certificates of authorities.
    pub(crate) secrets: BTreeMap<String, String>,
    /// The inputs that decide whether the servers' pods must be replaced.
    pub(crate) inputs: Value,
    /// Name of the wanted revision.
    pub(crate) revision: String,
    /// The wanted revision as it was stored; `None` where it is new.
    pub(crate) stored: Option<Revision>,
}

impl fmt::Debug for Resolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, namespace, revision, .. } = self;
        let mut shown = f.debug_struct("Resolved");
        shown.field("name", name).field("namespace", namespace).field("revision", revision);
        shown.finish_non_exhaustive()
    }
}

/// Resolves the spec, or rejects it.
pub fn resolve(cluster: &ChatCluster, seen: &Observed) -> Result<Resolved, Rejection> {
    let spec = &cluster.spec;
    let name = cluster.name_any();
    let namespace = cluster.namespace().unwrap_or_default();
    let names = Names::new(&name);
    let credentials = credentials::credentials(cluster, &names, seen)?;
    let secrets = Secrets { namespace: &namespace, known: &seen.references };
    certificate(spec, &secrets)?;
    let secrets = stores::store_secrets(spec, &names, &credentials, &secrets)?;
    let config = config::config(spec, &secrets)?;
    let inputs = inputs(spec, &secrets, &credentials);
    let stored = Revision::all(seen.revisions.iter().map(AsRef::as_ref), names::SERVER);
    let stored = Revision::find(&stored, &inputs, &empty_inputs());
    Ok(Resolved {
        generation: cluster.metadata.generation,
        spec: spec.clone(),
        owner: cluster.controller_owner_ref(&()).unwrap_or_default(),
        credentials,
        config,
        secrets,
        revision: stored.as_ref().map_or_else(|| revision::name(&inputs), |r| r.name.clone()),
        inputs,
        stored,
        names,
        name,
        namespace,
    })
}

/// The inputs of the servers' pods. Secret values go in as keyed hashes.
fn inputs(
    spec: &ChatClusterSpec,
    secrets: &BTreeMap<String, String>,
    credentials: &GeneratedCredentials,
) -> Value {
    let seal = |text: &String| {
        let mut hash = Sha256::new();
        hash.update(&credentials.hash_key);
        hash.update([0]);
        hash.update(text);
        revision::short_hash(&hash.finalize())
    };
    let sealed: BTreeMap<_, _> = secrets.iter().map(|(key, value)| (key, seal(value))).collect();
    let mut inputs = inputs_of(spec);
    inputs["secrets"] = json!(sealed);
    inputs
}

fn inputs_of(spec: &ChatClusterSpec) -> Value {
    json!({
        "image": spec.image,
        "imagePullSecrets": spec.image_pull_secrets,
        "mysqlConnections": spec.mysql.connections,
        "cache": spec.cache,
        "session": spec.session,
        "retention": spec.retention,
        "limits": spec.limits,
        "tuning": spec.tuning,
        "logging": spec.logging,
        "http": spec.http,
        "otlp": spec.observability.otlp,
        "uploads": spec.uploads,
        "tls": spec.tls,
        "drain": { "perSecond": spec.drain.per_second, "graceSeconds": spec.drain.grace_seconds },
        "podTemplate": spec.pod_template,
    })
}

/// The inputs of a spec with defaults only.
fn empty_inputs() -> Value {
    serde_json::from_value::<ChatClusterSpec>(json!({ "image": "" }))
        .map(|spec| inputs_of(&spec))
        .unwrap_or_default()
}

/// The pods mount the certificate's Secret and see its changes: only the presence of its keys is
/// checked here, and its content is no input of a revision.
fn certificate(spec: &ChatClusterSpec, secrets: &Secrets<'_>) -> Result<(), Rejection> {
    let Some(tls) = &spec.tls else { return Ok(()) };
    for key in TLS_KEYS {
        secrets.value("tls.secretName", &tls.secret_name, key)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
