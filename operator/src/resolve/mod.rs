//! Pure: the spec and the Secrets it names become one set of settled values, or a refusal that
//! says what to change.

use std::collections::{BTreeMap, BTreeSet};

use chat_contract::{
    config::{ServerConfig, percent_encode, tls},
    ops,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use kube::{Resource, ResourceExt};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    crd::{
        ChatCluster, ChatClusterSpec, Credentials, ExternalMysql, ExternalRedis, LogFormat,
        MysqlTlsMode, RedisMode, S3, SecretKey, Uploads,
    },
    credentials::Generated,
    names::Names,
    observed::{Observed, SecretData},
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

/// Why the spec cannot be fulfilled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A Secret is not there.
    #[error(
        "spec.{field} names the Secret {secret}, which does not exist in namespace {namespace}"
    )]
    NoSecret {
        /// The field of the spec.
        field: &'static str,
        /// The Secret.
        secret: String,
        /// Where it should be.
        namespace: String,
    },
    /// A Secret lacks a key.
    #[error("the Secret {secret} of spec.{field} has no key {key}; it has {has}")]
    NoKey {
        /// The field of the spec.
        field: &'static str,
        /// The Secret.
        secret: String,
        /// The key.
        key: String,
        /// The keys that are there.
        has: String,
    },
    /// A value of a Secret is not text.
    #[error("the key {key} of the Secret {secret} is empty or not text")]
    NotText {
        /// The Secret.
        secret: String,
        /// The key.
        key: String,
    },
    /// The servers would not start with these settings.
    #[error("{0}")]
    Settings(String),
}

impl Refusal {
    /// One word for it.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::NoSecret { .. } => "SecretMissing",
            Self::NoKey { .. } | Self::NotText { .. } => "SecretKeyMissing",
            Self::Settings(_) => "SettingsRefused",
        }
    }
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
    let secrets = store_secrets(spec, &names, generated, &secrets)?;
    let config = config(spec, &secrets)?;
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

/// Variables that come from the spec. All others keep the server's own default.
fn config(
    spec: &ChatClusterSpec,
    secrets: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Refusal> {
    let (cache, session, limits, tuning) = (&spec.cache, &spec.session, &spec.limits, &spec.tuning);
    let format = match spec.logging.format {
        LogFormat::Json => "json",
        LogFormat::Text => "text",
    };
    let mut told: BTreeMap<&str, String> = [
        ("CHAT_HTTP_LISTEN", format!("0.0.0.0:{}", ops::HTTP_PORT)),
        ("CHAT_OPS_LISTEN", format!("0.0.0.0:{}", ops::OPS_PORT)),
        ("CHAT_MYSQL_CONNECTIONS", spec.mysql.connections.to_string()),
        ("CHAT_UPLOAD_BYTES_MAX", limits.upload_bytes_max.to_string()),
        ("CHAT_PUBLIC_ORIGINS", spec.http.public_origins.join(",")),
        ("CHAT_TRUSTED_PROXIES", spec.http.trusted_proxies.join(",")),
        ("CHAT_CACHE_MESSAGE_TTL", cache.message_ttl.clone()),
        ("CHAT_CACHE_WINDOW_TTL", cache.window_ttl.clone()),
        ("CHAT_CACHE_WINDOW_MESSAGES", cache.window_messages.to_string()),
        ("CHAT_CACHE_WORKER_INTERVAL", cache.worker_interval.clone()),
        ("CHAT_SESSION_TTL", session.ttl.clone()),
        ("CHAT_SESSION_CACHE_TTL", session.cache_ttl.clone()),
        ("CHAT_LIMIT_SIGN_UPS_PER_MINUTE", limits.sign_ups_per_minute.to_string()),
        ("CHAT_LIMIT_SIGN_INS_PER_MINUTE", limits.sign_ins_per_minute.to_string()),
        ("CHAT_LIMIT_SENDS_PER_SECOND", limits.sends_per_second.to_string()),
        ("CHAT_LIMIT_SENDS_BURST", limits.sends_burst.to_string()),
        ("CHAT_HEARTBEAT", tuning.heartbeat.clone()),
        ("CHAT_COMMIT_BATCH", tuning.commit_batch.to_string()),
        ("CHAT_COMMIT_LANES", tuning.commit_lanes.to_string()),
        ("CHAT_SOCKET_QUEUE", tuning.socket_queue.to_string()),
        ("CHAT_SOCKET_COMMANDS", tuning.socket_commands.to_string()),
        ("CHAT_DRAIN_SECONDS", format!("{}s", spec.drain.grace_seconds)),
        ("CHAT_DRAIN_PER_SECOND", spec.drain.per_second.to_string()),
        ("CHAT_LOG", spec.logging.filter.clone()),
        ("CHAT_LOG_FORMAT", format.to_owned()),
    ]
    .into();
    if let Some(retention) = &spec.retention {
        told.insert("CHAT_RETENTION", retention.clone());
    }
    if let Some(otlp) = &spec.observability.otlp {
        told.insert("CHAT_OTLP_ENDPOINT", otlp.endpoint.clone());
        told.insert("CHAT_TRACE_ONE_IN", otlp.one_in.to_string());
    }
    match &spec.uploads {
        None => {
            told.insert("CHAT_UPLOADS_URL", "database".to_owned());
        }
        Some(Uploads { s3: Some(s3), .. }) => told.extend(bucket(s3)),
        Some(_) => {
            told.insert("CHAT_UPLOADS_DIR", ops::UPLOADS_DIR.to_owned());
        }
    }
    if spec.tls.is_some() {
        told.insert(tls::CERTIFICATE, format!("{TLS_DIR}/{}", TLS_KEYS[0]));
        told.insert(tls::KEY, format!("{TLS_DIR}/{}", TLS_KEYS[1]));
    }
    if secrets.contains_key(REDIS_CA) {
        told.insert("CHAT_REDIS_CA", format!("{AUTHORITIES_DIR}/{REDIS_CA}"));
    }
    // The server itself says whether it would start like this.
    let read = |name: &str| told.get(name).or_else(|| secrets.get(name)).cloned();
    let config = ServerConfig::from_vars(&read).map_err(|problems| {
        let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
        Refusal::Settings(problems.join("; "))
    })?;
    let vars = config.to_vars().into_iter();
    let public = vars.filter(|(name, value)| {
        told.contains_key(name) && !ServerConfig::SECRETS.contains(name) && !value.is_empty()
    });
    Ok(public.map(|(name, value)| (name.to_owned(), value)).collect())
}

/// Where the bucket is.
fn bucket(s3: &S3) -> Vec<(&'static str, String)> {
    let prefix = s3.prefix.as_ref().map(|prefix| format!("/{prefix}")).unwrap_or_default();
    let mut told = vec![("CHAT_UPLOADS_URL", format!("s3://{}{prefix}", s3.bucket))];
    told.extend(s3.endpoint.iter().map(|url| ("CHAT_S3_ENDPOINT", url.clone())));
    told.extend(s3.region.iter().map(|region| ("CHAT_S3_REGION", region.clone())));
    told.extend(s3.path_style.iter().map(|path| ("CHAT_S3_PATH_STYLE", path.to_string())));
    told.extend(
        s3.ca_secret_ref.iter().map(|_| ("CHAT_S3_CA", format!("{AUTHORITIES_DIR}/{S3_CA}"))),
    );
    told
}

/// The Secrets that the spec refers to.
struct Secrets<'a> {
    namespace: &'a str,
    known: &'a BTreeMap<String, Option<SecretData>>,
}

