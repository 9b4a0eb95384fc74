//! Exposure outside of the cluster: the Ingress and the route of the Gateway API.

use k8s_openapi::api::networking::v1::{
    HTTPIngressPath, HTTPIngressRuleValue, Ingress, IngressBackend, IngressRule,
    IngressServiceBackend, IngressSpec, IngressTLS, ServiceBackendPort,
};
use serde_json::{Value, json};

use super::service::clients_port;
use crate::{names, resolve::Resolved};

/// The Ingress to the Service, where the spec asks for one.
pub(super) fn ingress(resolved: &Resolved) -> Option<Ingress> {
    let settings = resolved.spec.ingress.as_ref()?;
    let mut meta = super::meta(resolved, resolved.names.service(), names::SERVER);
    meta.annotations = super::pod::some(settings.annotations.clone());
    let backend = IngressBackend {
        service: Some(IngressServiceBackend {
            name: resolved.names.service(),
            port: Some(ServiceBackendPort { name: Some("http".to_owned()), number: None }),
        }),
        resource: None,
    };
    Some(Ingress {
        metadata: meta,
        spec: Some(IngressSpec {
            ingress_class_name: settings.class_name.clone(),
            rules: Some(vec![IngressRule {
                host: Some(settings.host.clone()),
                http: Some(HTTPIngressRuleValue {
                    paths: vec![HTTPIngressPath {
                        path: Some("/".to_owned()),
                        path_type: "Prefix".to_owned(),
                        backend,
                    }],
                }),
            }]),
            tls: settings.tls_secret_name.as_ref().map(|secret| {
                vec![IngressTLS {
                    hosts: Some(vec![settings.host.clone()]),
                    secret_name: Some(secret.clone()),
                }]
            }),
            ..IngressSpec::default()
        }),
        status: None,
    })
}

/// The spec of the `HTTPRoute` to the Service, where the spec asks for one.
pub(super) fn route(resolved: &Resolved, is_https: bool) -> Option<Value> {
    let gateway = resolved.spec.gateway.as_ref()?;
    let service = json!({ "name": resolved.names.service(), "port": clients_port(is_https) });
    let mut spec = json!({
        "parentRefs": gateway.parent_refs,
        "rules": [{ "backendRefs": [service] }],
    });
    if !gateway.hostnames.is_empty() {
        spec["hostnames"] = json!(gateway.hostnames);
    }
    Some(spec)
}
