//! Pure: whether the Service, the Ingress and the routes reach clients outside of the cluster.

use k8s_openapi::api::{
    core::v1::{LoadBalancerIngress, Service},
    networking::v1::{Ingress, IngressLoadBalancerIngress},
};
use kube::{ResourceExt, api::DynamicObject};
use serde::Deserialize;

use super::condition::State;
use crate::{
    crd::{ChatClusterSpec, Gateway, ParentRef, ServiceType},
    observe::{Observed, OptionalKind},
    resolve::Resolved,
};

/// Reason: a Gateway has not accepted the route.
pub(super) const NOT_ACCEPTED: &str = "NotAccepted";

/// What the spec's Ingress or Gateway lacks; without it no client gets in.
pub(super) fn missing(resolved: &Resolved, seen: &Observed) -> Option<State> {
    let is_known = seen.optional.iter().any(|(kind, _)| *kind == OptionalKind::HttpRoute);
    if resolved.spec.gateway.is_some() && !is_known {
        let message = "spec.gateway asks for an HTTPRoute, and this cluster does not know that \
                       kind: install the Gateway API (gateway.networking.k8s.io/v1)";
        return Some(State::yes("GatewayApiMissing", message));
    }
    let ingress = resolved.spec.ingress.as_ref()?;
    let secret = ingress.tls_secret_name.as_ref()?;
    let is_there = seen.references.get(secret).is_some_and(Option::is_some);
    (!is_there).then(|| {
        let message = format!(
            "spec.ingress.tlsSecretName names the Secret {secret}, which does not exist in \
             namespace {}: browsers are shown no certificate of {}",
            resolved.namespace, ingress.host,
        );
        State::yes("SecretMissing", message)
    })
}

/// Whether the load balancer, the Ingress controller and the Gateways report that they serve. Some
/// Ingress controllers never report it, so `Ready` does not depend on this.
pub(super) fn exposed(spec: &ChatClusterSpec, seen: &Observed) -> State {
    let all = [load_balancer(spec, seen), ingress(spec, seen), route(spec, seen)];
    let all: Vec<State> = all.into_iter().flatten().collect();
    match all.iter().find(|one| !one.is_yes()) {
        Some(problem) => problem.clone(),
        None if all.is_empty() => {
            State::yes("NotAskedFor", "no load balancer, Ingress or Gateway is asked for")
        }
        None => {
            let messages: Vec<_> = all.into_iter().map(|one| one.message).collect();
            State::yes("TakenUp", messages.join("; "))
        }
    }
}

fn load_balancer(spec: &ChatClusterSpec, seen: &Observed) -> Option<State> {
    if spec.service.service_type != ServiceType::LoadBalancer {
        return None;
    }
    let is_it = |service: &&Service| {
        service.spec.as_ref().and_then(|spec| spec.type_.as_deref()) == Some("LoadBalancer")
    };
    let Some(service) = seen.services.iter().map(AsRef::as_ref).find(is_it) else {
        return Some(State::unknown());
    };
    let name = service.name_any();
    let status = service.status.as_ref().and_then(|status| status.load_balancer.as_ref());
    let at = status.and_then(|status| status.ingress.as_ref()?.first()).and_then(
        |LoadBalancerIngress { hostname, ip, .. }| hostname.as_ref().or(ip.as_ref()).cloned(),
    );
    Some(addressed(&format!("Service {name}"), at, || {
        format!(
            "nothing here makes load balancers, or it is not done yet; kubectl describe service \
             {name} says more"
        )
    }))
}

fn ingress(spec: &ChatClusterSpec, seen: &Observed) -> Option<State> {
    spec.ingress.as_ref()?;
    let Some(ingress) = seen.ingresses.first() else { return Some(State::unknown()) };
    let Ingress { spec, status, .. } = ingress.as_ref();
    let status = status.as_ref().and_then(|status| status.load_balancer.as_ref());
    let at = status.and_then(|status| status.ingress.as_ref()?.first()).and_then(
        |IngressLoadBalancerIngress { hostname, ip, .. }| {
            hostname.as_ref().or(ip.as_ref()).cloned()
        },
    );
    Some(addressed(&format!("Ingress {}", ingress.name_any()), at, || {
        // Where the spec names none, the API has put in the default, if there is one.
        match spec.as_ref().and_then(|spec| spec.ingress_class_name.as_deref()) {
            Some(class) => format!(
                "no controller has taken up its class {class}, or it does not say so; kubectl get \
                 ingressclasses shows those that are there"
            ),
            None => "it has no class, and this cluster no default: set \
                     spec.ingress.className; kubectl get ingressclasses shows those that are there"
                .to_owned(),
        }
    }))
}

fn addressed(what: &str, at: Option<String>, why_not: impl FnOnce() -> String) -> State {
    match at {
        Some(at) => State::yes("TakenUp", format!("{what} is at {at}")),
        None => State::no("NoAddress", format!("{what} has no address: {}", why_not())),
    }
}

/// What Gateways report of a route.
/// Source: `RouteStatus` of the Gateway API, <https://gateway-api.sigs.k8s.io/reference/spec/>.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RouteStatus {
    parents: Vec<RouteParent>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RouteParent {
    parent_ref: ParentRef,
    #[serde(default)]
    conditions: Vec<RouteCondition>,
}

#[derive(Deserialize)]
struct RouteCondition {
    r#type: String,
    status: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    message: String,
}

fn route(spec: &ChatClusterSpec, seen: &Observed) -> Option<State> {
    let gateway = spec.gateway.as_ref()?;
    let known = seen.optional.iter().find(|(kind, _)| *kind == OptionalKind::HttpRoute);
    let Some((_, Some(route))) = known else { return Some(State::unknown()) };
    let name = route.name_any();
    let problem = refusal(gateway, route);
    Some(match problem {
        None => State::yes("TakenUp", format!("HTTPRoute {name} is accepted")),
        Some(problem) => State::no(NOT_ACCEPTED, format!("HTTPRoute {name}: {problem}")),
    })
}

/// Why one of the Gateways has not accepted the route.
fn refusal(gateway: &Gateway, route: &DynamicObject) -> Option<String> {
    let status = route.data.get("status").cloned().unwrap_or_default();
    let RouteStatus { parents } = serde_json::from_value(status).unwrap_or_default();
    let own = route.namespace().unwrap_or_default();
    gateway.parent_refs.iter().find_map(|asked| {
        let namespace = asked.namespace.as_ref().unwrap_or(&own);
        let is_it = |parent: &&RouteParent| {
            let said = &parent.parent_ref;
            said.name == asked.name
                && said.namespace.as_ref().unwrap_or(&own) == namespace
                && said.section_name == asked.section_name
        };
        let Some(parent) = parents.iter().find(is_it) else {
            return Some(format!(
                "no controller has taken it up: is there a Gateway {} in namespace {namespace}, and \
                 does it let routes of namespace {own} in?",
                asked.name
            ));
        };
        let no = parent.conditions.iter().find(|condition| {
            matches!(condition.r#type.as_str(), "Accepted" | "ResolvedRefs")
                && condition.status != "True"
        });
        no.map(|RouteCondition { r#type, reason, message, .. }| {
            format!("Gateway {} says: not {type}, {reason}: {message}", asked.name)
        })
    })
}
