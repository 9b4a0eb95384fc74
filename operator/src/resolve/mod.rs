//! Pure: the spec and the Secrets it names become one set of settled values, or a refusal that
//! says what to change.

mod config;
mod refusal;
mod secrets;
mod stores;

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use kube::{Resource, ResourceExt};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub use refusal::Refusal;

use self::secrets::Secrets;
use crate::{
    crd::{ChatCluster, ChatClusterSpec},
    credentials::Generated,
    names::Names,
    observed::Observed,
    record::{self, Record},
};

/// Where the certificates of the stores' authorities are in a pod.
pub const AUTHORITIES_DIR: &str = "/etc/chat/authorities";
/// The file of MySQL's there, and its key in the revision's Secret.
pub const MYSQL_CA: &str = "mysql-ca.crt";
/// The file of Redis' there, and its key in the revision's Secret.
pub const REDIS_CA: &str = "redis-ca.crt";
/// The file of S3's there, and its key in the revision's Secret.
pub const S3_CA: &str = "s3-ca.crt";
/// Where the Secret of the servers' own certificate is in a pod.
pub const TLS_DIR: &str = "/etc/chat/tls";
/// Keys of its certificate, and of the certificate's key.
const TLS_KEYS: [&str; 2] = ["tls.crt", "tls.key"];
/// User and database of a managed MySQL.
pub const MANAGED_USER: &str = "chat";

/// Everything that is decided before anything is built.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// Name of the `ChatCluster`.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// Its generation.
    pub generation: Option<i64>,
    /// What it asks for.
    pub spec: ChatClusterSpec,
    /// It as the owner of children.
    pub owner: OwnerReference,
    /// Names of the children.
    pub names: Names,
    /// Generated passwords.
    pub generated: Generated,
    /// Variables of the servers, without the secrets.
    pub config: BTreeMap<String, String>,
    /// What is secret: the addresses of the stores with their passwords, and certificates.
    pub secrets: BTreeMap<String, String>,
    /// What decides about the pods of the servers.
    pub inputs: Value,
    /// The same of a spec that says nothing.
    pub empty_inputs: Value,
    /// Name of the wanted revision.
    pub revision: String,
    /// It as it was kept; nothing where it is new.
    pub record: Option<Record>,
}

/// Names of the Secrets that a spec refers to.
#[must_use]
pub fn referenced_secrets(spec: &ChatClusterSpec) -> BTreeSet<String> {
    let mysql = spec.mysql.external.as_ref();
    let redis = spec.redis.external.as_ref();
    let s3 = spec.s3();
    [
        mysql.map(|mysql| &mysql.secret_ref.name),
        mysql.and_then(|mysql| mysql.tls.ca_secret_ref.as_ref()).map(|ca| &ca.name),
        redis.and_then(|redis| redis.secret_ref.as_ref()).map(|secret| &secret.name),
        redis.and_then(|redis| redis.sentinel_secret_ref.as_ref()).map(|secret| &secret.name),
        redis.and_then(|redis| redis.tls.ca_secret_ref.as_ref()).map(|ca| &ca.name),
        s3.and_then(|s3| s3.secret_ref.as_ref()).map(|secret| &secret.name),
        s3.and_then(|s3| s3.ca_secret_ref.as_ref()).map(|ca| &ca.name),
        spec.tls.as_ref().map(|tls| &tls.secret_name),
    ]
    .into_iter()
    .flatten()
    .cloned()
    .collect()
}

/// Settles everything.
pub fn resolve(
    cluster: &ChatCluster,
    generated: &Generated,
    seen: &Observed,
) -> Result<Resolved, Refusal> {
    let spec = &cluster.spec;
    let name = cluster.name_any();
    let namespace = cluster.namespace().unwrap_or_default();
    let names = Names::new(&name);
    let secrets = Secrets { namespace: &namespace, known: &seen.references };
    certificate(spec, &secrets)?;
    let secrets = stores::store_secrets(spec, &names, generated, &secrets)?;
    let config = config::config(spec, &secrets)?;
    let inputs = inputs(spec, &secrets, generated);
    let empty_inputs = empty_inputs();
    let kept: Vec<_> = seen.records.iter().map(AsRef::as_ref).collect();
    let records = Record::all(kept, crate::names::SERVER);
    let record = Record::find(&records, &inputs, &empty_inputs);
    Ok(Resolved {
        generation: cluster.metadata.generation,
        spec: spec.clone(),
        owner: cluster.controller_owner_ref(&()).unwrap_or_default(),
        generated: generated.clone(),
        config,
        secrets,
        empty_inputs,
        revision: record.as_ref().map_or_else(|| record::name(&inputs), |r| r.revision.clone()),
        inputs,
        record,
        names,
        name,
        namespace,
    })
}

/// What decides about the pods of the servers. What is secret goes in as a keyed hash.
fn inputs(
    spec: &ChatClusterSpec,
    secrets: &BTreeMap<String, String>,
    generated: &Generated,
) -> Value {
    let seal = |text: &String| {
        let mut hash = Sha256::new();
        hash.update(&generated.hash_key);
        hash.update([0]);
        hash.update(text);
        record::short_hash(&hash.finalize())
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

fn empty_inputs() -> Value {
    // Of a spec that says nothing but what it must.
    serde_json::from_value::<ChatClusterSpec>(json!({ "image": "" }))
        .map(|spec| inputs_of(&spec))
        .unwrap_or_default()
}

/// The pods mount its Secret as it is, and see what changes in it: only what they cannot do without
/// is asked for here, and nothing of it decides about a revision.
fn certificate(spec: &ChatClusterSpec, secrets: &Secrets<'_>) -> Result<(), Refusal> {
    let Some(tls) = &spec.tls else { return Ok(()) };
    for key in TLS_KEYS {
        secrets.value("tls.secretName", &tls.secret_name, key)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
