//! Every metric of the server: name, type, labels and help in one place.
//!
//! Invariant: no label takes values from outside; each has a small fixed set of values.

mod former;

pub use former::FORMER;

use std::time::Instant;

use prometheus::{
    Encoder, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, Registry, TextEncoder,
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
metric_type!(IntGaugeVec, |name, help, labels, buckets| Self::new(Opts::new(name, help), labels));
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
                let metrics = Self { registry, $($field,)+ };
                metrics.begin_at_zero();
                Ok(metrics)
            }

            /// Names of all metrics, for tests of dashboards and alerts.
            pub const NAMES: &[&str] = &[$($name,)+];
            /// Labels of all metrics, each once for each metric that has it.
            #[cfg(test)]
            const LABELS: &[&str] = &[$($($label,)*)+];
        }
    };
}

metrics! {
    /// Threads that do the server's work: one for each processor that it may use.
    worker_threads: IntGauge = "chat_worker_threads" [] SIZES;
    /// Connected sockets.
    sockets: IntGauge = "chat_sockets" [] SIZES;
    /// Sockets opened.
    sockets_opened: IntCounter = "chat_sockets_opened_total" [] SIZES;
    /// Users who have a connected socket here.
    users_connected: IntGauge = "chat_users_connected" [] SIZES;
    /// Session look-ups of requests and sockets, by who knew it (cache, store, nobody).
    session_checks: IntCounterVec = "chat_session_checks_total" ["known_by"] SIZES;
    /// Ended sessions that this server learned of.
    sessions_ended: IntCounter = "chat_sessions_ended_total" [] SIZES;
    /// Rooms that have a connected member here.
    rooms_served: IntGauge = "chat_rooms_served" [] SIZES;
    /// Changes committed, by kind.
    changes: IntCounterVec = "chat_changes_total" ["kind"] SIZES;
    /// Changes refused, by code.
    changes_refused: IntCounterVec = "chat_changes_refused_total" ["code"] SIZES;
    /// Seconds from a change's arrival to its acknowledgement.
    ack_seconds: Histogram = "chat_ack_duration_seconds" [] SECONDS;
    /// Changes in one transaction.
    commit_batch_size: Histogram = "chat_commit_batch_size" [] SIZES;
    /// Seconds of one transaction.
    commit_seconds: Histogram = "chat_commit_duration_seconds" [] SECONDS;
    /// Transactions that failed and were tried again or given up, by outcome.
    commit_failures: IntCounterVec = "chat_commit_failures_total" ["outcome"] SIZES;
    /// Batches decided on remembered heads, by outcome (held: committed at once; other: a room had changed, so decided again).
    commit_optimistic: IntCounterVec = "chat_commit_optimistic_total" ["outcome"] SIZES;
    /// Changes waiting for a transaction.
    commit_queue: IntGauge = "chat_commit_queue" [] SIZES;
    /// Seconds from the commit on one server to the delivery on another.
    publish_to_deliver_seconds: Histogram = "chat_publish_to_deliver_seconds" [] SECONDS;
    /// Commands of sockets waiting for their turn.
    command_queue: IntGauge = "chat_command_queue" [] SIZES;
    /// Changes waiting to be delivered to sockets, in all rooms, at the last heartbeat.
    delivery_queue: IntGauge = "chat_delivery_queue" [] SIZES;
    /// Messages handed to sockets.
    deliveries: IntCounter = "chat_deliveries_total" [] SIZES;
    /// Gaps in a room's stream that were fetched from MySQL, by how they were noticed.
    gaps: IntCounterVec = "chat_gaps_fetched_total" ["noticed_by"] SIZES;
    /// Notifications between servers, by outcome.
    bus: IntCounterVec = "chat_bus_messages_total" ["outcome"] SIZES;
    /// Notifications waiting to be published.
    bus_queue: IntGauge = "chat_bus_queue" [] SIZES;
    /// Seconds that a notification waited to be published.
    bus_lag_seconds: Histogram = "chat_bus_lag_seconds" [] SECONDS;
    /// Received notifications waiting to be processed.
    bus_received_queue: IntGauge = "chat_bus_received_queue" [] SIZES;
    /// Whether MySQL answers: 1 or 0.
    mysql_connected: IntGauge = "chat_mysql_connected" [] SIZES;
    /// Whether Redis is connected: 1 or 0.
    redis_connected: IntGauge = "chat_redis_connected" [] SIZES;
    /// Whether pictures can be stored and fetched: 1 or 0.
    uploads_connected: IntGauge = "chat_uploads_connected" [] SIZES;
    /// Pictures that could not be stored, fetched or deleted, by which of these.
    upload_failures: IntCounterVec = "chat_upload_failures_total" ["operation"] SIZES;
    /// Sockets asked to sync because their send queue was full.
    resyncs: IntCounter = "chat_resyncs_total" [] SIZES;
    /// Sockets closed by the server, by reason.
    sockets_closed: IntCounterVec = "chat_sockets_closed_total" ["reason"] SIZES;
    /// Socket commands, by name and outcome.
    commands: IntCounterVec = "chat_commands_total" ["command", "outcome"] SIZES;
    /// HTTP requests, by route and status class.
    http_seconds: HistogramVec = "chat_http_request_duration_seconds" ["route", "status"] SECONDS;
    /// Look-ups in the cache, by class and outcome (near, hit, miss, stale, away).
    cache_lookups: IntCounterVec = "chat_cache_lookups_total" ["class", "outcome"] SIZES;
    /// Changes to the cache, by class and operation (write, delete, expire, left out).
    cache_writes: IntCounterVec = "chat_cache_writes_total" ["class", "operation"] SIZES;
    /// Changes waiting to be written to the cache.
    cache_queue: IntGauge = "chat_cache_queue" [] SIZES;
    /// Seconds of one run of a periodic task, by task.
    task_seconds: HistogramVec = "chat_task_duration_seconds" ["task"] SECONDS;
    /// Failed runs of periodic tasks, which are tried again at the next interval, by task.
    task_failures: IntCounterVec = "chat_task_failures_total" ["task"] SIZES;
    /// Sign-ins, by outcome.
    sign_ins: IntCounterVec = "chat_sign_ins_total" ["outcome"] SIZES;
    /// Requests refused by a rate limit, by limit.
    rate_limited: IntCounterVec = "chat_requests_rate_limited_total" ["limit"] SIZES;
    /// Requests forwarded to the server that owns the polling session, by outcome.
    forwarded: IntCounterVec = "chat_requests_forwarded_total" ["outcome"] SIZES;
    /// Handshakes of clients, by outcome (done, failed, plain http, timed out, crowded out).
    tls_handshakes: IntCounterVec = "chat_tls_handshakes_total" ["outcome"] SIZES;
    /// Handshakes of clients under way.
    tls_handshakes_open: IntGauge = "chat_tls_handshakes_open" [] SIZES;
    /// Expiry of the certificate, in seconds since 1970; absent where the server has none.
    tls_certificate_expires: IntGaugeVec = "chat_tls_certificate_expiry_timestamp_seconds" [] SIZES;
}

