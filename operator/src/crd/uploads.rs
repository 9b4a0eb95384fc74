//! Storage of uploaded pictures: a volume or S3.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ChatClusterSpec, SecretKey, rule};

/// Storage of uploaded pictures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    rule("has(self.volume) != has(self.s3)", "uploads: set either volume or s3"),
    rule("!has(oldSelf.s3) || has(self.s3)", "uploads: from a volume one can go to s3, not back; make a new ChatCluster")
]))]
pub struct Uploads {
    /// A volume that all servers mount; set either `volume` or `s3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume: Option<UploadVolume>,
    /// A bucket of S3 or of a service that speaks its protocol; set either `volume` or `s3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub s3: Option<S3>,
}

impl ChatClusterSpec {
    /// The volume, where pictures are on one.
    #[must_use]
    pub fn upload_volume(&self) -> Option<&UploadVolume> {
        self.uploads.as_ref()?.volume.as_ref()
    }

    /// The bucket, where pictures are in one.
    #[must_use]
    pub fn s3(&self) -> Option<&S3> {
        self.uploads.as_ref()?.s3.as_ref()
    }
}

/// A volume of uploaded pictures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    rule("has(self.existingClaim) != has(self.size)", "uploads.volume: set either size, for a new volume, or existingClaim"),
    rule("!has(self.existingClaim) || !has(self.storageClassName)", "uploads.volume.storageClassName: the existing claim has its class already"),
    rule("has(self.size) == has(oldSelf.size) && (!has(self.size) || (self.size == oldSelf.size && self.accessMode == oldSelf.accessMode))", "uploads.volume: a volume cannot be changed afterwards; grow the PersistentVolumeClaim itself, or make a new ChatCluster")
]))]
pub struct UploadVolume {
    /// Size of a new volume as a quantity, such as 20Gi; set either `size` or `existingClaim`. It
    /// cannot be changed here later: grow the `PersistentVolumeClaim` itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("isQuantity(self) && quantity(self).isGreaterThan(quantity('0'))", "uploads.volume.size: a size such as 20Gi")
    ]))]
    pub size: Option<String>,
    /// Storage class of a new volume; by default the default class of the cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub storage_class_name: Option<String>,
    /// Access mode of the volume: `ReadWriteMany` (the default), which several servers need, or
    /// `ReadWriteOnce` or `ReadWriteOncePod` for one server. With these a new server starts when
    /// the old one has ended.
    #[serde(default = "many")]
    #[schemars(length(max = 32))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self in ['ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']", "uploads.volume.accessMode: ReadWriteMany; or ReadWriteOnce for one replica")
    ]))]
    pub access_mode: String,
    /// Name of an existing `PersistentVolumeClaim` of the same namespace; set either `size` or
    /// `existingClaim`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub existing_claim: Option<String>,
}

impl UploadVolume {
    /// May several servers have it at once.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.access_mode == many()
    }
}

/// A bucket of S3: that of AWS, or of any other that speaks its protocol.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    rule("!has(self.caSecretRef) || (has(self.endpoint) && self.endpoint.startsWith('https://'))", "uploads.s3.caSecretRef: belongs to an endpoint that begins with https://")
]))]
pub struct S3 {
    /// Name of an existing bucket, 3 to 63 letters, digits, dots, dashes and underscores.
    #[schemars(length(max = 63))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.matches('^[A-Za-z0-9._-]{3,63}$')", "uploads.s3.bucket: the name alone, 3 to 63 letters, digits, dots, dashes and _")
    ]))]
    pub bucket: String,
    /// Prefix of all object names, such as team/chat without slashes around it, where others use
    /// the bucket too; none by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 512))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.matches('^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$')", "uploads.s3.prefix: a path such as team/chat, without slashes around it")
    ]))]
    pub prefix: Option<String>,
    /// URL of the S3 service, such as `https://minio.example:9000`, without user and path; by
    /// default AWS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 512))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.matches('^https?://([^/:@?# ]+|\\\\[[0-9a-fA-F:]+\\\\])(:[0-9]{1,5})?$')", "uploads.s3.endpoint: an address such as https://minio.example:9000, without user and path")
    ]))]
    pub endpoint: Option<String>,
    /// Region of the bucket, such as eu-central-1; by default the `AWS_REGION` of the pod, else
    /// us-east-1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.matches('^[A-Za-z0-9-]+$')", "uploads.s3.region: a name such as eu-central-1")
    ]))]
    pub region: Option<String>,
    /// Whether the name of the bucket stands in the path of a URL and not in its host name; by
    /// default true with an `endpoint`, false without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_style: Option<bool>,
    /// Secret with the access key. By default the role of the pods is used: see
    /// `podTemplate.serviceAccountAnnotations`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<AccessKey>,
    /// PEM certificate of the authority that signed the endpoint's certificate, where it is no
    /// public one; only with an https endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_secret_ref: Option<SecretKey>,
}

impl S3 {
    /// The port of its address.
    #[must_use]
    pub fn port(&self) -> i32 {
        let endpoint = self.endpoint.as_deref().unwrap_or("https://");
        let named = endpoint.rsplit(':').next().and_then(|port| port.parse().ok());
        named.unwrap_or(if endpoint.starts_with("http://") { 80 } else { 443 })
    }
}

/// An access key in a Secret of the same namespace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccessKey {
    /// Name of the Secret with the access key.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// Key in the Secret with the id of the access key; access-key-id by default.
    #[serde(default = "access_key_id")]
    #[schemars(length(min = 1, max = 253))]
    pub access_key_id_key: String,
    /// Key in the Secret with the secret access key; secret-access-key by default.
    #[serde(default = "secret_access_key")]
    #[schemars(length(min = 1, max = 253))]
    pub secret_access_key_key: String,
}

fn many() -> String {
    "ReadWriteMany".to_owned()
}
fn access_key_id() -> String {
    "access-key-id".to_owned()
}
fn secret_access_key() -> String {
    "secret-access-key".to_owned()
}
