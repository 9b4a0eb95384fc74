//! Redis: managed here, or external.

use k8s_openapi::api::core::v1::ResourceRequirements;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Credentials, Persistence, SecretKey, rule};

/// Hints between servers, caches, sessions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    rule("has(self.managed) != has(self.external)", "redis: set either managed or external")
]))]
pub struct Redis {
    /// One Redis in a `StatefulSet`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed: Option<ManagedRedis>,
    /// A Redis or Valkey that somebody else looks after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external: Option<ExternalRedis>,
}

impl Default for Redis {
    fn default() -> Self {
        Self { managed: Some(ManagedRedis::default()), external: None }
    }
}

/// One Redis in a `StatefulSet`, with an append-only file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    rule("has(self.resources) && (!has(self.resources.limits) || !('memory' in self.resources.limits)) || quantity(self.maxMemory.replace('kb', 'Ki').replace('mb', 'Mi').replace('gb', 'Gi')).isLessThan(quantity(has(self.resources) ? string(self.resources.limits['memory']) : '512Mi'))", "redis.managed.maxMemory: must be less than resources.limits.memory (without resources, 512Mi); Redis would be ended before it drops what is old")
]))]
pub struct ManagedRedis {
    /// An image that starts like the official one; Redis 7 or newer, or Valkey.
    #[serde(default = "redis_image")]
    #[schemars(length(max = 512))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.matches('^[^ ]+[:@][^ /]+$')", "redis.managed.image: name a tag or a digest, for example redis:7.4")
    ]))]
    pub image: String,
    /// Memory for data; what was used last stays longest.
    #[serde(default = "max_memory")]
    #[schemars(length(max = 16))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.matches('^[1-9][0-9]*(kb|mb|gb)$')", "redis.managed.maxMemory: a size as Redis writes it, such as 256mb")
    ]))]
    pub max_memory: String,
    /// Its volume.
    #[serde(default)]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self == oldSelf", "redis.managed.persistence: a volume cannot be changed afterwards; grow the PersistentVolumeClaim itself, or make a new ChatCluster")
    ]))]
    pub persistence: Persistence,
    /// What it may use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<ResourceRequirements>,
}

impl Default for ManagedRedis {
    fn default() -> Self {
        Self {
            image: redis_image(),
            max_memory: max_memory(),
            persistence: Persistence::default(),
            resources: None,
        }
    }
}

/// A Redis that somebody else looks after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    rule("self.mode != 'Sentinel' || has(self.sentinelService)", "redis.external.sentinelService: the mode Sentinel needs the name of the watched master"),
    rule("self.mode == 'Sentinel' || !has(self.sentinelService)", "redis.external.sentinelService: belongs to the mode Sentinel only"),
    rule("self.mode == 'Sentinel' || !has(self.sentinelSecretRef)", "redis.external.sentinelSecretRef: belongs to the mode Sentinel only"),
    rule("self.mode != 'Cluster' || self.database == 0", "redis.external.database: a Redis Cluster has database 0 only")
]))]
pub struct ExternalRedis {
    /// Name or address of the server, of a Sentinel, or of a node of the cluster.
    #[schemars(length(min = 1, max = 253))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("!self.contains('/') && !self.contains('@') && self.trim() == self && (!self.contains(':') || isIP(self))", "redis.external.host: a name or an address, without scheme, user and port")
    ]))]
    pub host: String,
    /// Port.
    #[serde(default = "redis_port")]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self >= 1 && self <= 65535", "redis.external.port: from 1 to 65535")
    ]))]
    pub port: i32,
    /// What stands behind the host.
    #[serde(default)]
    pub mode: RedisMode,
    /// Name of the master that the Sentinels watch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub sentinel_service: Option<String>,
    /// Password of the Sentinels themselves, where they ask for one; it may be in the same Secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sentinel_secret_ref: Option<Credentials>,
    /// Number of the database.
    #[serde(default)]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self >= 0 && self <= 255", "redis.external.database: from 0 to 255")
    ]))]
    pub database: i32,
    /// Password, where one is needed; the user's name may be missing in the Secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<Credentials>,
    /// Encryption of the connection.
    #[serde(default)]
    pub tls: RedisTls,
}

/// Encryption of the connection to Redis, and to its Sentinels.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    rule("!has(self.caSecretRef) || self.enabled", "redis.external.tls.caSecretRef: looked at with TLS only; set enabled: true")
]))]
pub struct RedisTls {
    /// Always, and the certificate is that of the host.
    #[serde(default)]
    pub enabled: bool,
    /// Certificate of the authority, where it is not a public one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_secret_ref: Option<SecretKey>,
}

/// What stands behind the host.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum RedisMode {
    /// One server, or a proxy that looks like one.
    #[default]
    Standalone,
    /// Sentinels that know which server is the master.
    Sentinel,
    /// A Redis Cluster.
    Cluster,
}

fn redis_port() -> i32 {
    6379
}
fn redis_image() -> String {
    "redis:7.4".to_owned()
}
fn max_memory() -> String {
    "256mb".to_owned()
}
