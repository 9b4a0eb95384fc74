//! Managed stores: one MySQL, one Redis.

use k8s_openapi::{
    api::{
        apps::v1::{StatefulSet, StatefulSetPersistentVolumeClaimRetentionPolicy, StatefulSetSpec},
        core::v1::{
            Container, PersistentVolumeClaim, PersistentVolumeClaimSpec, PodSpec, PodTemplateSpec,
            Probe, ResourceRequirements, TCPSocketAction, Volume, VolumeResourceRequirements,
        },
    },
    apimachinery::pkg::{
        api::resource::Quantity, apis::meta::v1::ObjectMeta, util::intstr::IntOrString,
    },
};
use serde_json::{Value, json};

use super::{pod, volume};
use crate::{
    crd::{ChatClusterSpec, DeletionPolicy, Persistence},
    credentials, names,
    quantity::quantity,
    record::{self, Record},
    resolve::{MANAGED_USER, Resolved},
};

/// The user of the official images.
const STORE_USER: i64 = 999;
/// Time for a store to end: MySQL writes what it has in memory.
const GRACE_SECONDS: i64 = 60;
/// Connections that a managed MySQL takes; it is meant for small sites. The definition lets servers
/// have 480 of them; the others are for migrations and people.
const MYSQL_CONNECTIONS: u32 = 500;

/// One managed store.
pub(super) struct Part {
    /// `mysql` or `redis`.
    pub(super) component: &'static str,
    /// Its port.
    pub(super) port: u16,
    /// What decides about its pod.
    pub(super) inputs: Value,
    /// The same of a spec that says nothing.
    pub(super) empty_inputs: Value,
    template: PodTemplateSpec,
    persistence: Persistence,
}

impl Part {
    /// As it is written down the first time.
    pub(super) fn record(&self) -> Record {
        Record {
            revision: record::name(&self.inputs),
            inputs: self.inputs.clone(),
            config: std::collections::BTreeMap::new(),
            template: self.template.clone(),
        }
    }
}

fn empty() -> Option<ChatClusterSpec> {
    serde_json::from_value(json!({ "image": "" })).ok()
}

pub(super) fn mysql(resolved: &Resolved) -> Option<Part> {
    let mysql = resolved.spec.mysql.managed.as_ref()?;
    let secret = resolved.names.credentials();
    let resources = ("250m", "512Mi", "2Gi");
    let container = container(names::MYSQL, 3306, mysql.resources.clone(), resources);
    let mut args = vec![
        "--innodb-flush-log-at-trx-commit=1".to_owned(),
        "--sync-binlog=1".to_owned(),
        format!("--max-connections={MYSQL_CONNECTIONS}"),
        "--character-set-server=utf8mb4".to_owned(),
        // MariaDB does not know it.
        "--loose-mysqlx=OFF".to_owned(),
    ];
    args.extend(buffer_pool(&container));
    let container = Container {
        image: Some(mysql.image.clone()),
        args: Some(args),
        env: Some(vec![
            pod::variable("MYSQL_DATABASE", MANAGED_USER),
            pod::variable("MYSQL_USER", MANAGED_USER),
            pod::from_secret("MYSQL_PASSWORD", &secret, credentials::MYSQL),
            pod::from_secret("MYSQL_ROOT_PASSWORD", &secret, credentials::MYSQL_ROOT),
        ]),
        volume_mounts: Some(vec![
            // Not the root of the volume: some file systems have a folder there already.
            k8s_openapi::api::core::v1::VolumeMount {
                sub_path: Some("mysql".to_owned()),
                ..volume::mount("data", "/var/lib/mysql")
            },
            volume::mount("run", "/var/run/mysqld"),
            volume::mount("tmp", "/tmp"),
        ]),
        ..container
    };
    let spec = PodSpec {
        containers: vec![container],
        ..pod_spec(
            resolved,
            &mysql.persistence,
            vec![volume::scratch("run"), volume::scratch("tmp")],
        )
    };
    let empty = empty().and_then(|spec| spec.mysql.managed);
    Some(Part {
        component: names::MYSQL,
        port: 3306,
        inputs: json!({ "mysql": mysql, "imagePullSecrets": resolved.spec.image_pull_secrets }),
        empty_inputs: json!({ "mysql": empty }),
        template: template(resolved, names::MYSQL, spec),
        persistence: mysql.persistence.clone(),
    })
}

/// Of the memory that MySQL may have, half is for pages of its tables; its connections need some of
/// the rest. Left to itself it takes 128 MiB for them on any machine.
fn buffer_pool(container: &Container) -> Option<String> {
    let limits = container.resources.as_ref()?.limits.as_ref()?;
    let bytes = quantity(&limits.get("memory")?.0)?;
    Some(format!("--innodb-buffer-pool-size={:.0}", bytes / 2.0))
}

