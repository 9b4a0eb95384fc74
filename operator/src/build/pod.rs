//! The pod template of a server, and what other pods share with it.

use chat_contract::ops::{self, HTTP_PORT, LIVEZ, OPS_PORT, READYZ};
use k8s_openapi::{
    api::core::v1::{
        Capabilities, ConfigMapEnvSource, Container, ContainerPort, EnvFromSource, EnvVar,
        EnvVarSource, HTTPGetAction, Lifecycle, LifecycleHandler, LocalObjectReference,
        ObjectFieldSelector, PodSecurityContext, PodSpec, PodTemplateSpec, Probe,
        ResourceRequirements, SeccompProfile, SecretKeySelector, SecurityContext, SleepAction,
        Toleration, TopologySpreadConstraint, Volume,
    },
    apimachinery::pkg::{
        api::resource::Quantity, apis::meta::v1::ObjectMeta, util::intstr::IntOrString,
    },
};

use super::volume;
use crate::{names, resolve::Resolved};

/// Seconds between the deletion of a pod and SIGTERM, in which endpoints and proxies are updated.
const LEAVE_SECONDS: i64 = 5;
/// Seconds after the sockets are closed, for read markers and logs.
const END_SECONDS: i64 = 10;
/// Seconds that a node may be unreachable before its servers are started elsewhere.
const SILENT_NODE_SECONDS: i64 = 30;

/// The pod template of a server of the wanted revision.
pub(super) fn server(resolved: &Resolved) -> PodTemplateSpec {
    let template = &resolved.spec.pod_template;
    let mut labels = template.labels.clone();
    labels.extend(resolved.names.labels(names::SERVER));
    labels.insert(names::REVISION.to_owned(), resolved.revision.clone());
    let annotations = template.annotations.clone();
    PodTemplateSpec {
        metadata: Some(ObjectMeta {
            labels: Some(labels),
            annotations: (!annotations.is_empty()).then_some(annotations),
            ..ObjectMeta::default()
        }),
        spec: Some(PodSpec {
            containers: vec![container(resolved)],
            termination_grace_period_seconds: Some(
                LEAVE_SECONDS + i64::from(resolved.spec.drain.grace_seconds) + END_SECONDS,
            ),
            affinity: template.affinity.clone(),
            node_selector: some(template.node_selector.clone()),
            tolerations: Some(tolerations(resolved)),
            topology_spread_constraints: Some(spread(resolved)),
            priority_class_name: template.priority_class_name.clone(),
            ..base(resolved, ops::USER, volume::all(resolved))
        }),
    }
}

/// The tolerations of the spec, and how long a node may be unreachable. Kubernetes' default is five
/// minutes; a server is stateless, and a second one does no harm.
fn tolerations(resolved: &Resolved) -> Vec<Toleration> {
    let mut all = resolved.spec.pod_template.tolerations.clone();
    for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
        let is_set = |t: &Toleration| t.key.as_deref().is_none_or(|set| set == key);
        if !resolved.spec.pod_template.tolerations.iter().any(is_set) {
            all.push(Toleration {
                key: Some(key.to_owned()),
                operator: Some("Exists".to_owned()),
                effect: Some("NoExecute".to_owned()),
                toleration_seconds: Some(SILENT_NODE_SECONDS),
                ..Toleration::default()
            });
        }
    }
    all
}

/// What all pods have in common.
pub(super) fn base(resolved: &Resolved, user: i64, volumes: Vec<Volume>) -> PodSpec {
    let secrets = resolved.spec.image_pull_secrets.iter();
    let secrets: Vec<_> =
        secrets.map(|secret| LocalObjectReference { name: secret.name.clone() }).collect();
    PodSpec {
        service_account_name: Some(resolved.names.service()),
        automount_service_account_token: Some(false),
        enable_service_links: Some(false),
        image_pull_secrets: some(secrets),
        security_context: Some(PodSecurityContext {
            run_as_non_root: Some(true),
            run_as_user: Some(user),
            run_as_group: Some(user),
            fs_group: Some(user),
            fs_group_change_policy: Some("OnRootMismatch".to_owned()),
            seccomp_profile: Some(SeccompProfile {
                type_: "RuntimeDefault".to_owned(),
                localhost_profile: None,
            }),
            ..PodSecurityContext::default()
        }),
        volumes: Some(volumes),
        ..PodSpec::default()
    }
}

/// The restricted Pod Security Standard, which all containers meet.
pub(super) fn locked_down() -> SecurityContext {
    SecurityContext {
        allow_privilege_escalation: Some(false),
        capabilities: Some(Capabilities { drop: Some(vec!["ALL".to_owned()]), add: None }),
        read_only_root_filesystem: Some(true),
        ..SecurityContext::default()
    }
}

