//! Names that metrics had in 0.1. Each is published beside the new one until 0.3, so that
//! dashboards and alerts of before keep working.

use prometheus::proto::MetricFamily;

/// The former name, the name, and the former name of its label where that changed.
pub const FORMER: &[(&str, &str, Option<&str>)] = &[
    ("chat_people", "chat_users_connected", None),
    ("chat_holes_fetched_total", "chat_gaps_fetched_total", None),
    ("chat_store_connected", "chat_mysql_connected", None),
    ("chat_bus_heard_queue", "chat_bus_received_queue", None),
    ("chat_commit_recalls_total", "chat_commit_optimistic_total", None),
    ("chat_ack_seconds", "chat_ack_duration_seconds", None),
    ("chat_commit_seconds", "chat_commit_duration_seconds", None),
    ("chat_http_request_seconds", "chat_http_request_duration_seconds", None),
    ("chat_forwarded_total", "chat_requests_forwarded_total", None),
    ("chat_rate_limited_total", "chat_requests_rate_limited_total", None),
    ("chat_job_seconds", "chat_task_duration_seconds", Some("job")),
    ("chat_job_failures_total", "chat_task_failures_total", Some("job")),
    ("chat_tls_certificate_expires_seconds", "chat_tls_certificate_expiry_timestamp_seconds", None),
];

/// Adds the former names.
pub(super) fn publish(families: &mut Vec<MetricFamily>) {
    let copies: Vec<MetricFamily> = FORMER
        .iter()
        .filter_map(|(former, name, label)| {
            let mut copy = families.iter().find(|family| family.name() == *name)?.clone();
            copy.set_name((*former).to_owned());
            copy.set_help(format!("Former name of {name}."));
            if let Some(label) = label {
                for metric in copy.mut_metric() {
                    for pair in metric.mut_label() {
                        pair.set_name((*label).to_owned());
                    }
                }
            }
            Some(copy)
        })
        .collect();
    families.extend(copies);
}

#[cfg(test)]
mod tests {
    use super::FORMER;
    use crate::metrics::Metrics;

    #[test]
    fn each_former_name_shows_what_the_new_one_does() {
        let metrics = Metrics::new().unwrap();
        metrics.task_done("purge_messages", std::time::Instant::now(), false);
        metrics.http_seconds.with_label_values(&["/", "2xx"]).observe(0.1);
        metrics.tls_certificate_expires.with_label_values::<&str>(&[]).set(7);
        let text = metrics.render().unwrap();
        let values = |name: &str| {
            let lines = text.lines().filter_map(|line| line.strip_prefix(name));
            let mut lines: Vec<_> = lines
                .filter(|rest| rest.starts_with([' ', '{', '_']))
                .map(|rest| rest.replace("task=", "job="))
                .collect();
            lines.sort_unstable();
            lines
        };
        for (former, name, _) in FORMER {
            assert!(!values(name).is_empty(), "{name}");
            assert_eq!(values(former), values(name), "{former}");
        }
    }
}
