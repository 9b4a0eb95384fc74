//! MySQL: managed here, or external.

use k8s_openapi::api::core::v1::ResourceRequirements;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Credentials, Persistence, SecretKey, rule};

/// MySQL, which stores everything.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    rule("has(self.managed) != has(self.external)", "mysql: set either managed or external"),
    rule("has(self.managed) == has(oldSelf.managed)", "mysql: the messages would not come along; make a new ChatCluster and import a dump")
]))]
pub struct Mysql {
    /// One MySQL in a `StatefulSet`, for development and small sites. This is the default; set
    /// either `managed` or `external`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed: Option<ManagedMysql>,
    /// A MySQL or `MariaDB` that is operated elsewhere; set either `managed` or `external`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external: Option<ExternalMysql>,
    /// Most connections to MySQL of each server, from 4 to 1000; 16 by default. When all are in
    /// use, requests wait for one. A managed MySQL has 480 connections for all servers together.
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
    /// Image of MySQL 8 or newer, or of `MariaDB` 10.6 or newer, that takes the environment
    /// variables of the official image; mysql:8.4 by default.
    #[serde(default = "mysql_image")]
    #[schemars(length(max = 512))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.matches('^[^ ]+[:@][^ /]+$')", "mysql.managed.image: name a tag or a digest, for example mysql:8.4")
    ]))]
    pub image: String,
    /// The volume with the database, 8Gi by default. It cannot be changed later.
    #[serde(default)]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self == oldSelf", "mysql.managed.persistence: a volume cannot be changed afterwards; grow the PersistentVolumeClaim itself, or make a new ChatCluster")
    ]))]
    pub persistence: Persistence,
    /// Resource requests and limits of the MySQL container; by default it requests 250m CPU and
    /// 512Mi memory, with a limit of 2Gi. Half of the memory limit is used for the `InnoDB` buffer
    /// pool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<ResourceRequirements>,
}

impl Default for ManagedMysql {
    fn default() -> Self {
        Self { image: mysql_image(), persistence: Persistence::default(), resources: None }
    }
}

/// A MySQL that is operated elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExternalMysql {
    /// Name or address of the MySQL server, without scheme, user and port.
    #[schemars(length(min = 1, max = 253))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("!self.contains('/') && !self.contains('@') && self.trim() == self && (!self.contains(':') || isIP(self))", "mysql.external.host: a name or an address, without scheme, user and port")
    ]))]
    pub host: String,
    /// TCP port of the MySQL server, from 1 to 65535; 3306 by default.
    #[serde(default = "mysql_port")]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self >= 1 && self <= 65535", "mysql.external.port: from 1 to 65535")
    ]))]
    pub port: i32,
    /// Name of an existing database, of letters, digits, `_`, `$` and `-`; chat by default. The
    /// operator's migration creates the tables in it.
    #[serde(default = "chat")]
    #[schemars(length(max = 64))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.matches('^[A-Za-z0-9_$-]+$')", "mysql.external.database: letters, digits, _ and -")
    ]))]
    pub database: String,
    /// Secret with user name and password for MySQL. The user must be allowed to change the schema.
    /// A changed Secret is rolled out as a new revision.
    pub secret_ref: Credentials,
    /// Encryption of the connection to MySQL; `Preferred` by default.
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
    /// What is demanded of the encryption: `Disabled`, `Preferred` (encrypted where the server
    /// offers it, the default), `Required` (always, any certificate), `VerifyCa` (a certificate of
    /// a known authority) or `VerifyIdentity` (also one for this host).
    #[serde(default)]
    pub mode: MysqlTlsMode,
    /// PEM certificate of the authority that signed the server's certificate, where it is no public
    /// one; only with the modes `VerifyCa` and `VerifyIdentity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_secret_ref: Option<SecretKey>,
}

/// What is demanded of the encryption.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum MysqlTlsMode {
    /// The connection is not encrypted.
    Disabled,
    /// The connection is encrypted where the server offers it.
    #[default]
    Preferred,
    /// The connection is always encrypted; the certificate is not verified.
    Required,
    /// Always encrypted, with a certificate of a known authority.
    VerifyCa,
    /// Always encrypted, with a certificate of a known authority for this host.
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
