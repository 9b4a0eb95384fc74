//! Network policies: what is not allowed here is denied.

use chat_contract::ops::{HTTP_PORT, OPS_PORT};
use k8s_openapi::{
    api::networking::v1::{
        IPBlock, NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyIngressRule,
        NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec,
    },
    apimachinery::pkg::{apis::meta::v1::LabelSelector, util::intstr::IntOrString},
};

use crate::{
    crd::{Otlp, RedisMode, S3},
    names,
    resolve::Resolved,
};

/// Metadata addresses, from which pods and machines in clouds get their role.
const ROLES: [&str; 2] = ["169.254.169.254/32", "169.254.170.0/24"];

/// All policies; none where the spec disables them.
pub(super) fn build(resolved: &Resolved) -> Vec<NetworkPolicy> {
    if !resolved.spec.network_policy.enabled {
        return Vec::new();
    }
    let mut policies = vec![deny(resolved), servers(resolved)];
    let managed = [
        (names::MYSQL, 3306, resolved.spec.mysql.managed.is_some()),
        (names::REDIS, 6379, resolved.spec.redis.managed.is_some()),
    ];
    for (component, port, _) in managed.into_iter().filter(|(.., managed)| *managed) {
        policies.push(store(resolved, component, port));
    }
    policies
}

/// Denies everything to all pods of the `ChatCluster` that no other policy allows.
fn deny(resolved: &Resolved) -> NetworkPolicy {
    let labels = super::pair(names::CLUSTER, &resolved.name);
    NetworkPolicy {
        metadata: super::meta(resolved, resolved.names.part("default-deny"), names::WHOLE),
        spec: Some(NetworkPolicySpec {
            pod_selector: Some(names::select(labels)),
            policy_types: Some(vec!["Ingress".to_owned(), "Egress".to_owned()]),
            ..NetworkPolicySpec::default()
        }),
    }
}

/// Servers and migrations: clients in; DNS, stores and each other out.
fn servers(resolved: &Resolved) -> NetworkPolicy {
    let spec = &resolved.spec;
    let from = &spec.network_policy.from;
    let mysql = match &spec.mysql.external {
        Some(mysql) => egress(None, &[number(mysql.port)]),
        None => egress(Some(peer(resolved, names::MYSQL)), &[number(3306)]),
    };
    let redis = match &spec.redis.external {
        // Servers behind a Sentinel or in a cluster may have any port.
        Some(redis) if redis.mode != RedisMode::Standalone => egress(None, &[]),
        Some(redis) => egress(None, &[number(redis.port)]),
        None => egress(Some(peer(resolved, names::REDIS)), &[number(6379)]),
    };
    let peers = egress(Some(peer(resolved, names::SERVER)), &[number(HTTP_PORT.into())]);
    let otlp = spec.observability.otlp.as_ref().and_then(Otlp::port);
    let traces = otlp.map(|port| egress(None, &[number(port)]));
    let pictures = spec.s3().map(s3).unwrap_or_default();
    let mut clients = from.clone();
    if !clients.is_empty() {
        clients.push(peer(resolved, names::SERVER));
    }
    let labels = super::pair(names::CLUSTER, &resolved.name);
    let mut selector = names::select(labels);
    selector.match_expressions =
        Some(vec![k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelectorRequirement {
            key: names::COMPONENT.to_owned(),
            operator: "In".to_owned(),
            values: Some(vec![names::MIGRATION.to_owned(), names::SERVER.to_owned()]),
        }]);
    NetworkPolicy {
        metadata: super::meta(resolved, resolved.names.part("servers"), names::SERVER),
        spec: Some(NetworkPolicySpec {
            pod_selector: Some(selector),
            policy_types: Some(vec!["Ingress".to_owned(), "Egress".to_owned()]),
            ingress: Some(vec![
                NetworkPolicyIngressRule {
                    ports: Some(vec![number(HTTP_PORT.into())]),
                    from: super::pod::some(clients),
                },
                // Prometheus and the operator, in any namespace.
                NetworkPolicyIngressRule {
                    ports: Some(vec![number(OPS_PORT.into())]),
                    from: Some(vec![NetworkPolicyPeer {
                        namespace_selector: Some(LabelSelector::default()),
                        ..NetworkPolicyPeer::default()
                    }]),
                },
            ]),
            egress: Some(
                [dns(), peers, mysql, redis].into_iter().chain(traces).chain(pictures).collect(),
            ),
        }),
    }
}

fn store(resolved: &Resolved, component: &str, port: i32) -> NetworkPolicy {
    let mut from = vec![peer(resolved, names::SERVER)];
    if component == names::MYSQL {
        from.push(peer(resolved, names::MIGRATION));
    }
    NetworkPolicy {
        metadata: super::meta(resolved, resolved.names.part(component), component),
        spec: Some(NetworkPolicySpec {
            pod_selector: Some(names::select(resolved.names.selector(component))),
            policy_types: Some(vec!["Ingress".to_owned(), "Egress".to_owned()]),
            ingress: Some(vec![NetworkPolicyIngressRule {
                ports: Some(vec![number(port)]),
                from: Some(from),
            }]),
            egress: None,
        }),
    }
}

/// Egress to the bucket; without an access key also to where a pod gets its role.
fn s3(s3: &S3) -> Vec<NetworkPolicyEgressRule> {
    let mut out = vec![egress(None, &[number(s3.port())])];
    if s3.secret_ref.is_none() {
        out.push(egress(None, &[number(443)]));
        out.push(NetworkPolicyEgressRule {
            to: Some(ROLES.map(block).to_vec()),
            ports: Some(vec![number(80)]),
        });
    }
    out
}

fn block(cidr: &str) -> NetworkPolicyPeer {
    NetworkPolicyPeer {
        ip_block: Some(IPBlock { cidr: cidr.to_owned(), except: None }),
        ..NetworkPolicyPeer::default()
    }
}

/// Egress to any DNS server, on port 53.
fn dns() -> NetworkPolicyEgressRule {
    let port =
        |protocol: &str| NetworkPolicyPort { protocol: Some(protocol.to_owned()), ..number(53) };
    egress(None, &[port("UDP"), port("TCP")])
}

fn egress(to: Option<NetworkPolicyPeer>, ports: &[NetworkPolicyPort]) -> NetworkPolicyEgressRule {
    NetworkPolicyEgressRule {
        to: to.map(|peer| vec![peer]),
        ports: super::pod::some(ports.to_vec()),
    }
}

fn peer(resolved: &Resolved, component: &str) -> NetworkPolicyPeer {
    NetworkPolicyPeer {
        pod_selector: Some(names::select(resolved.names.selector(component))),
        ..NetworkPolicyPeer::default()
    }
}

fn number(port: i32) -> NetworkPolicyPort {
    NetworkPolicyPort {
        port: Some(IntOrString::Int(port)),
        protocol: Some("TCP".to_owned()),
        end_port: None,
    }
}
