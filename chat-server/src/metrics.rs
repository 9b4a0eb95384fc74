//! Every metric of the server: name, type, labels and help in one place.
//!
//! Invariant: no label takes values from outside; each has a handful of them.

use prometheus::{
    Encoder, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts,
    Registry, TextEncoder,
};

/// Buckets in seconds from a tenth of a millisecond to ten seconds.
const SECONDS: &[f64] = &[
    0.0001, 0.00025, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0,
    2.5, 10.0,
];
/// Buckets for counts of things done at once.
const SIZES: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0];

/// A type of metric: how it is made from its name and help.
trait Metric: Sized {
    fn make(name: &str, help: &str, labels: &[&str], buckets: &[f64]) -> prometheus::Result<Self>;
    fn register(&self, registry: &Registry) -> prometheus::Result<()>;
}

macro_rules! metric_type {
    ($type:ty, |$name:ident, $help:ident, $labels:ident, $buckets:ident| $make:expr) => {
        impl Metric for $type {
            fn make(
                $name: &str,
                $help: &str,
                $labels: &[&str],
                $buckets: &[f64],
            ) -> prometheus::Result<Self> {
                let _ = ($labels, $buckets);
                $make
            }
            fn register(&self, registry: &Registry) -> prometheus::Result<()> {
                registry.register(Box::new(self.clone()))
            }
        }
    };
}

metric_type!(IntCounter, |name, help, labels, buckets| Self::new(name, help));
metric_type!(IntGauge, |name, help, labels, buckets| Self::new(name, help));
metric_type!(IntCounterVec, |name, help, labels, buckets| Self::new(Opts::new(name, help), labels));
metric_type!(Histogram, |name, help, labels, buckets| Self::with_opts(
    HistogramOpts::new(name, help).buckets(buckets.to_vec())
));
metric_type!(HistogramVec, |name, help, labels, buckets| Self::new(
    HistogramOpts::new(name, help).buckets(buckets.to_vec()),
    labels
));

macro_rules! metrics {
    ($(#[doc = $help:literal] $field:ident: $type:ty = $name:literal [$($label:literal),*] $buckets:expr;)+) => {
        /// All metrics of one server.
        #[derive(Clone)]
        pub struct Metrics {
            registry: Registry,
            $(#[doc = $help] pub $field: $type,)+
        }

        impl Metrics {
            /// Makes all of them and the registry that holds them.
            pub fn new() -> prometheus::Result<Self> {
                let registry = Registry::new();
                $(let $field = {
                    let metric = <$type as Metric>::make($name, $help.trim(), &[$($label),*], $buckets)?;
                    Metric::register(&metric, &registry)?;
                    metric
                };)+
                registry.register(Box::new(prometheus::process_collector::ProcessCollector::for_self()))?;
                Ok(Self { registry, $($field,)+ })
            }

            /// Names of all metrics, for tests of dashboards and alerts.
            pub const NAMES: &[&str] = &[$($name,)+];
        }
    };
}

metrics! {
    /// Connected sockets.
    sockets: IntGauge = "chat_sockets" [] SIZES;
    /// Rooms that have a connected member here.
    rooms_served: IntGauge = "chat_rooms_served" [] SIZES;
    /// Changes committed, by kind.
    changes: IntCounterVec = "chat_changes_total" ["kind"] SIZES;
    /// Changes refused, by code.
    changes_refused: IntCounterVec = "chat_changes_refused_total" ["code"] SIZES;
    /// Seconds from a change's arrival to its acknowledgement.
    ack_seconds: Histogram = "chat_ack_seconds" [] SECONDS;
    /// Changes in one transaction.
    commit_batch_size: Histogram = "chat_commit_batch_size" [] SIZES;
    /// Seconds of one transaction.
    commit_seconds: Histogram = "chat_commit_seconds" [] SECONDS;
    /// Transactions that failed and were tried again or given up, by outcome.
    commit_failures: IntCounterVec = "chat_commit_failures_total" ["outcome"] SIZES;
    /// Batches decided before asking the store; `other`: a room had changed, so decided again.
    commit_recalls: IntCounterVec = "chat_commit_recalls_total" ["outcome"] SIZES;
    /// Changes waiting for a transaction.
    commit_queue: IntGauge = "chat_commit_queue" [] SIZES;
    /// Seconds from the commit on one server to the delivery on another.
    publish_to_deliver_seconds: Histogram = "chat_publish_to_deliver_seconds" [] SECONDS;
    /// Messages handed to sockets.
    deliveries: IntCounter = "chat_deliveries_total" [] SIZES;
    /// Holes in a room's stream that were fetched from the store, by how they were noticed.
    holes: IntCounterVec = "chat_holes_fetched_total" ["noticed_by"] SIZES;
    /// Hints between servers, by what became of them.
    bus: IntCounterVec = "chat_bus_messages_total" ["outcome"] SIZES;
    /// Hints waiting to be published.
    bus_queue: IntGauge = "chat_bus_queue" [] SIZES;
    /// Is Redis connected: 1 or 0.
    redis_connected: IntGauge = "chat_redis_connected" [] SIZES;
    /// Sockets told to sync because their queue was full.
    resyncs: IntCounter = "chat_resyncs_total" [] SIZES;
    /// Sockets closed by the server, by reason.
    sockets_closed: IntCounterVec = "chat_sockets_closed_total" ["reason"] SIZES;
    /// Socket commands, by name and outcome.
    commands: IntCounterVec = "chat_commands_total" ["command", "outcome"] SIZES;
    /// HTTP requests, by route and status class.
    http_seconds: HistogramVec = "chat_http_request_seconds" ["route", "status"] SECONDS;
    /// Look-ups in the cache, by class and outcome (hit, miss, stale, away).
    cache_lookups: IntCounterVec = "chat_cache_lookups_total" ["class", "outcome"] SIZES;
    /// Changes to the cache, by class and operation (write, delete, expire).
    cache_writes: IntCounterVec = "chat_cache_writes_total" ["class", "operation"] SIZES;
    /// Sign-ins, by outcome.
    sign_ins: IntCounterVec = "chat_sign_ins_total" ["outcome"] SIZES;
    /// Requests refused by a rate limit, by limit.
    rate_limited: IntCounterVec = "chat_rate_limited_total" ["limit"] SIZES;
    /// Requests passed on to the server that owns the session.
    forwarded: IntCounterVec = "chat_forwarded_total" ["outcome"] SIZES;
}

impl Metrics {
    /// The text that Prometheus reads.
    pub fn render(&self) -> prometheus::Result<String> {
        let mut out = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut out)?;
        Ok(String::from_utf8_lossy(&out).into_owned())
    }
}
