//! Observability: metrics, alerts, dashboards, traces.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::rule;

/// Metrics, alerts, dashboards and traces.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Observability {
    /// A `ServiceMonitor` for the Prometheus operator, by which the servers are scraped; created
    /// where the cluster has that kind. None by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_monitor: Option<Monitor>,
    /// A `PrometheusRule` with the alerts, created where the cluster has that kind. The alerts read
    /// what the `ServiceMonitor` scrapes. None by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<Rules>,
    /// A `ConfigMap` with the dashboard, which Grafana's side-car loads. None by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dashboards: Option<Dashboards>,
    /// A collector to which the servers send traces; none by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otlp: Option<Otlp>,
}

/// A collector of traces that takes OTLP over gRPC.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Otlp {
    /// URL of a collector that takes OTLP over gRPC, with its port, such as
    /// `http://collector.monitoring:4317`.
    #[schemars(length(max = 512))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.matches('^https?://([^/:@]+|\\\\[[0-9a-fA-F:]+\\\\]):[0-9]{1,5}$')", "observability.otlp.endpoint: an address with its port, such as http://collector.monitoring:4317")
    ]))]
    pub endpoint: String,
    /// One request or command in this many is traced, from 0 to 1000000; 100 by default. With 0
    /// only those are traced that a trusted proxy traces.
    #[serde(default = "one_in")]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self >= 0 && self <= 1000000", "observability.otlp.oneIn: from 0 (only what a trusted proxy traces) to 1000000")
    ]))]
    pub one_in: i32,
}

impl Otlp {
    /// The port of the endpoint; `None` where it has none.
    #[must_use]
    pub fn port(&self) -> Option<i32> {
        self.endpoint.rsplit(':').next()?.parse().ok()
    }
}

fn one_in() -> i32 {
    100
}

/// A `ServiceMonitor`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Monitor {
    /// Scrape interval in seconds or minutes, such as 15s; 30s by default.
    #[schemars(length(max = 16))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.matches('^[1-9][0-9]*(s|m)$')", "observability.serviceMonitor.interval: a time such as 30s")
    ]))]
    pub interval: String,
    /// Labels by which Prometheus selects the `ServiceMonitor`; none by default.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

impl Default for Monitor {
    fn default() -> Self {
        Self { interval: "30s".to_owned(), labels: BTreeMap::new() }
    }
}

/// A `PrometheusRule` with the alerts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Rules {
    /// Labels by which Prometheus selects the `PrometheusRule`; none by default.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Names of alerts to leave out, at most 16; none by default. The names of 0.1 are accepted
    /// until 0.3.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub exclude: Vec<Alert>,
    /// URL below which the runbooks are published, such as `https://runbooks.example.org/chat`; by
    /// default alerts name their path in the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 512))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.matches('^https?://[^ ]+$')", "observability.rules.runbooks: a URL such as https://runbooks.example.org/chat")
    ]))]
    pub runbooks: Option<String>,
}

/// A `ConfigMap` with the dashboard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Dashboards {
    /// Labels by which Grafana's side-car finds the `ConfigMap`; `grafana_dashboard: "1"` by
    /// default.
    pub labels: BTreeMap<String, String>,
    /// Annotations of the `ConfigMap`, such as the folder in Grafana; none by default.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

impl Default for Dashboards {
    fn default() -> Self {
        let labels = [("grafana_dashboard".to_owned(), "1".to_owned())].into();
        Self { labels, annotations: BTreeMap::new() }
    }
}

macro_rules! alerts {
    ($($(#[doc = $doc:literal])+ $name:ident $(formerly $former:literal)?,)+) => {
        /// An alert about one `ChatCluster`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[schemars(transform = add_former_names)]
        pub enum Alert {
            $($(#[doc = $doc])+ $(#[serde(alias = $former)])? $name,)+
        }

        impl Alert {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The names of 0.1 that are other ones now. Specs may hold them until 0.3.
            pub const FORMER: &[(&str, Self)] = &[$($(($former, Self::$name),)?)+];

            /// Its file in the chart of one `ChatCluster`, in which `$cluster` stands for the
            /// series and `$runbooks` for their place.
            #[must_use]
            pub fn file(self) -> &'static str {
                match self {
                    $(Self::$name => include_str!(concat!(
                        "../../../charts/chat-cluster/files/alerts/", stringify!($name), ".yaml"
                    )),)+
                }
            }
        }
    };
}

alerts! {
    /// Prometheus has no series of this chat.
    ChatAbsent,
    /// Acknowledgements of messages are slow.
    ChatAckSlow,
    /// Clients cannot keep up and are asked to sync.
    ChatClientsLagging formerly "ChatClientsLeftBehind",
    /// Changes wait for a transaction.
    ChatCommitBacklog formerly "ChatChangesWait",
    /// Messages arrive late on other servers.
    ChatDeliverySlow,
    /// Requests fail.
    ChatHttpFailing,
    /// A server cannot reach `MySQL`.
    ChatMySQLUnavailable formerly "ChatStoreAway",
    /// Servers lose notifications of each other.
    ChatNotificationsLost formerly "ChatHintsLost",
    /// Clients reconnect again and again.
    ChatReconnects,
    /// A server cannot reach Redis.
    ChatRedisUnavailable formerly "ChatRedisAway",
    /// Messages are rejected.
    ChatSendsRejected formerly "ChatSendsRefused",
}

/// What the API accepted in 0.1, it accepts.
fn add_former_names(schema: &mut Schema) {
    let former = Alert::FORMER.iter().map(|(name, _)| json!({ "type": "string", "const": name }));
    if let Some(names) = schema.get_mut("oneOf").and_then(Value::as_array_mut) {
        names.extend(former);
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs};

    use super::*;

    #[test]
    fn every_alert_of_the_chart_is_one_of_these() {
        let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/../charts/chat-cluster/files/alerts");
        let files: BTreeSet<_> = fs::read_dir(dir)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        let known = Alert::ALL.iter().map(|alert| format!("{alert:?}.yaml")).collect();
        assert_eq!(files, known);
    }

    #[test]
    fn the_file_of_an_alert_names_the_alert_and_what_it_was_called() {
        for alert in Alert::ALL {
            let file: Value = serde_yaml_ng::from_str(alert.file()).unwrap();
            assert_eq!(file["alert"], format!("{alert:?}"));
            let former = Alert::FORMER.iter().find(|(_, now)| now == alert);
            assert_eq!(file["formerly"].as_str(), former.map(|(name, _)| *name), "{alert:?}");
        }
    }

    #[test]
    fn a_former_name_stands_for_the_alert() {
        for (name, alert) in Alert::FORMER {
            assert_eq!(serde_json::from_value::<Alert>(json!(name)).unwrap(), *alert);
        }
    }
}
