//! Monitoring: the `ServiceMonitor`, and the alerts and the dashboard that the chart has too.

use chat_contract::ops::METRICS;
use k8s_openapi::{api::core::v1::ConfigMap, apimachinery::pkg::apis::meta::v1::ObjectMeta};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    crd::{Alert, Rules},
    names,
    resolve::Resolved,
};

/// The dashboard; words between `@` are replaced.
const DASHBOARD: &str = include_str!("../../../charts/chat-cluster/files/dashboards/cluster.json");
/// The folder of the runbooks in the project.
const RUNBOOKS: &str = "charts/chat-cluster/docs/runbooks";

/// The spec of the `ServiceMonitor`, where the spec asks for one; `meta` gets its labels.
pub(super) fn monitor(resolved: &Resolved, meta: &mut ObjectMeta) -> Option<Value> {
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

/// The spec of the `PrometheusRule`, where the spec asks for one; `meta` gets its labels.
pub(super) fn rules(resolved: &Resolved, meta: &mut ObjectMeta) -> Option<Value> {
    let settings = resolved.spec.observability.rules.as_ref()?;
    super::add_labels(meta, &settings.labels);
    // A hibernated chat is absent on purpose.
    let is_meant = |alert: &&Alert| !(resolved.spec.hibernated && **alert == Alert::ChatAbsent);
    let alerts =
        Alert::ALL.iter().filter(|alert| !settings.exclude.contains(alert)).filter(is_meant);
    let rules: Vec<_> = alerts.filter_map(|alert| rule(resolved, settings, *alert)).collect();
    let group = format!("chat.{}.{}", resolved.namespace, resolved.name);
    Some(json!({ "groups": [{ "name": group, "rules": rules }] }))
}

fn rule(resolved: &Resolved, settings: &Rules, alert: Alert) -> Option<Value> {
    let (namespace, cluster) = (&resolved.namespace, &resolved.name);
    let series = format!(r#"namespace="{namespace}",chatcluster_dev_cluster="{cluster}""#);
    let runbooks = settings.runbooks.as_deref().unwrap_or(RUNBOOKS).trim_end_matches('/');
    let text = alert.file().replace("$cluster", &series).replace("$runbooks", runbooks);
    let mut rule: Value = serde_yaml_ng::from_str(&text).ok()?;
    // Of the project, not of Prometheus.
    rule.as_object_mut()?.remove("formerly");
    // An alert that sums over servers has lost their labels.
    rule["labels"]["namespace"] = json!(namespace);
    rule["labels"]["chatcluster"] = json!(cluster);
    Some(rule)
}

/// The `ConfigMap` with the dashboard, as Grafana's side-car finds it.
pub(super) fn dashboard(resolved: &Resolved) -> Option<ConfigMap> {
    let settings = resolved.spec.observability.dashboards.as_ref()?;
    let (namespace, cluster) = (&resolved.namespace, &resolved.name);
    let mut meta = super::meta(resolved, resolved.names.part("dashboard"), names::WHOLE);
    super::add_labels(&mut meta, &settings.labels);
    meta.annotations = super::pod::some(settings.annotations.clone());
    // Grafana wants a unique id of at most 40 characters.
    let hash = Sha256::digest(format!("{namespace}/{cluster}"));
    let id = hash.iter().take(8).fold("chat-".to_owned(), |id, byte| format!("{id}{byte:02x}"));
    let text = DASHBOARD
        .replace("@uid@", &id)
        .replace("@title@", &format!("Chat {namespace}/{cluster}"))
        .replace("@namespace@", namespace)
        .replace("@cluster@", cluster);
    Some(ConfigMap {
        metadata: meta,
        data: Some([(format!("{namespace}-{cluster}.json"), text)].into()),
        ..ConfigMap::default()
    })
}