/// The classes of the cache.
const CLASSES: &[&str] = &["message", "conversation", "window"];
/// Periodic tasks of a server.
const TASKS: &[&str] = &[
    "watch_uploads",
    "watch_sessions",
    "watch_sockets",
    "watch_certificate",
    "forget_limits",
    "forget_sessions",
    "purge_messages",
    "clean_cache",
    "write_soft_state",
    "tell_presence",
];

impl Metrics {
    /// A series that begins with its first failure hides it: the counter never increased.
    fn begin_at_zero(&self) {
        let zero = |counter: &IntCounterVec, values: &[&str]| {
            for value in values {
                counter.with_label_values(&[value]);
            }
        };
        zero(&self.changes, &["post", "edit", "delete", "react", "join", "leave"]);
        zero(&self.changes_refused, &["unavailable", "forbidden", "invalid", "conflict"]);
        zero(&self.commit_failures, &["retried", "given_up"]);
        zero(&self.commit_optimistic, &["held", "other"]);
        zero(&self.gaps, &["order", "heartbeat", "full_queue"]);
        zero(&self.bus, &["published", "not_published", "heard", "unreadable"]);
        let reasons = ["too_slow", "too_many_commands", "signed_out", "unavailable"];
        zero(&self.sockets_closed, &reasons);
        zero(&self.session_checks, &["cache", "store", "nobody"]);
        zero(&self.sign_ins, &["ok", "wrong", "limited", "failed"]);
        zero(&self.rate_limited, &["send", "draft", "sign_up", "password"]);
        zero(&self.forwarded, &["passed_on", "owner_gone"]);
        let outcomes = ["done", "failed", "plain_http", "timed_out", "crowded_out"];
        zero(&self.tls_handshakes, &outcomes);
        zero(&self.upload_failures, &["store", "fetch", "delete"]);
        zero(&self.task_failures, TASKS);
        for class in CLASSES {
            for outcome in ["near", "hit", "miss", "stale", "away"] {
                self.cache_lookups.with_label_values(&[class, outcome]);
            }
            for operation in ["write", "delete", "expire"] {
                self.cache_writes.with_label_values(&[class, operation]);
            }
        }
        self.cache_writes.with_label_values(&["window", "left_out"]);
    }

    /// A run of a periodic task is over.
    pub fn task_done(&self, task: &str, began: Instant, well: bool) {
        self.task_seconds.with_label_values(&[task]).observe(began.elapsed().as_secs_f64());
        if !well {
            self.task_failures.with_label_values(&[task]).inc();
        }
    }

    /// The text that Prometheus reads.
    pub fn render(&self) -> prometheus::Result<String> {
        let mut out = Vec::new();
        let mut families = self.registry.gather();
        former::publish(&mut families);
        TextEncoder::new().encode(&families, &mut out)?;
        Ok(String::from_utf8_lossy(&out).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::Metrics;

    /// Prometheus renames a label of ours that it sets itself to `exported_...`: a panel by that
    /// label then shows the target.
    #[test]
    fn no_label_is_one_of_the_target() {
        let of_the_target =
            ["job", "instance", "namespace", "pod", "container", "service", "endpoint"];
        for label in Metrics::LABELS {
            assert!(!of_the_target.contains(label), "{label}");
        }
    }
}