impl Secrets<'_> {
    fn get(&self, field: &'static str, secret: &str) -> Result<&SecretData, Refusal> {
        self.known.get(secret).and_then(Option::as_ref).ok_or_else(|| Refusal::NoSecret {
            field,
            secret: secret.to_owned(),
            namespace: self.namespace.to_owned(),
        })
    }

    fn value(&self, field: &'static str, secret: &str, key: &str) -> Result<String, Refusal> {
        let data = self.get(field, secret)?;
        let value = data.get(key).ok_or_else(|| Refusal::NoKey {
            field,
            secret: secret.to_owned(),
            key: key.to_owned(),
            has: if data.is_empty() {
                "none".to_owned()
            } else {
                data.keys().cloned().collect::<Vec<_>>().join(", ")
            },
        })?;
        // A line end at the end is what `echo` put there.
        let text = std::str::from_utf8(value).unwrap_or_default().trim_end_matches(['\r', '\n']);
        if text.is_empty() {
            return Err(Refusal::NotText { secret: secret.to_owned(), key: key.to_owned() });
        }
        Ok(text.to_owned())
    }
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

fn store_secrets(
    spec: &ChatClusterSpec,
    names: &Names,
    generated: &Generated,
    secrets: &Secrets<'_>,
) -> Result<BTreeMap<String, String>, Refusal> {
    let mut out = BTreeMap::new();
    let mysql = if let Some(mysql) = &spec.mysql.external {
        if let Some(SecretKey { name, key }) = &mysql.tls.ca_secret_ref {
            let ca = secrets.value("mysql.external.tls.caSecretRef", name, key)?;
            out.insert(MYSQL_CA.to_owned(), ca);
        }
        external_mysql(mysql, secrets)?
    } else {
        let host = names.part(crate::names::MYSQL);
        let password = &generated.mysql_password;
        format!("mysql://{MANAGED_USER}:{password}@{host}:3306/{MANAGED_USER}")
    };
    out.insert("CHAT_MYSQL_URL".to_owned(), mysql);
    let redis = if let Some(redis) = &spec.redis.external {
        if let Some(SecretKey { name, key }) = &redis.tls.ca_secret_ref {
            let ca = secrets.value("redis.external.tls.caSecretRef", name, key)?;
            out.insert(REDIS_CA.to_owned(), ca);
        }
        external_redis(redis, secrets)?
    } else {
        let host = names.part(crate::names::REDIS);
        format!("redis://:{}@{host}:6379", generated.redis_password)
    };
    out.insert("CHAT_REDIS_URL".to_owned(), redis);
    if let Some(s3) = spec.s3() {
        out.extend(s3_secrets(s3, secrets)?);
    }
    Ok(out)
}

