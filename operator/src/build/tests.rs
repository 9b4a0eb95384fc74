//! What is built keeps the promises that are made of all pods.

use std::sync::Arc;

use k8s_openapi::{
    api::core::v1::{Pod, PodSpec},
    apimachinery::pkg::{apis::meta::v1::Time, util::intstr::IntOrString},
};
use serde_json::json;

use super::*;
use crate::{crd::ChatCluster, credentials::Generated, resolve::resolve, rollout::rollout};

fn built(spec: &serde_json::Value) -> (Resolved, Desired) {
    built_with(spec, &Observed::default())
}

fn built_with(spec: &serde_json::Value, seen: &Observed) -> (Resolved, Desired) {
    let resolved = resolved(spec, seen);
    let mut plan = rollout(&resolved, seen);
    plan.replicas.insert(resolved.revision.clone(), 2);
    plan.migration = Migration::Due { attempt: 1, after: None };
    let desired = build(&resolved, &plan, seen);
    (resolved, desired)
}

fn resolved(spec: &serde_json::Value, seen: &Observed) -> Resolved {
    let cluster: ChatCluster = serde_json::from_value(json!({
        "apiVersion": "chatcluster.dev/v1alpha1", "kind": "ChatCluster",
        "metadata": { "name": "team", "namespace": "talk", "uid": "u" },
        "spec": spec,
    }))
    .unwrap();
    let generated = Generated {
        mysql_password: "m".to_owned(),
        redis_password: "r".to_owned(),
        hash_key: "k".to_owned(),
    };
    resolve(&cluster, &generated, seen).unwrap()
}

fn pods(desired: &Desired) -> Vec<PodSpec> {
    let servers = desired.deployments.iter().map(|d| d.spec.as_ref().unwrap().template.clone());
    let stores = desired.stateful_sets.iter().map(|s| s.spec.as_ref().unwrap().template.clone());
    let jobs = desired.jobs.iter().map(|j| j.spec.as_ref().unwrap().template.clone());
    servers.chain(stores).chain(jobs).map(|template| template.spec.unwrap()).collect()
}

#[test]
fn every_pod_is_locked_down() {
    let (_, desired) = built(&json!({ "image": "chat:1" }));
    let pods = pods(&desired);
    assert_eq!(pods.len(), 4, "servers, migration, MySQL, Redis");
    for pod in pods {
        let security = pod.security_context.unwrap();
        assert_eq!(security.run_as_non_root, Some(true));
        assert_eq!(security.seccomp_profile.unwrap().type_, "RuntimeDefault");
        assert_eq!(pod.automount_service_account_token, Some(false));
        for container in pod.containers {
            let security = container.security_context.unwrap();
            assert_eq!(security.allow_privilege_escalation, Some(false));
            assert_eq!(security.read_only_root_filesystem, Some(true));
            assert_eq!(security.capabilities.unwrap().drop, Some(vec!["ALL".to_owned()]));
            assert!(container.resources.unwrap().limits.unwrap().contains_key("memory"));
        }
    }
}

#[test]
fn a_server_has_time_to_end() {
    let (_, desired) = built(&json!({ "image": "chat:1", "drain": { "graceSeconds": 90 } }));
    let pod = &pods(&desired)[0];
    assert_eq!(pod.termination_grace_period_seconds, Some(5 + 90 + 10));
    let sleep = pod.containers[0].lifecycle.as_ref().unwrap().pre_stop.as_ref().unwrap();
    assert_eq!(sleep.sleep.as_ref().unwrap().seconds, 5);
}

#[test]
fn a_server_does_not_wait_long_for_a_silent_node() {
    let seconds = |spec: serde_json::Value| -> Vec<_> {
        let (_, desired) = built(&spec);
        let tolerations = pods(&desired)[0].tolerations.clone().unwrap();
        tolerations.into_iter().map(|t| (t.key.unwrap_or_default(), t.toleration_seconds)).collect()
    };
    let (not_ready, silent) = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable");
    let ours = [(not_ready.to_owned(), Some(30)), (silent.to_owned(), Some(30))];
    assert_eq!(seconds(json!({ "image": "chat:1" })), ours);
    let own = json!([{ "key": silent, "operator": "Exists", "tolerationSeconds": 300 }]);
    let said = seconds(json!({ "image": "chat:1", "podTemplate": { "tolerations": own } }));
    assert_eq!(said, [(silent.to_owned(), Some(300)), ours[0].clone()]);
}

#[test]
fn no_secret_stands_outside_of_secrets() {
    let (resolved, desired) = built(&json!({ "image": "chat:1" }));
    let text = json!([
        desired.records,
        desired.config_maps,
        desired.jobs,
        desired.deployments,
        desired.stateful_sets,
        desired.services,
    ])
    .to_string();
    for secret in resolved.secrets.values() {
        assert!(!text.contains(secret.as_str()));
    }
}

