//! `ChatCluster` (`chatcluster.dev/v1alpha1`): the spec with its defaults and validation rules, and
//! the status. The doc comments of the fields are what `kubectl explain` shows.
//!
//! Invariant: no field without a function, and nothing here knows how the operator fulfils it.

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

/// What happens to the data when the `ChatCluster` is deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum DeletionPolicy {
    /// The volumes and the Secret with generated passwords are kept.
    #[default]
    Retain,
    /// The volumes and the Secret with generated passwords are deleted too.
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
    /// Number of chat servers, from 1 to 200; 2 by default. `kubectl scale` and autoscalers change
    /// it too. On scale-down all surplus pods terminate together, so that no client reconnects to a
    /// pod that is about to go. To run none, set `hibernated`.
    #[serde(default = "two")]
    #[schemars(extend("x-kubernetes-validations" = [
    rule("self >= 1 && self <= 200", "replicas: from 1 to 200; set hibernated: true to run none")
]))]
    pub replicas: i32,
    /// Image of the chat server with a tag or a digest, such as registry.example/chat-server:1.2.3;
    /// `:latest` is rejected. Another image is rolled out as a new revision, server by server.
    #[schemars(length(max = 512))]
    #[schemars(extend("x-kubernetes-validations" = [
    rule("self.matches('^[^ ]+(:[A-Za-z0-9_][A-Za-z0-9_.-]*|@sha256:[0-9a-f]{64})$')", "image: name a tag or a digest, for example registry.example/chat-server:1.2.3"),
    rule("!self.endsWith(':latest')", "image: not :latest; its name decides what is rolled out, so it must not change its meaning")
]))]
    pub image: String,
    /// Secrets of the same namespace with which the images are pulled; at most 16, none by default.
    /// A Secret that does not exist is named where an image cannot be pulled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub image_pull_secrets: Vec<SecretName>,
    /// MySQL, which stores everything: managed by the operator, or external. It cannot change from
    /// one to the other later: the messages would not come along.
    #[serde(default)]
    pub mysql: Mysql,
    /// Redis, for notifications between servers, caches, presence and sessions: managed by the
    /// operator, or external.
    #[serde(default)]
    pub redis: Redis,
    /// Times to live and sizes of the message cache in Redis.
    #[serde(default)]
    pub cache: Cache,
    /// Lifetime of sign-ins, and of their copies in the cache.
    #[serde(default)]
    pub session: Session,
    /// How long messages are kept, in hours or days such as 12h or 365d, at least 1h. Older ones
    /// are purged with their pictures, a day later at most. By default they are kept for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 16))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.matches('^[1-9][0-9]{0,4}(h|d)$')", "retention: a time of an hour or more, such as 12h or 365d; without it messages are kept for ever")
    ]))]
    pub retention: Option<String>,
    /// Rate limits for sign-up, sign-in and sending, and the largest upload. What exceeds a rate
    /// limit is rejected with 429, and with the wait until it may be repeated.
    #[serde(default)]
    pub limits: Limits,
    /// Advanced tuning of commits and sockets; the defaults suit most sites. Measure before and
    /// after a change.
    #[serde(default)]
    pub tuning: Tuning,
    /// Level and format of the servers' logs, which go to standard error.
    #[serde(default)]
    pub logging: Logging,
    /// Proxies in front of the servers, and other sites that may call the API.
    #[serde(default)]
    pub http: Http,
    /// Where uploaded pictures are stored: on a volume or in S3. By default they are stored in
    /// MySQL, which suits sites with few of them. Pictures that are in MySQL stay there when a
    /// volume or S3 is added. Neither can be removed again; a volume may be replaced by S3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uploads: Option<Uploads>,
    /// HTTPS by the servers themselves, so that traffic is encrypted up to the pod, also without an
    /// Ingress. By default the servers speak HTTP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,
    /// The Service in front of the servers, named like the `ChatCluster`; its port is 80, or 443
    /// with `tls`.
    #[serde(default)]
    pub service: ServiceSettings,
    /// An Ingress that leads to the Service; none by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ingress: Option<Ingress>,
    /// An `HTTPRoute` of the Gateway API that leads to the Service; none by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway: Option<Gateway>,
    /// Metrics, alerts and dashboards for Prometheus and Grafana, and traces; all off by default.
    #[serde(default)]
    pub observability: Observability,
    /// How a server that terminates hands over its sockets to others.
    #[serde(default)]
    pub drain: Drain,
    /// Overrides for the pods of the servers: resources, scheduling, labels and environment
    /// variables. No field widens what a pod may do. A change is rolled out as a new revision.
    #[serde(default)]
    pub pod_template: PodTemplate,
    /// Network policies that restrict who may connect to the pods, and where these may connect to.
    #[serde(default)]
    pub network_policy: NetworkPolicySettings,
    /// While true, the operator changes nothing and only reports the status; false by default.
    #[serde(default)]
    pub paused: bool,
    /// While true, no server and no managed store runs, and data and settings stay; false by
    /// default. The servers finish what they accepted before MySQL stops.
    #[serde(default)]
    pub hibernated: bool,
    /// What happens to the data when the `ChatCluster` is deleted: `Retain` (the default) keeps the
    /// volumes of managed stores and uploads and the Secret with generated passwords, `Delete`
    /// deletes them.
    #[serde(default)]
    pub deletion_policy: DeletionPolicy,
}

/// Validation rules of the name, each with the message for who breaks it.
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

/// A validation rule (CEL), and the message for who breaks it.
fn rule(rule: &str, message: &str) -> serde_json::Value {
    serde_json::json!({ "rule": rule, "message": message })
}

/// The `CustomResourceDefinition`.
#[must_use]
pub fn definition() -> CustomResourceDefinition {
    let mut definition = ChatCluster::crd();
    for version in &mut definition.spec.versions {
        let schema = version.schema.as_mut().and_then(|schema| schema.open_api_v3_schema.as_mut());
        if let Some(schema) = schema {
            forbid_null(schema);
            schema.x_kubernetes_validations =
                serde_json::from_value(NAME_RULES.map(|(r, message)| rule(r, message)).into()).ok();
        }
    }
    definition
}

/// The `CustomResourceDefinition` as YAML, as it is installed.
pub fn yaml() -> Result<String, serde_yaml_ng::Error> {
    let text = serde_yaml_ng::to_string(&definition())?;
    Ok(format!("# Generated by `cargo x generate`. Do not edit.\n{text}"))
}

/// Without this, `null` would be a value, and rules that ask whether a field is there would be
/// wrong about it. The API drops it instead.
fn forbid_null(schema: &mut JSONSchemaProps) {
    schema.nullable = None;
    for property in schema.properties.iter_mut().flatten() {
        forbid_null(property.1);
    }
    if let Some(JSONSchemaPropsOrBool::Schema(more)) = &mut schema.additional_properties {
        forbid_null(more);
    }
    if let Some(JSONSchemaPropsOrArray::Schema(items)) = &mut schema.items {
        forbid_null(items);
    }
}
