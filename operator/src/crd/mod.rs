//! `ChatCluster` (`chatcluster.dev/v1alpha1`): what a person may ask for, with its defaults and
//! the rules that refuse what cannot work.
//!
//! Invariant: no field without a function, and nothing here knows how a wish is fulfilled.

mod exposure;
mod mysql;
mod observability;
mod persistence;
mod pod;
mod redis;
mod references;
mod secrets;
mod settings;
mod status;
mod uploads;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, JSONSchemaProps, JSONSchemaPropsOrArray, JSONSchemaPropsOrBool,
};
use kube::{CustomResource, CustomResourceExt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use exposure::{
    Gateway, Ingress, NetworkPolicySettings, ParentRef, ServiceSettings, ServiceType, Tls,
};
pub use mysql::{ExternalMysql, ManagedMysql, Mysql, MysqlTls, MysqlTlsMode};
pub use observability::{Alert, Dashboards, Monitor, Observability, Otlp, Rules};
pub use persistence::Persistence;
pub use pod::{EnvVar, PodTemplate};
pub use redis::{ExternalRedis, ManagedRedis, Redis, RedisMode, RedisTls};
pub use secrets::{Credentials, SecretKey, SecretName};
pub use settings::{Cache, Drain, Http, Limits, LogFormat, Logging, Session, Tuning};
pub use status::{ChatClusterStatus, Rollout};
pub use uploads::{AccessKey, S3, UploadVolume, Uploads};

/// What becomes of the data when the `ChatCluster` is deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum DeletionPolicy {
    /// Volumes and generated passwords stay.
    #[default]
    Retain,
    /// Volumes and generated passwords are deleted too.
    Delete,
}

/// A chat service: servers, and the stores that they share.
#[derive(CustomResource, JsonSchema, Debug, Clone, PartialEq, Serialize, Deserialize)]
#[kube(
    group = "chatcluster.dev",
    version = "v1alpha1",
    kind = "ChatCluster",
    namespaced,
    status = "ChatClusterStatus",
    derive = "PartialEq",
    shortname = "cc",
    category = "all",
    doc = "A chat service on Kubernetes: chat servers that share Redis and keep everything in MySQL.",
    scale(
        spec_replicas_path = ".spec.replicas",
        status_replicas_path = ".status.replicas",
        label_selector_path = ".status.selector"
    ),
    printcolumn = r#"{ "name": "Ready", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].status" }"#,
    printcolumn = r#"{ "name": "Replicas", "type": "string", "jsonPath": ".status.summary" }"#,
    printcolumn = r#"{ "name": "Revision", "type": "string", "jsonPath": ".status.servingRevision" }"#,
    printcolumn = r#"{ "name": "Status", "type": "string", "jsonPath": ".status.message" }"#,
    printcolumn = r#"{ "name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp" }"#,
    printcolumn = r#"{ "name": "Image", "type": "string", "jsonPath": ".spec.image", "priority": 1 }"#,
    printcolumn = r#"{ "name": "URL", "type": "string", "jsonPath": ".status.url", "priority": 1 }"#
)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    rule("!has(self.mysql.managed) || (self.replicas + 1) * (self.mysql.connections + self.tuning.commitLanes + 1) <= 480", "mysql.connections: a managed MySQL has 480 connections for servers, and each of them, one more during a rollout included, takes mysql.connections + tuning.commitLanes + 1; lower these or replicas, or use mysql.external"),
    rule("!has(self.uploads) || !has(self.uploads.volume) || self.replicas <= 1 || self.uploads.volume.accessMode == 'ReadWriteMany'", "uploads.volume.accessMode: several replicas share the volume, so it must be ReadWriteMany; or set replicas: 1, or use uploads.s3"),
    rule("has(self.uploads) == has(oldSelf.uploads) || !has(oldSelf.uploads)", "uploads: pictures would be lost; keep them where they are, or make a new ChatCluster")
]))]
pub struct ChatClusterSpec {
    /// Chat servers. `kubectl scale` changes it too.
    #[serde(default = "two")]
    #[schemars(extend("x-kubernetes-validations" = [
    rule("self >= 1 && self <= 200", "replicas: from 1 to 200; set hibernated: true to run none")
]))]
    pub replicas: i32,
    /// Image of the chat server, with a tag or a digest.
    #[schemars(length(max = 512))]
    #[schemars(extend("x-kubernetes-validations" = [
    rule("self.matches('^[^ ]+(:[A-Za-z0-9_][A-Za-z0-9_.-]*|@sha256:[0-9a-f]{64})$')", "image: name a tag or a digest, for example registry.example/chat-server:1.2.3"),
    rule("!self.endsWith(':latest')", "image: not :latest; its name decides what is rolled out, so it must not change its meaning")
]))]
    pub image: String,
    /// Secrets with which the images are pulled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub image_pull_secrets: Vec<SecretName>,
    /// The store: managed here, or external.
    #[serde(default)]
    pub mysql: Mysql,
    /// Hints, caches, sessions: managed here, or external.
    #[serde(default)]
    pub redis: Redis,
    /// How long what stays in the cache.
    #[serde(default)]
    pub cache: Cache,
    /// How long sign-ins last.
    #[serde(default)]
    pub session: Session,
    /// How long messages are kept, such as `365d`; older ones are purged with their pictures, a day
    /// later at most. Without it they are kept for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 16))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.matches('^[1-9][0-9]{0,4}(h|d)$')", "retention: a time of an hour or more, such as 12h or 365d; without it messages are kept for ever")
    ]))]
    pub retention: Option<String>,
    /// How much one may do.
    #[serde(default)]
    pub limits: Limits,
    /// For those who have measured.
    #[serde(default)]
    pub tuning: Tuning,
    /// What the servers log.
    #[serde(default)]
    pub logging: Logging,
    /// What surrounds the servers: proxies and other pages.
    #[serde(default)]
    pub http: Http,
    /// Where uploaded pictures are kept: on a volume or in S3. Without it they are in MySQL, which
    /// is right for a site with few of them; those stay there when a volume or S3 comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uploads: Option<Uploads>,
    /// HTTPS by the servers themselves: encrypted the whole way, also without an Ingress.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,
    /// The Service in front of the servers.
    #[serde(default)]
    pub service: ServiceSettings,
    /// An Ingress to the Service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ingress: Option<Ingress>,
    /// An `HTTPRoute` to the Service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway: Option<Gateway>,
    /// What Prometheus sees.
    #[serde(default)]
    pub observability: Observability,
    /// How sockets leave a server that ends.
    #[serde(default)]
    pub drain: Drain,
    /// What may be said of the servers' pods.
    #[serde(default)]
    pub pod_template: PodTemplate,
    /// Who may reach the pods.
    #[serde(default)]
    pub network_policy: NetworkPolicySettings,
    /// The operator changes nothing any more; it only reports.
    #[serde(default)]
    pub paused: bool,
    /// No server and no managed store runs; data and settings stay.
    #[serde(default)]
    pub hibernated: bool,
    /// What becomes of the data when the `ChatCluster` is deleted.
    #[serde(default)]
    pub deletion_policy: DeletionPolicy,
}

