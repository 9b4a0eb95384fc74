//! Objects of kinds that not every cluster knows.

use chat_contract::ops::METRICS;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::api::DynamicObject;
use serde_json::{Value, json};

use super::{service::clients_port, watch};
use crate::{extra::Extra, names, observed::Observed, resolve::Resolved};

/// Those that are wanted, of the kinds that this cluster knows.
pub(super) fn build(
    resolved: &Resolved,
    seen: &Observed,
    is_https: bool,
) -> Vec<(Extra, DynamicObject)> {
    let known = seen.extras.iter().map(|(extra, _)| *extra);
    known.filter_map(|extra| Some((extra, object(resolved, extra, is_https)?))).collect()
}

fn object(resolved: &Resolved, extra: Extra, is_https: bool) -> Option<DynamicObject> {
    let mut meta = super::meta(resolved, resolved.names.service(), names::SERVER);
    let spec = match extra {
        Extra::HttpRoute => route(resolved, is_https)?,
        Extra::ServiceMonitor => monitor(resolved, &mut meta)?,
        Extra::PrometheusRule => watch::rules(resolved, &mut meta)?,
    };
    let mut object = DynamicObject::new("", &extra.resource());
    object.metadata = meta;
    object.data = json!({ "spec": spec });
    Some(object)
}

fn route(resolved: &Resolved, is_https: bool) -> Option<Value> {
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

fn monitor(resolved: &Resolved, meta: &mut ObjectMeta) -> Option<Value> {
    let monitor = resolved.spec.observability.service_monitor.as_ref()?;
    super::add_labels(meta, &monitor.labels);
    let mut selector = resolved.names.selector(names::SERVER);
    selector.extend(super::pair(names::HEADLESS, "true"));
    Some(json!({
        "selector": { "matchLabels": selector },
        "endpoints": [{ "port": "ops", "path": METRICS, "interval": monitor.interval }],
        "targetLabels": [names::CLUSTER],
        "podTargetLabels": [names::REVISION],
    }))
}
