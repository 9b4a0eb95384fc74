//! What watches a chat service: its alerts and its dashboard, as the chart has them.

use k8s_openapi::{api::core::v1::ConfigMap, apimachinery::pkg::apis::meta::v1::ObjectMeta};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    crd::{Alert, Rules},
    names,
    resolve::Resolved,
};

/// The dashboard, in which words between `@` stand for what differs.
const DASHBOARD: &str = include_str!("../../../charts/chat-cluster/files/dashboards/cluster.json");
/// Where the runbooks are in the project.
const RUNBOOKS: &str = "charts/chat-cluster/docs/runbooks";

/// The spec of the `PrometheusRule`.
pub(super) fn rules(resolved: &Resolved, meta: &mut ObjectMeta) -> Option<Value> {
    let wish = resolved.spec.observability.rules.as_ref()?;
    super::add_labels(meta, &wish.labels);
    // Whoever sleeps says nothing.
    let is_meant = |alert: &&Alert| !(resolved.spec.hibernated && **alert == Alert::ChatAbsent);
    let alerts = Alert::ALL.iter().filter(|alert| !wish.exclude.contains(alert)).filter(is_meant);
    let rules: Vec<_> = alerts.filter_map(|alert| rule(resolved, wish, *alert)).collect();
    let group = format!("chat.{}.{}", resolved.namespace, resolved.name);
    Some(json!({ "groups": [{ "name": group, "rules": rules }] }))
}

fn rule(resolved: &Resolved, wish: &Rules, alert: Alert) -> Option<Value> {
    let (namespace, cluster) = (&resolved.namespace, &resolved.name);
    let series = format!(r#"namespace="{namespace}",chatcluster_dev_cluster="{cluster}""#);
    let runbooks = wish.runbooks.as_deref().unwrap_or(RUNBOOKS).trim_end_matches('/');
    let text = alert.file().replace("$cluster", &series).replace("$runbooks", runbooks);
    let mut rule: Value = serde_yaml_ng::from_str(&text).ok()?;
    // What an alert adds up over servers has no labels of theirs any more.
    rule["labels"]["namespace"] = json!(namespace);
    rule["labels"]["chatcluster"] = json!(cluster);
    Some(rule)
}

/// The dashboard for Grafana's side-car.
pub(super) fn dashboard(resolved: &Resolved) -> Option<ConfigMap> {
    let wish = resolved.spec.observability.dashboards.as_ref()?;
    let (namespace, cluster) = (&resolved.namespace, &resolved.name);
    let mut meta = super::meta(resolved, resolved.names.part("dashboard"), names::WHOLE);
    super::add_labels(&mut meta, &wish.labels);
    meta.annotations = super::pod::some(wish.annotations.clone());
    // Grafana wants one name for each dashboard, of 40 characters at most.
    let hash = Sha256::digest(format!("{namespace}/{cluster}"));
    let id = hash.iter().take(8).fold(0_u64, |id, byte| id << 8 | u64::from(*byte));
    let text = DASHBOARD
        .replace("@uid@", &format!("chat-{id:016x}"))
        .replace("@title@", &format!("Chat {namespace}/{cluster}"))
        .replace("@namespace@", namespace)
        .replace("@cluster@", cluster);
    Some(ConfigMap {
        metadata: meta,
        data: Some([(format!("{namespace}-{cluster}.json"), text)].into()),
        ..ConfigMap::default()
    })
}