#[test]
fn authorities_of_the_stores_are_in_the_pods() {
    let ca = json!({ "name": "ca" });
    let spec = json!({
        "image": "chat:1",
        "mysql": { "external": {
            "host": "db", "secretRef": { "name": "ca" },
            "tls": { "mode": "VerifyCa", "caSecretRef": ca },
        } },
        "redis": { "external": { "host": "r", "tls": { "enabled": true, "caSecretRef": ca } } },
    });
    let values = ["username", "password", "ca.crt"];
    let values = values.map(|key| (key.to_owned(), b"x".to_vec())).into();
    let references = [("ca".to_owned(), Some(values))].into();
    let (_, desired) = built_with(&spec, &Observed { references, ..Observed::default() });
    let pods = pods(&desired);
    assert_eq!(pods.len(), 2, "servers, migration");
    for pod in pods {
        let text = json!(pod).to_string();
        for file in ["mysql-ca.crt", "redis-ca.crt"] {
            assert!(text.contains(&format!(r#""path":"{file}""#)), "{text}");
        }
        assert!(text.contains(r#""mountPath":"/etc/chat/authorities""#), "{text}");
    }
    assert!(json!(desired.config_maps).to_string().contains("/etc/chat/authorities/redis-ca.crt"));
}

#[test]
fn traces_may_leave_where_there_is_a_collector() {
    let ports = |spec: serde_json::Value| {
        let (_, desired) = built(&spec);
        json!(desired.policies).to_string().contains("4317")
    };
    assert!(!ports(json!({ "image": "chat:1" })));
    let otlp = json!({ "otlp": { "endpoint": "http://collector.watch:4317", "oneIn": 10 } });
    assert!(ports(json!({ "image": "chat:1", "observability": otlp })));
}

#[test]
fn pictures_need_a_volume_only_where_the_spec_names_one() {
    let (_, desired) =
        built(&json!({ "image": "chat:1", "uploads": { "volume": { "size": "1Gi" } } }));
    assert_eq!(desired.claims.len(), 1);
    let has_folder = |desired: &Desired| {
        let volumes = pods(desired)[0].volumes.clone().unwrap();
        volumes.iter().any(|one| one.name == volume::UPLOADS)
    };
    assert!(has_folder(&desired));

    let (resolved, desired) = built(&json!({ "image": "chat:1" }));
    assert!(!has_folder(&desired), "a folder of one pod is no place for what all must see");
    assert_eq!(resolved.config["CHAT_UPLOADS_URL"], "database");

    let s3 = json!({ "bucket": "pictures", "endpoint": "http://minio.db.svc:9000" });
    let role = json!({ "serviceAccountAnnotations": { "eks.amazonaws.com/role-arn": "arn" } });
    let spec = json!({ "image": "chat:1", "uploads": { "s3": s3 }, "podTemplate": role });
    let (_, desired) = built(&spec);
    assert!(desired.claims.is_empty() && !has_folder(&desired));
    let policies = json!(desired.policies).to_string();
    assert!(policies.contains("9000"), "{policies}");
    assert!(policies.contains("169.254.169.254/32"), "to ask for its role: {policies}");
    let annotations = desired.account.metadata.annotations.unwrap();
    assert_eq!(annotations["eks.amazonaws.com/role-arn"], "arn");
    let env = pods_env(&desired.deployments);
    assert!(!env.contains(&"CHAT_S3_ACCESS_KEY_ID".to_owned()), "nothing says it: {env:?}");
}

/// A spec with a certificate, and the Secret of it.
fn encrypted() -> (serde_json::Value, Observed) {
    let values = ["tls.crt", "tls.key"].map(|key| (key.to_owned(), b"x".to_vec())).into();
    let references = [("chat-tls".to_owned(), Some(values))].into();
    let spec = json!({ "image": "chat:1", "tls": { "secretName": "chat-tls" } });
    (spec, Observed { references, ..Observed::default() })
}

fn ports(desired: &Desired) -> serde_json::Value {
    json!(desired.services[0].spec.as_ref().unwrap().ports)
}

#[test]
fn a_certificate_is_mounted_where_it_can_change() {
    let (spec, seen) = encrypted();
    let (_, desired) = built_with(&spec, &seen);
    let pods = pods(&desired);
    let (server, migration) = (json!(pods[0]), json!(pods[3]));
    let volume = json!({
        "name": "tls", "secret": { "secretName": "chat-tls", "defaultMode": 0o440 },
    });
    assert!(server["volumes"].as_array().unwrap().contains(&volume), "{server}");
    let mount = json!({ "name": "tls", "mountPath": "/etc/chat/tls", "readOnly": true });
    let container = &server["containers"][0];
    assert!(container["volumeMounts"].as_array().unwrap().contains(&mount), "{server}");
    assert!(container.to_string().contains("https://$(POD_IP):3000"));
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        assert_eq!(container[probe]["httpGet"]["scheme"], "HTTP", "their port stays plain");
    }
    assert!(!migration.to_string().contains("chat-tls"), "it has no use for it");
}

#[test]
fn the_service_speaks_what_the_selected_servers_speak() {
    let ws = json!([{
        "name": "http", "port": 80, "protocol": "TCP", "targetPort": "http",
        "appProtocol": "kubernetes.io/ws",
    }]);
    let https = json!([{
        "name": "http", "port": 443, "protocol": "TCP", "targetPort": "http",
        "appProtocol": "https",
    }]);
    let (old, before) = built(&json!({ "image": "chat:1" }));
    assert_eq!(ports(&before), ws);
    let (spec, mut seen) = encrypted();
    assert_eq!(ports(&built_with(&spec, &seen).1), https);

    // Those without a certificate still serve while those with one come up.
    seen.records = before.records.into_iter().map(Arc::new).collect();
    let new = resolved(&spec, &seen);
    let ports = |selected: &Resolved| {
        let mut plan = rollout(&new, &seen);
        plan.selected = Some(selected.revision.clone());
        ports(&build(&new, &plan, &seen))
    };
    assert_eq!(ports(&old), ws);
    assert_eq!(ports(&new), https);
}

fn pods_env(deployments: &[Deployment]) -> Vec<String> {
    let pod = deployments[0].spec.as_ref().unwrap().template.spec.as_ref().unwrap();
    pod.containers[0].env.iter().flatten().map(|var| var.name.clone()).collect()
}

#[test]
fn a_store_is_found_also_while_it_is_not_ready() {
    let (_, desired) = built(&json!({ "image": "chat:1" }));
    for store in ["team-mysql", "team-redis"] {
        let found =
            desired.services.iter().find(|s| s.metadata.name.as_deref() == Some(store)).unwrap();
        let spec = found.spec.as_ref().unwrap();
        assert_eq!(spec.cluster_ip, None, "its address outlasts its pods");
        assert_eq!(spec.publish_not_ready_addresses, Some(true));
    }
}

#[test]
fn one_server_has_no_budget() {
    let (_, desired) = built(&json!({ "image": "chat:1", "replicas": 1 }));
    assert!(desired.budgets.is_empty());
    let (_, desired) = built(&json!({ "image": "chat:1", "replicas": 2 }));
    let budget = desired.budgets[0].spec.as_ref().unwrap();
    assert_eq!(budget.unhealthy_pod_eviction_policy.as_deref(), Some("AlwaysAllow"));
}

/// A server on a node.
fn server_on(node: &str) -> Arc<Pod> {
    let labels = json!({ names::COMPONENT: names::SERVER });
    let spec = json!({ "nodeName": node, "containers": [] });
    Arc::new(
        serde_json::from_value(json!({ "metadata": { "labels": labels }, "spec": spec })).unwrap(),
    )
}

/// The same, asked to end: by whoever no longer wants it, or by whoever drains the node.
fn going_from(node: &str, evicted: bool) -> Arc<Pod> {
    let mut pod = server_on(node).as_ref().clone();
    pod.metadata.deletion_timestamp = Some(Time("2026-01-01T00:00:00Z".parse().unwrap()));
    let reason = if evicted { "EvictionByEvictionAPI" } else { "PreemptionByScheduler" };
    let target = json!({ "type": "DisruptionTarget", "status": "True", "reason": reason });
    pod.status = serde_json::from_value(json!({ "conditions": [target] })).unwrap();
    Arc::new(pod)
}

#[test]
fn servers_of_one_node_may_go_together_and_never_more_than_half() {
    let together = |replicas: i32, nodes: &[&str], going: &[Arc<Pod>]| {
        let stay = nodes.iter().map(|node| server_on(node));
        let pods = stay.chain(going.iter().cloned()).collect();
        let seen = Observed { pods, ..Observed::default() };
        let spec = json!({ "image": "chat:1", "replicas": replicas });
        let (_, desired) = built_with(&spec, &seen);
        desired.budgets[0].spec.clone().unwrap().max_unavailable.unwrap()
    };
    for (replicas, nodes, expected) in [
        (2, &[][..], 1),
        (2, &["a", "b"], 1),
        (2, &["a", "a"], 1),
        (3, &["a", "b", "c"], 1),
        (3, &["a", "b", "b"], 2),
        (3, &["b", "b", "b"], 2),
        (6, &["a", "a", "b", "b", "c", "c"], 2),
    ] {
        let going = [going_from("a", false)];
        let together = together(replicas, nodes, &going);
        assert_eq!(together, IntOrString::Int(expected), "{replicas} {nodes:?}");
    }
    // The first of two is evicted, and what comes in its place has no node yet.
    let going = [going_from("a", true)];
    assert_eq!(together(3, &["a", "b"], &going), IntOrString::Int(2), "the second one would wait");
}

#[test]
fn every_name_fits() {
    let (resolved, desired) = built(&json!({ "image": "chat:1" }));
    // Of the longest name that is allowed.
    let more = 40 - resolved.name.len();
    let names = desired.jobs.iter().map(|job| job.metadata.name.clone().unwrap());
    let names = names.chain(desired.deployments.iter().map(|d| d.metadata.name.clone().unwrap()));
    for name in names {
        // A pod's name, and a Job's label, have at most 63 characters.
        assert!(name.len() + more <= 63, "{name}");
    }
}
