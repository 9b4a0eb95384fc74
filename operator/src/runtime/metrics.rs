//! Every metric of the operator.
//!
//! Invariant: labels take a fixed set of values only.

use prometheus::{
    Encoder, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder, process_collector::ProcessCollector,
};

/// Buckets in seconds from a millisecond to ten seconds.
const SECONDS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// All metrics of one operator process.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    /// Duration of each step in seconds.
    pub(super) step_seconds: HistogramVec,
    /// Failed reconciliations, by the step that failed.
    pub(super) errors: IntCounterVec,
    /// Writes to the API, by operation.
    pub(super) writes: IntCounterVec,
    /// `ChatCluster`s, by the condition `Ready`.
    pub(super) clusters: IntGaugeVec,
    /// Whether this replica is the leader.
    pub(super) leader: IntGauge,
}

impl Metrics {
    /// Names of all metrics, which tests compare with dashboards and alerts.
    pub const NAMES: [&str; 5] = [
        "chat_operator_step_duration_seconds",
        "chat_operator_errors_total",
        "chat_operator_writes_total",
        "chat_operator_clusters",
        "chat_operator_leader",
    ];

    /// Former name and name. The former one is published beside the other until 0.3.
    pub const FORMER: [(&str, &str); 1] =
        [("chat_operator_step_seconds", "chat_operator_step_duration_seconds")];

    /// Values of the label `ready`.
    pub(super) const READY_VALUES: [&str; 3] = ["true", "false", "hibernated"];

    /// Creates all metrics and their registry.
    pub(super) fn new() -> prometheus::Result<Self> {
        let registry = Registry::new();
        let [step, errors, writes, clusters, leader] = Self::NAMES;
        let seconds =
            HistogramOpts::new(step, "Duration of each step of a reconciliation in seconds.");
        let metrics = Self {
            step_seconds: HistogramVec::new(seconds.buckets(SECONDS.to_vec()), &["step"])?,
            errors: IntCounterVec::new(
                Opts::new(errors, "Failed reconciliations, by the step that failed."),
                &["step"],
            )?,
            writes: IntCounterVec::new(
                Opts::new(writes, "Writes to the Kubernetes API, by operation."),
                &["operation"],
            )?,
            clusters: IntGaugeVec::new(
                Opts::new(clusters, "ChatClusters, by the condition Ready; hibernated ones apart."),
                &["ready"],
            )?,
            leader: IntGauge::new(leader, "1 where this replica is the leader, else 0.")?,
            registry,
        };
        metrics.registry.register(Box::new(metrics.step_seconds.clone()))?;
        metrics.registry.register(Box::new(metrics.errors.clone()))?;
        metrics.registry.register(Box::new(metrics.writes.clone()))?;
        metrics.registry.register(Box::new(metrics.clusters.clone()))?;
        metrics.registry.register(Box::new(metrics.leader.clone()))?;
        metrics.registry.register(Box::new(ProcessCollector::for_self()))?;
        // A series that begins with its first failure hides it from `rate`.
        for step in ["observe", "apply", "status"] {
            metrics.errors.with_label_values(&[step]);
        }
        for operation in ["apply", "delete", "status"] {
            metrics.writes.with_label_values(&[operation]);
        }
        for ready in Self::READY_VALUES {
            metrics.clusters.with_label_values(&[ready]);
        }
        Ok(metrics)
    }

    /// The text format that Prometheus scrapes.
    pub(super) fn render(&self) -> prometheus::Result<String> {
        let mut out = Vec::new();
        let mut families = self.registry.gather();
        for (former, name) in Self::FORMER {
            if let Some(mut copy) = families.iter().find(|family| family.name() == name).cloned() {
                copy.set_name(former.to_owned());
                families.push(copy);
            }
        }
        TextEncoder::new().encode(&families, &mut out)?;
        Ok(String::from_utf8_lossy(&out).into_owned())
    }
}
