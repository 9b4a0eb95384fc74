//! The managed MySQL.

use k8s_openapi::api::core::v1::{Container, PodSpec, VolumeMount};
use serde_json::json;

use super::{Part, container, empty_spec, pod_spec, template};
use crate::{
    build::{pod, volume},
    names,
    quantity::quantity,
    resolve::{MANAGED_USER, Resolved, credentials},
};

/// Connections that a managed MySQL accepts; it is meant for small sites. The CRD lets servers have
/// 480 of them; the rest is for migrations and operators.
const MYSQL_CONNECTIONS: u32 = 500;

pub(super) fn part(resolved: &Resolved) -> Option<Part> {
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
            // Not the root of the volume: some file systems have `lost+found` there.
            VolumeMount {
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
    let empty = empty_spec().and_then(|spec| spec.mysql.managed);
    Some(Part {
        component: names::MYSQL,
        port: 3306,
        inputs: json!({ "mysql": mysql, "imagePullSecrets": resolved.spec.image_pull_secrets }),
        empty_inputs: json!({ "mysql": empty }),
        template: template(resolved, names::MYSQL, spec),
        persistence: mysql.persistence.clone(),
    })
}

/// Half of the memory limit is for the buffer pool; connections need some of the rest. The default
/// of MySQL is 128 MiB on any machine.
fn buffer_pool(container: &Container) -> Option<String> {
    let limits = container.resources.as_ref()?.limits.as_ref()?;
    let bytes = quantity(&limits.get("memory")?.0)?;
    Some(format!("--innodb-buffer-pool-size={:.0}", bytes / 2.0))
}
