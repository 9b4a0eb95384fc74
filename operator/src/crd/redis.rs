//! Redis: managed here, or external.

use k8s_openapi::api::core::v1::ResourceRequirements;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Credentials, Persistence, SecretKey, rule};

/// Redis: notifications between servers, caches, presence, sessions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    rule("has(self.managed) != has(self.external)", "redis: set either managed or external")
]))]
pub struct Redis {
    /// One Redis in a `StatefulSet`. This is the default; set either `managed` or `external`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed: Option<ManagedRedis>,
    /// A Redis or Valkey that is operated elsewhere; set either `managed` or `external`.
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
    /// Image of Redis 7 or newer, or of Valkey, that takes the arguments of the official image;
    /// redis:7.4 by default.
    #[serde(default = "redis_image")]
    #[schemars(length(max = 512))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.matches('^[^ ]+[:@][^ /]+$')", "redis.managed.image: name a tag or a digest, for example redis:7.4")
    ]))]
    pub image: String,
    /// Memory for data in the notation of Redis, such as 512mb; 256mb by default. It must be less
    /// than the memory limit. When it is full, Redis evicts the keys that were not used for the
    /// longest time.
    #[serde(default = "max_memory")]
    #[schemars(length(max = 16))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.matches('^[1-9][0-9]*(kb|mb|gb)$')", "redis.managed.maxMemory: a size as Redis writes it, such as 256mb")
    ]))]
    pub max_memory: String,
    /// The volume with the append-only file, 8Gi by default. It cannot be changed later.
    #[serde(default)]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self == oldSelf", "redis.managed.persistence: a volume cannot be changed afterwards; grow the PersistentVolumeClaim itself, or make a new ChatCluster")
    ]))]
    pub persistence: Persistence,
    /// Resource requests and limits of the Redis container; by default it requests 50m CPU and 64Mi
    /// memory, with a limit of 512Mi.
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

/// A Redis that is operated elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    rule("self.mode != 'Sentinel' || has(self.sentinelService)", "redis.external.sentinelService: the mode Sentinel needs the name of the watched master"),
    rule("self.mode == 'Sentinel' || !has(self.sentinelService)", "redis.external.sentinelService: belongs to the mode Sentinel only"),
    rule("self.mode == 'Sentinel' || !has(self.sentinelSecretRef)", "redis.external.sentinelSecretRef: belongs to the mode Sentinel only"),
    rule("self.mode != 'Cluster' || self.database == 0", "redis.external.database: a Redis Cluster has database 0 only")
]))]
pub struct ExternalRedis {
    /// Name or address of the Redis server, of a Sentinel, or of one node of the cluster, without
    /// scheme, user and port.
    #[schemars(length(min = 1, max = 253))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("!self.contains('/') && !self.contains('@') && self.trim() == self && (!self.contains(':') || isIP(self))", "redis.external.host: a name or an address, without scheme, user and port")
    ]))]
    pub host: String,
    /// TCP port of the host, from 1 to 65535; 6379 by default. Sentinels usually listen on 26379.
    #[serde(default = "redis_port")]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self >= 1 && self <= 65535", "redis.external.port: from 1 to 65535")
    ]))]
    pub port: i32,
    /// What answers at the host: `Standalone` (one server or a proxy, the default), `Sentinel`
    /// (Sentinels that know the master) or `Cluster` (a Redis Cluster).
    #[serde(default)]
    pub mode: RedisMode,
    /// Name of the master that the Sentinels watch; needed in the mode `Sentinel`, and rejected in
    /// others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub sentinel_service: Option<String>,
    /// Secret with the password of the Sentinels themselves, where they ask for one; only in the
    /// mode `Sentinel`. It may be the same Secret as `secretRef`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sentinel_secret_ref: Option<Credentials>,
    /// Number of the database, from 0 to 255; 0 by default. A Redis Cluster has database 0 only.
    #[serde(default)]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self >= 0 && self <= 255", "redis.external.database: from 0 to 255")
    ]))]
    pub database: i32,
    /// Secret with the password for Redis, where it asks for one; the user name may be missing in
    /// it. A changed Secret is rolled out as a new revision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<Credentials>,
    /// Encryption of the connections to Redis and to its Sentinels; off by default.
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
    /// Whether connections are encrypted; false by default. With true, the certificate must be
    /// valid for the host.
    #[serde(default)]
    pub enabled: bool,
    /// PEM certificate of the authority that signed the server's certificate, where it is no public
    /// one; only with `enabled`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_secret_ref: Option<SecretKey>,
}

/// What answers at the host.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum RedisMode {
    /// One server, or a proxy that looks like one.
    #[default]
    Standalone,
    /// Sentinels that know which server is the master.
    Sentinel,
    /// A Redis Cluster, of which the host is one node.
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