fn s3_secrets(s3: &S3, secrets: &Secrets<'_>) -> Result<Vec<(String, String)>, Refusal> {
    let mut out = Vec::new();
    if let Some(secret) = &s3.secret_ref {
        let value = |key: &str| secrets.value("uploads.s3.secretRef", &secret.name, key);
        out.push(("CHAT_S3_ACCESS_KEY_ID".to_owned(), value(&secret.access_key_id_key)?));
        out.push(("CHAT_S3_SECRET_ACCESS_KEY".to_owned(), value(&secret.secret_access_key_key)?));
    }
    if let Some(SecretKey { name, key }) = &s3.ca_secret_ref {
        out.push((S3_CA.to_owned(), secrets.value("uploads.s3.caSecretRef", name, key)?));
    }
    Ok(out)
}

fn external_mysql(mysql: &ExternalMysql, secrets: &Secrets<'_>) -> Result<String, Refusal> {
    let (field, secret) = ("mysql.external.secretRef", &mysql.secret_ref);
    let user = secrets.value(field, &secret.name, &secret.username_key)?;
    let password = secrets.value(field, &secret.name, &secret.password_key)?;
    let mode = match mysql.tls.mode {
        MysqlTlsMode::Disabled => "DISABLED",
        MysqlTlsMode::Preferred => "PREFERRED",
        MysqlTlsMode::Required => "REQUIRED",
        MysqlTlsMode::VerifyCa => "VERIFY_CA",
        MysqlTlsMode::VerifyIdentity => "VERIFY_IDENTITY",
    };
    let ca = match mysql.tls.ca_secret_ref {
        Some(_) => format!("&ssl-ca={}", percent_encode(&format!("{AUTHORITIES_DIR}/{MYSQL_CA}"))),
        None => String::new(),
    };
    Ok(format!(
        "mysql://{}:{}@{}:{}/{}?ssl-mode={mode}{ca}",
        percent_encode(&user),
        percent_encode(&password),
        host(&mysql.host),
        mysql.port,
        mysql.database
    ))
}

fn external_redis(redis: &ExternalRedis, secrets: &Secrets<'_>) -> Result<String, Refusal> {
    let login = match login(redis.secret_ref.as_ref(), "redis.external.secretRef", secrets)? {
        Some((user, password)) => format!("{user}:{password}@"),
        None => String::new(),
    };
    let scheme = if redis.tls.enabled { "rediss" } else { "redis" };
    let (kind, query) = match (redis.mode, &redis.sentinel_service) {
        (RedisMode::Standalone, _) => ("", String::new()),
        (RedisMode::Cluster, _) => ("-cluster", String::new()),
        (RedisMode::Sentinel, service) => {
            let service = percent_encode(service.as_deref().unwrap_or_default());
            ("-sentinel", format!("?sentinelServiceName={service}{}", sentinel(redis, secrets)?))
        }
    };
    let database = match redis.database {
        0 => String::new(),
        number => format!("/{number}"),
    };
    Ok(format!("{scheme}{kind}://{login}{}:{}{database}{query}", host(&redis.host), redis.port))
}

fn sentinel(redis: &ExternalRedis, secrets: &Secrets<'_>) -> Result<String, Refusal> {
    let field = "redis.external.sentinelSecretRef";
    Ok(match login(redis.sentinel_secret_ref.as_ref(), field, secrets)? {
        Some((user, password)) if user.is_empty() => format!("&sentinelPassword={password}"),
        Some((user, password)) => format!("&sentinelUsername={user}&sentinelPassword={password}"),
        None => String::new(),
    })
}

/// User, who may be missing in the Secret, and password, as they may stand in a URL.
fn login(
    secret: Option<&Credentials>,
    field: &'static str,
    secrets: &Secrets<'_>,
) -> Result<Option<(String, String)>, Refusal> {
    let Some(Credentials { name, username_key, password_key }) = secret else { return Ok(None) };
    let user = if secrets.get(field, name)?.contains_key(username_key) {
        secrets.value(field, name, username_key)?
    } else {
        String::new()
    };
    let password = secrets.value(field, name, password_key)?;
    Ok(Some((percent_encode(&user), percent_encode(&password))))
}

/// An address of version 6 stands in brackets in a URL.
fn host(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}

#[cfg(test)]
mod tests;