/// What must be so of the name.
const NAME_RULES: [(&str, &str); 2] = [
    (
        "size(self.metadata.name) <= 40",
        "metadata.name: at most 40 characters, because the names of Services and Jobs are made from it",
    ),
    (
        "self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
        "metadata.name: lower-case letters, digits and dashes, beginning with a letter, because Services are named after it",
    ),
];

fn two() -> i32 {
    2
}

/// A rule of the schema and what a person is told who breaks it.
fn rule(rule: &str, message: &str) -> serde_json::Value {
    serde_json::json!({ "rule": rule, "message": message })
}

/// The definition of the resource.
#[must_use]
pub fn definition() -> CustomResourceDefinition {
    let mut definition = ChatCluster::crd();
    for version in &mut definition.spec.versions {
        let schema = version.schema.as_mut().and_then(|schema| schema.open_api_v3_schema.as_mut());
        if let Some(schema) = schema {
            refuse_null(schema);
            schema.x_kubernetes_validations =
                serde_json::from_value(NAME_RULES.map(|(r, message)| rule(r, message)).into()).ok();
        }
    }
    definition
}

/// As it is installed.
pub fn yaml() -> Result<String, serde_yaml_ng::Error> {
    let text = serde_yaml_ng::to_string(&definition())?;
    Ok(format!("# GeneratedCredentials by `cargo x generate`. Do not edit.\n{text}"))
}

/// Without this, `null` would be a value, and rules that ask whether a field is there would be
/// wrong about it. The API drops it instead.
fn refuse_null(schema: &mut JSONSchemaProps) {
    schema.nullable = None;
    for property in schema.properties.iter_mut().flatten() {
        refuse_null(property.1);
    }
    if let Some(JSONSchemaPropsOrBool::Schema(more)) = &mut schema.additional_properties {
        refuse_null(more);
    }
    if let Some(JSONSchemaPropsOrArray::Schema(items)) = &mut schema.items {
        refuse_null(items);
    }
}
