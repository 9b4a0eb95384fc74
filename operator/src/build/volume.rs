//! The folders of a server: what it writes, and the keys that it reads.

use chat_contract::ops;
use k8s_openapi::api::core::v1::{
    EmptyDirVolumeSource, KeyToPath, PersistentVolumeClaimVolumeSource, SecretVolumeSource, Volume,
    VolumeMount,
};

use crate::resolve::{AUTHORITIES_DIR, MYSQL_CA, REDIS_CA, Resolved, S3_CA, TLS_DIR};

/// Name of the volume with uploaded files.
pub(super) const UPLOADS: &str = "uploads";
/// Name of the volume with the servers' own certificate.
pub(super) const CERTIFICATE: &str = "tls";
/// Name of the volume with the certificates of the stores' authorities.
const AUTHORITIES: &str = "authorities";
/// The group is that of the servers.
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

/// The folder of pictures; none where they are in S3 or in the database.
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

/// Where they are in its container.
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

/// The Secret as a whole, so that what changes in it comes along.
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

/// A folder that lives as long as its pod.
pub(super) fn scratch(name: &str) -> Volume {
    Volume {
        name: name.to_owned(),
        empty_dir: Some(EmptyDirVolumeSource::default()),
        ..Volume::default()
    }
}

/// A folder in a container.
pub(super) fn mount(name: &str, path: &str) -> VolumeMount {
    VolumeMount { name: name.to_owned(), mount_path: path.to_owned(), ..VolumeMount::default() }
}
