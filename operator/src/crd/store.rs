//! MySQL and Redis: managed here, or external.

use k8s_openapi::api::core::v1::ResourceRequirements;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rule;

/// A Secret of the same namespace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SecretName {
    /// Its name.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
}

/// One value of a Secret of the same namespace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SecretKey {
    /// The Secret's name.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// Key in the Secret.
    #[serde(default = "ca_crt")]
    #[schemars(length(min = 1, max = 253))]
    pub key: String,
}

/// User and password in a Secret of the same namespace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Credentials {
    /// The Secret's name.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// Key of the user's name.
    #[serde(default = "username")]
    #[schemars(length(min = 1, max = 253))]
    pub username_key: String,
    /// Key of the password.
    #[serde(default = "password")]
    #[schemars(length(min = 1, max = 253))]
    pub password_key: String,
}

/// The volume of a managed store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Persistence {
    /// Keep the data on a volume; without it, the data is lost with the pod.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Size of the volume.
    #[schemars(length(max = 32))]
    #[serde(default = "eight_gi")]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("isQuantity(self) && quantity(self).isGreaterThan(quantity('0'))", "persistence.size: a size such as 8Gi")
    ]))]
    pub size: String,
    /// Its storage class; without one, the cluster's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub storage_class_name: Option<String>,
}

impl Default for Persistence {
    fn default() -> Self {
        Self { enabled: true, size: eight_gi(), storage_class_name: None }
    }
}

/// The store of everything.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    rule("has(self.managed) != has(self.external)", "mysql: set either managed or external"),
    rule("has(self.managed) == has(oldSelf.managed)", "mysql: the messages would not come along; make a new ChatCluster and import a dump")
]))]
pub struct Mysql {
    /// One MySQL in a `StatefulSet`: for development and small sites.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed: Option<ManagedMysql>,
    /// A MySQL or `MariaDB` that somebody else looks after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external: Option<ExternalMysql>,
    /// Connections of each server, at most.
    #[serde(default = "sixteen")]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self >= 4 && self <= 1000", "mysql.connections: from 4 to 1000 for each server")
    ]))]
    pub connections: i32,
}

impl Default for Mysql {
    fn default() -> Self {
        Self { managed: Some(ManagedMysql::default()), external: None, connections: sixteen() }
    }
}

/// One MySQL in a `StatefulSet`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ManagedMysql {
    /// An image that starts like the official one; MySQL 8 or newer, `MariaDB` 10.6 or newer.
    #[serde(default = "mysql_image")]
    #[schemars(length(max = 512))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.matches('^[^ ]+[:@][^ /]+$')", "mysql.managed.image: name a tag or a digest, for example mysql:8.4")
    ]))]
    pub image: String,
    /// Its volume.
    #[serde(default)]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self == oldSelf", "mysql.managed.persistence: a volume cannot be changed afterwards; grow the PersistentVolumeClaim itself, or make a new ChatCluster")
    ]))]
    pub persistence: Persistence,
    /// What it may use. Half of the limit of its memory is for pages of its tables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<ResourceRequirements>,
}

impl Default for ManagedMysql {
    fn default() -> Self {
        Self { image: mysql_image(), persistence: Persistence::default(), resources: None }
    }
}

/// A MySQL that somebody else looks after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExternalMysql {
    /// Name or address.
    #[schemars(length(min = 1, max = 253))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("!self.contains('/') && !self.contains('@') && self.trim() == self && (!self.contains(':') || isIP(self))", "mysql.external.host: a name or an address, without scheme, user and port")
    ]))]
    pub host: String,
    /// Port.
    #[serde(default = "mysql_port")]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self >= 1 && self <= 65535", "mysql.external.port: from 1 to 65535")
    ]))]
    pub port: i32,
    /// Name of the database; it must exist.
    #[serde(default = "chat")]
    #[schemars(length(max = 64))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.matches('^[A-Za-z0-9_$-]+$')", "mysql.external.database: letters, digits, _ and -")
    ]))]
    pub database: String,
    /// User and password.
    pub secret_ref: Credentials,
    /// Encryption of the connection.
    #[serde(default)]
    pub tls: MysqlTls,
}

/// Encryption of the connection to MySQL.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    rule("!has(self.caSecretRef) || self.mode in ['VerifyCa', 'VerifyIdentity']", "mysql.external.tls.caSecretRef: looked at in the modes VerifyCa and VerifyIdentity only; set one of them")
]))]
pub struct MysqlTls {
    /// How much is asked of it.
    #[serde(default)]
    pub mode: MysqlTlsMode,
    /// Certificate of the authority, where it is not a public one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_secret_ref: Option<SecretKey>,
}

/// How much is asked of the encryption.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum MysqlTlsMode {
    /// None.
    Disabled,
    /// Where the server offers it.
    #[default]
    Preferred,
    /// Always; the certificate is not looked at.
    Required,
    /// Always, and the certificate comes from a known authority.
    VerifyCa,
    /// Always, and the certificate is that of the host.
    VerifyIdentity,
}

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

fn yes() -> bool {
    true
}
fn sixteen() -> i32 {
    16
}
fn mysql_port() -> i32 {
    3306
}
fn redis_port() -> i32 {
    6379
}
fn eight_gi() -> String {
    "8Gi".to_owned()
}
fn chat() -> String {
    "chat".to_owned()
}
fn username() -> String {
    "username".to_owned()
}
fn password() -> String {
    "password".to_owned()
}
fn ca_crt() -> String {
    "ca.crt".to_owned()
}
fn mysql_image() -> String {
    "mysql:8.4".to_owned()
}
fn redis_image() -> String {
    "redis:7.4".to_owned()
}
fn max_memory() -> String {
    "256mb".to_owned()
}
