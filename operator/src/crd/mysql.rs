//! MySQL: managed here, or external.

use k8s_openapi::api::core::v1::ResourceRequirements;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Credentials, Persistence, SecretKey, rule};

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

fn sixteen() -> i32 {
    16
}
fn mysql_port() -> i32 {
    3306
}
fn chat() -> String {
    "chat".to_owned()
}
fn mysql_image() -> String {
    "mysql:8.4".to_owned()
}