pub(super) fn redis(resolved: &Resolved) -> Option<Part> {
    let redis = resolved.spec.redis.managed.as_ref()?;
    let args = [
        "--requirepass",
        "$(REDIS_PASSWORD)",
        "--dir",
        "/data",
        "--appendonly",
        "yes",
        "--maxmemory",
        &redis.max_memory,
        "--maxmemory-policy",
        "allkeys-lru",
    ];
    let secret = resolved.names.credentials();
    let container = Container {
        image: Some(redis.image.clone()),
        args: Some(args.map(str::to_owned).to_vec()),
        env: Some(vec![pod::from_secret("REDIS_PASSWORD", &secret, credentials::REDIS)]),
        volume_mounts: Some(vec![volume::mount("data", "/data"), volume::mount("tmp", "/tmp")]),
        ..container(names::REDIS, 6379, redis.resources.clone(), ("50m", "64Mi", "512Mi"))
    };
    let spec = PodSpec {
        containers: vec![container],
        ..pod_spec(resolved, &redis.persistence, vec![volume::scratch("tmp")])
    };
    let empty = empty().and_then(|spec| spec.redis.managed);
    Some(Part {
        component: names::REDIS,
        port: 6379,
        inputs: json!({ "redis": redis, "imagePullSecrets": resolved.spec.image_pull_secrets }),
        empty_inputs: json!({ "redis": empty }),
        template: template(resolved, names::REDIS, spec),
        persistence: redis.persistence.clone(),
    })
}

fn container(
    name: &str,
    port: u16,
    resources: Option<ResourceRequirements>,
    (cpu, memory, most): (&str, &str, &str),
) -> Container {
    let probe = |period, failures| Probe {
        tcp_socket: Some(TCPSocketAction {
            port: IntOrString::String(name.to_owned()),
            host: None,
        }),
        period_seconds: Some(period),
        failure_threshold: Some(failures),
        ..Probe::default()
    };
    Container {
        name: name.to_owned(),
        ports: Some(vec![pod::port(name, port)]),
        // The first start makes the database, which takes its time.
        startup_probe: Some(probe(2, 150)),
        readiness_probe: Some(probe(2, 2)),
        liveness_probe: Some(probe(10, 6)),
        resources: Some(resources.unwrap_or_else(|| pod::resources_of(cpu, memory, most))),
        security_context: Some(pod::locked_down()),
        termination_message_policy: Some("FallbackToLogsOnError".to_owned()),
        ..Container::default()
    }
}

fn pod_spec(resolved: &Resolved, persistence: &Persistence, more: Vec<Volume>) -> PodSpec {
    let mut volumes = more;
    if !persistence.enabled {
        volumes.push(volume::scratch("data"));
    }
    PodSpec {
        termination_grace_period_seconds: Some(GRACE_SECONDS),
        ..pod::base(resolved, STORE_USER, volumes)
    }
}

fn template(resolved: &Resolved, component: &str, spec: PodSpec) -> PodTemplateSpec {
    PodTemplateSpec {
        metadata: Some(ObjectMeta {
            labels: Some(resolved.names.labels(component)),
            ..ObjectMeta::default()
        }),
        spec: Some(spec),
    }
}

/// The `StatefulSet` of a store, with its pod as it was written down.
pub(super) fn stateful_set(
    resolved: &Resolved,
    part: &Part,
    record: &Record,
    runs: bool,
) -> StatefulSet {
    let when_deleted = match resolved.spec.deletion_policy {
        DeletionPolicy::Retain => "Retain",
        DeletionPolicy::Delete => "Delete",
    };
    let name = resolved.names.part(part.component);
    StatefulSet {
        metadata: super::meta(resolved, name.clone(), part.component),
        spec: Some(StatefulSetSpec {
            replicas: Some(i32::from(runs)),
            service_name: Some(name),
            selector: names::select(resolved.names.selector(part.component)),
            template: record.template.clone(),
            volume_claim_templates: part.persistence.enabled.then(|| vec![claim(resolved, part)]),
            persistent_volume_claim_retention_policy: Some(
                StatefulSetPersistentVolumeClaimRetentionPolicy {
                    when_deleted: Some(when_deleted.to_owned()),
                    when_scaled: Some("Retain".to_owned()),
                },
            ),
            revision_history_limit: Some(1),
            ..StatefulSetSpec::default()
        }),
        status: None,
    }
}

fn claim(resolved: &Resolved, part: &Part) -> PersistentVolumeClaim {
    PersistentVolumeClaim {
        metadata: ObjectMeta {
            name: Some("data".to_owned()),
            labels: Some(resolved.names.selector(part.component)),
            ..ObjectMeta::default()
        },
        spec: Some(claim_spec(
            &part.persistence.size,
            part.persistence.storage_class_name.as_ref(),
            "ReadWriteOnce",
        )),
        status: None,
    }
}

/// What is asked of a volume.
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