/// The container of a server; the migration Job changes its arguments.
fn container(resolved: &Resolved) -> Container {
    let template = &resolved.spec.pod_template;
    let resources = template.resources.clone();
    let scheme = if resolved.spec.tls.is_some() { "https" } else { "http" };
    let mut env = vec![
        EnvVar {
            name: "POD_IP".to_owned(),
            value_from: Some(EnvVarSource {
                field_ref: Some(ObjectFieldSelector {
                    field_path: "status.podIP".to_owned(),
                    api_version: Some("v1".to_owned()),
                }),
                ..EnvVarSource::default()
            }),
            ..EnvVar::default()
        },
        variable("CHAT_REPLICA_URL", &format!("{scheme}://$(POD_IP):{HTTP_PORT}")),
    ];
    let secret = resolved.names.revision(&resolved.revision);
    let secrets = chat_contract::config::ServerConfig::SECRETS.iter();
    let secrets = secrets.filter(|name| resolved.secrets.contains_key(**name));
    env.extend(secrets.map(|name| from_secret(name, &secret, name)));
    env.extend(template.env.iter().map(|var| variable(&var.name, &var.value)));
    Container {
        name: "server".to_owned(),
        image: Some(resolved.spec.image.clone()),
        args: Some(vec!["serve".to_owned()]),
        env: Some(env),
        env_from: Some(vec![EnvFromSource {
            config_map_ref: Some(ConfigMapEnvSource { name: secret, optional: Some(false) }),
            ..EnvFromSource::default()
        }]),
        ports: Some(vec![port("http", HTTP_PORT), port("ops", OPS_PORT)]),
        startup_probe: Some(Probe { failure_threshold: Some(120), ..probe(LIVEZ, 1) }),
        liveness_probe: Some(Probe { failure_threshold: Some(6), ..probe(LIVEZ, 10) }),
        readiness_probe: Some(Probe { failure_threshold: Some(2), ..probe(READYZ, 2) }),
        lifecycle: Some(Lifecycle {
            pre_stop: Some(LifecycleHandler {
                sleep: Some(SleepAction { seconds: LEAVE_SECONDS }),
                ..LifecycleHandler::default()
            }),
            ..Lifecycle::default()
        }),
        resources: Some(resources.unwrap_or_else(|| resources_of("100m", "128Mi", "512Mi"))),
        security_context: Some(locked_down()),
        // The last log lines of a crashed server name the cause.
        termination_message_policy: Some("FallbackToLogsOnError".to_owned()),
        volume_mounts: Some(volume::mounts(resolved)),
        ..Container::default()
    }
}

/// Requests of processor and memory, and the memory limit.
pub(super) fn resources_of(cpu: &str, memory: &str, most: &str) -> ResourceRequirements {
    let quantity = |name: &str, value: &str| (name.to_owned(), Quantity(value.to_owned()));
    ResourceRequirements {
        requests: Some([quantity("cpu", cpu), quantity("memory", memory)].into()),
        limits: Some([quantity("memory", most)].into()),
        ..ResourceRequirements::default()
    }
}

/// An environment variable with a value.
pub(super) fn variable(name: &str, value: &str) -> EnvVar {
    EnvVar { name: name.to_owned(), value: Some(value.to_owned()), value_from: None }
}

/// An environment variable with a value of a Secret.
pub(super) fn from_secret(name: &str, secret: &str, key: &str) -> EnvVar {
    EnvVar {
        name: name.to_owned(),
        value: None,
        value_from: Some(EnvVarSource {
            secret_key_ref: Some(SecretKeySelector {
                name: secret.to_owned(),
                key: key.to_owned(),
                optional: Some(false),
            }),
            ..EnvVarSource::default()
        }),
    }
}

/// A named port.
pub(super) fn port(name: &str, port: u16) -> ContainerPort {
    ContainerPort {
        name: Some(name.to_owned()),
        container_port: port.into(),
        protocol: Some("TCP".to_owned()),
        ..ContainerPort::default()
    }
}

/// `None` where the value is empty.
pub(super) fn some<T: Default + PartialEq>(value: T) -> Option<T> {
    (value != T::default()).then_some(value)
}

fn probe(path: &str, period: i32) -> Probe {
    Probe {
        http_get: Some(HTTPGetAction {
            path: Some(path.to_owned()),
            port: IntOrString::String("ops".to_owned()),
            scheme: Some("HTTP".to_owned()),
            ..HTTPGetAction::default()
        }),
        period_seconds: Some(period),
        timeout_seconds: Some(3),
        ..Probe::default()
    }
}

fn spread(resolved: &Resolved) -> Vec<TopologySpreadConstraint> {
    let constraints = &resolved.spec.pod_template.topology_spread_constraints;
    if !constraints.is_empty() {
        return constraints.clone();
    }
    vec![TopologySpreadConstraint {
        max_skew: 1,
        topology_key: "kubernetes.io/hostname".to_owned(),
        when_unsatisfiable: "ScheduleAnyway".to_owned(),
        label_selector: Some(names::select(resolved.names.selector(names::SERVER))),
        ..TopologySpreadConstraint::default()
    }]
}
