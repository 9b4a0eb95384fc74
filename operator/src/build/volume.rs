//! Volumes of the pods: what servers write, and the certificates that they read.

use chat_contract::ops;
use k8s_openapi::{
    api::core::v1::{
        EmptyDirVolumeSource, KeyToPath, PersistentVolumeClaim, PersistentVolumeClaimSpec,
        PersistentVolumeClaimVolumeSource, SecretVolumeSource, Volume, VolumeMount,
        VolumeResourceRequirements,
    },
    apimachinery::pkg::api::resource::Quantity,
};

use crate::{
    crd::DeletionPolicy,
    names,
    resolve::{AUTHORITIES_DIR, MYSQL_CA, REDIS_CA, Resolved, S3_CA, TLS_DIR},
};

/// Name of the volume with uploaded files.
pub(super) const UPLOADS: &str = "uploads";
/// Name of the volume with the servers' own certificate.
pub(super) const CERTIFICATE: &str = "tls";
/// Name of the volume with the certificates of the stores' authorities.
const AUTHORITIES: &str = "authorities";
/// The servers' group reads the certificate.
const READ_BY_GROUP: i32 = 0o440;

/// All volumes of a server.
pub(super) fn all(resolved: &Resolved) -> Vec<Volume> {
    let mut volumes = vec![scratch("tmp")];
    volumes.extend(uploads(resolved));
    volumes.extend(certificate(resolved));
    let keys = authorities(resolved);
    if !keys.is_empty() {
        let item = |key: &str| KeyToPath { key: key.to_owned(), path: key.to_owned(), mode: None };
        volumes.push(Volume {
            name: AUTHORITIES.to_owned(),
            secret: Some(SecretVolumeSource {
                secret_name: Some(resolved.names.revision(&resolved.revision)),
                items: Some(keys.into_iter().map(item).collect()),
                ..SecretVolumeSource::default()
            }),
            ..Volume::default()
        });
    }
    volumes
}

/// The volume of uploads; none where they are in S3 or in MySQL.
fn uploads(resolved: &Resolved) -> Option<Volume> {
    let volume = resolved.spec.upload_volume()?;
    let claim = volume.existing_claim.clone();
    Some(Volume {
        name: UPLOADS.to_owned(),
        persistent_volume_claim: Some(PersistentVolumeClaimVolumeSource {
            claim_name: claim.unwrap_or_else(|| resolved.names.part("uploads")),
            read_only: None,
        }),
        ..Volume::default()
    })
}

/// The mounts of all volumes of a server.
pub(super) fn mounts(resolved: &Resolved) -> Vec<VolumeMount> {
    let mut mounts = vec![mount("tmp", "/tmp")];
    mounts.extend(uploads(resolved).map(|volume| mount(&volume.name, ops::UPLOADS_DIR)));
    let read_only =
        |name: &str, path: &str| VolumeMount { read_only: Some(true), ..mount(name, path) };
    mounts.extend(certificate(resolved).map(|volume| read_only(&volume.name, TLS_DIR)));
    if !authorities(resolved).is_empty() {
        mounts.push(read_only(AUTHORITIES, AUTHORITIES_DIR));
    }
    mounts
}

/// The Secret as a whole, so that its changes reach the pods.
fn certificate(resolved: &Resolved) -> Option<Volume> {
    let tls = resolved.spec.tls.as_ref()?;
    Some(Volume {
        name: CERTIFICATE.to_owned(),
        secret: Some(SecretVolumeSource {
            secret_name: Some(tls.secret_name.clone()),
            default_mode: Some(READ_BY_GROUP),
            ..SecretVolumeSource::default()
        }),
        ..Volume::default()
    })
}

/// Keys of the stores' authorities in the revision's Secret.
fn authorities(resolved: &Resolved) -> Vec<&'static str> {
    let keys = [MYSQL_CA, REDIS_CA, S3_CA].into_iter();
    keys.filter(|key| resolved.secrets.contains_key(*key)).collect()
}

/// An empty directory, which lives as long as its pod.
pub(super) fn scratch(name: &str) -> Volume {
    Volume {
        name: name.to_owned(),
        empty_dir: Some(EmptyDirVolumeSource::default()),
        ..Volume::default()
    }
}

/// The mount of a volume.
pub(super) fn mount(name: &str, path: &str) -> VolumeMount {
    VolumeMount { name: name.to_owned(), mount_path: path.to_owned(), ..VolumeMount::default() }
}

/// The volume claim of uploads, where the spec asks for a new volume.
pub(super) fn claims(resolved: &Resolved) -> Vec<PersistentVolumeClaim> {
    let Some(volume) = resolved.spec.upload_volume() else {
        return Vec::new();
    };
    let Some(size) = &volume.size else { return Vec::new() };
    let mut meta = super::meta(resolved, resolved.names.part("uploads"), names::SERVER);
    if resolved.spec.deletion_policy == DeletionPolicy::Retain {
        meta.owner_references = None;
    }
    let class = volume.storage_class_name.as_ref();
    vec![PersistentVolumeClaim {
        metadata: meta,
        spec: Some(claim_spec(size, class, &volume.access_mode)),
        status: None,
    }]
}

/// What a claim asks for: a size such as `8Gi`, a storage class, and an access mode.
pub(super) fn claim_spec(
    size: &str,
    class: Option<&String>,
    access: &str,
) -> PersistentVolumeClaimSpec {
    PersistentVolumeClaimSpec {
        access_modes: Some(vec![access.to_owned()]),
        storage_class_name: class.cloned(),
        resources: Some(VolumeResourceRequirements {
            requests: Some([("storage".to_owned(), Quantity(size.to_owned()))].into()),
            limits: None,
        }),
        ..PersistentVolumeClaimSpec::default()
    }
}
