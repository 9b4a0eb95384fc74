//! Services: for clients, for the pods of all servers, for managed stores.

use chat_contract::ops::{HTTP_PORT, OPS_PORT};
use k8s_openapi::{
    api::core::v1::{ClientIPConfig, Service, ServicePort, ServiceSpec, SessionAffinityConfig},
    apimachinery::pkg::util::intstr::IntOrString,
};

use super::store::Part;
use crate::{crd::ServiceType, names, resolve::Resolved, rollout::Plan};

/// Seconds in which a client is routed to the same server again.
const AFFINITY_SECONDS: i32 = 3 * 3600;

/// The Services of the servers.
pub(super) fn of_servers(resolved: &Resolved, plan: &Plan, is_https: bool) -> Vec<Service> {
    vec![clients(resolved, plan, is_https), pods(resolved)]
}

/// The port of the Service for clients.
pub(super) fn clients_port(is_https: bool) -> u16 {
    if is_https { 443 } else { 80 }
}

/// The Service that clients use: it selects one revision, so that a client that is moved never
/// reconnects to an old server.
fn clients(resolved: &Resolved, plan: &Plan, is_https: bool) -> Service {
    let settings = &resolved.spec.service;
    let mut selector = resolved.names.selector(names::SERVER);
    if let Some(revision) = &plan.selected {
        selector.insert(names::REVISION.to_owned(), revision.clone());
    }
    let mut meta = super::meta(resolved, resolved.names.service(), names::SERVER);
    meta.annotations = super::pod::some(settings.annotations.clone());
    let kind = match settings.service_type {
        ServiceType::ClusterIP => "ClusterIP",
        ServiceType::NodePort => "NodePort",
        ServiceType::LoadBalancer => "LoadBalancer",
    };
    // A Gateway needs this for WebSockets, or for TLS.
    let protocol = if is_https { "https" } else { "kubernetes.io/ws" };
    let affinity = settings.client_affinity;
    Service {
        metadata: meta,
        spec: Some(ServiceSpec {
            type_: Some(kind.to_owned()),
            selector: Some(selector),
            ports: Some(vec![ServicePort {
                app_protocol: Some(protocol.to_owned()),
                node_port: settings.node_port,
                ..port("http", clients_port(is_https), "http")
            }]),
            session_affinity: Some(if affinity { "ClientIP" } else { "None" }.to_owned()),
            session_affinity_config: affinity.then_some(SessionAffinityConfig {
                client_ip: Some(ClientIPConfig { timeout_seconds: Some(AFFINITY_SECONDS) }),
            }),
            ..ServiceSpec::default()
        }),
        status: None,
    }
}

/// The headless Service with the servers of all revisions, for metrics and for lookups by name.
fn pods(resolved: &Resolved) -> Service {
    let mut meta = super::meta(resolved, resolved.names.pods(), names::SERVER);
    meta.labels.get_or_insert_default().extend(super::pair(names::HEADLESS, "true"));
    Service {
        metadata: meta,
        spec: Some(ServiceSpec {
            type_: Some("ClusterIP".to_owned()),
            cluster_ip: Some("None".to_owned()),
            selector: Some(resolved.names.selector(names::SERVER)),
            ports: Some(vec![port("http", HTTP_PORT, "http"), port("ops", OPS_PORT, "ops")]),
            publish_not_ready_addresses: Some(true),
            ..ServiceSpec::default()
        }),
        status: None,
    }
}

/// The Service of a managed store. It keeps its address, and routes to the pod also while that is
/// not ready: a restarted store answers long before its probe, the endpoints and the DNS caches are
/// updated.
pub(super) fn of_store(resolved: &Resolved, part: &Part) -> Service {
    Service {
        metadata: super::meta(resolved, resolved.names.part(part.component), part.component),
        spec: Some(ServiceSpec {
            type_: Some("ClusterIP".to_owned()),
            selector: Some(resolved.names.selector(part.component)),
            ports: Some(vec![port(part.component, part.port, part.component)]),
            publish_not_ready_addresses: Some(true),
            ..ServiceSpec::default()
        }),
        status: None,
    }
}

fn port(name: &str, port: u16, target: &str) -> ServicePort {
    ServicePort {
        name: Some(name.to_owned()),
        port: port.into(),
        protocol: Some("TCP".to_owned()),
        target_port: Some(IntOrString::String(target.to_owned())),
        ..ServicePort::default()
    }
}
