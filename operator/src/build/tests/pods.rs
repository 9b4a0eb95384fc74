//! What holds for the pods.

use k8s_openapi::api::apps::v1::Deployment;
use serde_json::json;

use super::{built, built_with, encrypted, observed, pods};
use crate::{
    build::{Desired, volume},
    observe::Observed,
};

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
        desired.revisions,
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
    let (_, desired) = built_with(&spec, &Observed { references, ..observed() });
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
    let annotations = desired.accounts[0].metadata.clone().annotations.unwrap();
    assert_eq!(annotations["eks.amazonaws.com/role-arn"], "arn");
    let env = pods_env(&desired.deployments);
    assert!(!env.contains(&"CHAT_S3_ACCESS_KEY_ID".to_owned()), "nothing says it: {env:?}");
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

fn pods_env(deployments: &[Deployment]) -> Vec<String> {
    let pod = deployments[0].spec.as_ref().unwrap().template.spec.as_ref().unwrap();
    pod.containers[0].env.iter().flatten().map(|var| var.name.clone()).collect()
}
