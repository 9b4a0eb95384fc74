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

/// All metrics of one operator.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    /// Seconds of each step.
    pub step_seconds: HistogramVec,
    /// Failures, by the step that failed.
    pub errors: IntCounterVec,
    /// Objects written, by what was done with them.
    pub writes: IntCounterVec,
    /// `ChatCluster`s, by how they stand.
    pub clusters: IntGaugeVec,
    /// Does this operator hold the Lease.
    pub leader: IntGauge,
}

impl Metrics {
    /// Names of all metrics, for tests of dashboards and alerts.
    pub const NAMES: [&str; 5] = [
        "chat_operator_step_seconds",
        "chat_operator_errors_total",
        "chat_operator_writes_total",
        "chat_operator_clusters",
        "chat_operator_leader",
    ];

    /// How a `ChatCluster` may stand.
    pub const STANDS: [&str; 3] = ["true", "false", "hibernated"];

    /// Makes all of them and the registry that holds them.
    pub fn new() -> prometheus::Result<Self> {
        let registry = Registry::new();
        let [step, errors, writes, clusters, leader] = Self::NAMES;
        let seconds =
            HistogramOpts::new(step, "Seconds of each step of looking after a ChatCluster.");
        let metrics = Self {
            step_seconds: HistogramVec::new(seconds.buckets(SECONDS.to_vec()), &["step"])?,
            errors: IntCounterVec::new(
                Opts::new(errors, "Failures, by the step that failed."),
                &["step"],
            )?,
            writes: IntCounterVec::new(
                Opts::new(writes, "Objects written, by what was done with them."),
                &["operation"],
            )?,
            clusters: IntGaugeVec::new(
                Opts::new(clusters, "ChatClusters, by the condition Ready; those asleep apart."),
                &["ready"],
            )?,
            leader: IntGauge::new(leader, "Does this operator hold the Lease: 1 or 0.")?,
            registry,
        };
        metrics.registry.register(Box::new(metrics.step_seconds.clone()))?;
        metrics.registry.register(Box::new(metrics.errors.clone()))?;
        metrics.registry.register(Box::new(metrics.writes.clone()))?;
        metrics.registry.register(Box::new(metrics.clusters.clone()))?;
        metrics.registry.register(Box::new(metrics.leader.clone()))?;
        metrics.registry.register(Box::new(ProcessCollector::for_self()))?;
        // A series that begins with its first failure does not show it: nothing went up.
        for step in ["observe", "credentials", "apply", "status"] {
            metrics.errors.with_label_values(&[step]);
        }
        for operation in ["apply", "delete", "status"] {
            metrics.writes.with_label_values(&[operation]);
        }
        for ready in Self::STANDS {
            metrics.clusters.with_label_values(&[ready]);
        }
        Ok(metrics)
    }

    /// The text that Prometheus reads.
    pub fn render(&self) -> prometheus::Result<String> {
        let mut out = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut out)?;
        Ok(String::from_utf8_lossy(&out).into_owned())
    }
}
