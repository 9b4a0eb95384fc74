//! The servers' settings, as environment variables.

use std::collections::BTreeMap;

use chat_contract::{
    config::{ServerConfig, former_name, tls},
    ops,
};

use super::{AUTHORITIES_DIR, REDIS_CA, Rejection, S3_CA, TLS_DIR, TLS_KEYS};
use crate::crd::{ChatClusterSpec, LogFormat, S3, Uploads};

type Variables = BTreeMap<&'static str, String>;

/// The environment variables that the spec sets, without the secret ones; all others keep the
/// server's own default.
pub(super) fn config(
    spec: &ChatClusterSpec,
    secrets: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Rejection> {
    let mut variables = fixed(spec);
    variables.extend(limits(spec));
    variables.extend(optional(spec));
    variables.extend(uploads(spec));
    if secrets.contains_key(REDIS_CA) {
        variables.insert("CHAT_REDIS_CA", format!("{AUTHORITIES_DIR}/{REDIS_CA}"));
    }
    // Uses the server's own validation of its settings.
    let read = |name: &str| variables.get(name).or_else(|| secrets.get(name)).cloned();
    let config = ServerConfig::from_vars(&read).map_err(|problems| {
        let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
        Rejection::Settings(problems.join("; "))
    })?;
    let vars = config.to_vars().into_iter();
    let public = vars.filter(|(name, value)| {
        variables.contains_key(name) && !ServerConfig::SECRETS.contains(name) && !value.is_empty()
    });
    // Servers of the previous version know only the former names.
    let with_former = public.flat_map(|(name, value)| {
        let former = former_name(name).map(|former| (former.to_owned(), value.clone()));
        [Some((name.to_owned(), value)), former].into_iter().flatten()
    });
    Ok(with_former.collect())
}

/// Variables that every server gets.
fn fixed(spec: &ChatClusterSpec) -> Variables {
    let (cache, session) = (&spec.cache, &spec.session);
    let format = match spec.logging.format {
        LogFormat::Json => "json",
        LogFormat::Text => "text",
    };
    [
        ("CHAT_HTTP_LISTEN", format!("0.0.0.0:{}", ops::HTTP_PORT)),
        ("CHAT_OPS_LISTEN", format!("0.0.0.0:{}", ops::OPS_PORT)),
        ("CHAT_MYSQL_CONNECTIONS", spec.mysql.connections.to_string()),
        ("CHAT_PUBLIC_ORIGINS", spec.http.public_origins.join(",")),
        ("CHAT_TRUSTED_PROXIES", spec.http.trusted_proxies.join(",")),
        ("CHAT_CACHE_MESSAGE_TTL", cache.message_ttl.clone()),
        ("CHAT_CACHE_WINDOW_TTL", cache.window_ttl.clone()),
        ("CHAT_CACHE_WINDOW_MESSAGES", cache.window_messages.to_string()),
        ("CHAT_CACHE_WORKER_INTERVAL", cache.worker_interval.clone()),
        ("CHAT_SESSION_TTL", session.ttl.clone()),
        ("CHAT_SESSION_CACHE_TTL", session.cache_ttl.clone()),
        ("CHAT_DRAIN_TIMEOUT", format!("{}s", spec.drain.grace_seconds)),
        ("CHAT_DRAIN_SOCKETS_PER_SECOND", spec.drain.per_second.to_string()),
        ("CHAT_LOG", spec.logging.filter.clone()),
        ("CHAT_LOG_FORMAT", format.to_owned()),
    ]
    .into()
}

/// Rate limits and tuning, which every server gets too.
fn limits(spec: &ChatClusterSpec) -> Variables {
    let (limits, tuning) = (&spec.limits, &spec.tuning);
    [
        ("CHAT_UPLOAD_BYTES_MAX", limits.upload_bytes_max.to_string()),
        ("CHAT_LIMIT_SIGN_UPS_PER_MINUTE", limits.sign_ups_per_minute.to_string()),
        ("CHAT_LIMIT_SIGN_INS_PER_MINUTE", limits.sign_ins_per_minute.to_string()),
        ("CHAT_LIMIT_SENDS_PER_SECOND", limits.sends_per_second.to_string()),
        ("CHAT_LIMIT_SENDS_BURST", limits.sends_burst.to_string()),
        ("CHAT_HEARTBEAT_INTERVAL", tuning.heartbeat.clone()),
        ("CHAT_COMMIT_BATCH", tuning.commit_batch.to_string()),
        ("CHAT_COMMIT_LANES", tuning.commit_lanes.to_string()),
        ("CHAT_SOCKET_SEND_QUEUE", tuning.socket_queue.to_string()),
        ("CHAT_SOCKET_COMMAND_QUEUE", tuning.socket_commands.to_string()),
    ]
    .into()
}

/// Variables of the sections that a spec may lack.
fn optional(spec: &ChatClusterSpec) -> Variables {
    let mut variables = Variables::new();
    if let Some(retention) = &spec.retention {
        variables.insert("CHAT_RETENTION", retention.clone());
    }
    if let Some(otlp) = &spec.observability.otlp {
        variables.insert("CHAT_OTLP_ENDPOINT", otlp.endpoint.clone());
        variables.insert("CHAT_TRACE_ONE_IN", otlp.one_in.to_string());
    }
    if spec.tls.is_some() {
        variables.insert(tls::CERTIFICATE, format!("{TLS_DIR}/{}", TLS_KEYS[0]));
        variables.insert(tls::KEY, format!("{TLS_DIR}/{}", TLS_KEYS[1]));
    }
    variables
}

/// Where uploaded pictures are stored.
fn uploads(spec: &ChatClusterSpec) -> Variables {
    match &spec.uploads {
        None => [("CHAT_UPLOADS_URL", "database".to_owned())].into(),
        Some(Uploads { s3: Some(s3), .. }) => bucket(s3),
        Some(_) => [("CHAT_UPLOADS_DIR", ops::UPLOADS_DIR.to_owned())].into(),
    }
}

fn bucket(s3: &S3) -> Variables {
    let prefix = s3.prefix.as_ref().map(|prefix| format!("/{prefix}")).unwrap_or_default();
    let mut variables: Variables =
        [("CHAT_UPLOADS_URL", format!("s3://{}{prefix}", s3.bucket))].into();
    variables.extend(s3.endpoint.iter().map(|url| ("CHAT_S3_ENDPOINT", url.clone())));
    variables.extend(s3.region.iter().map(|region| ("CHAT_S3_REGION", region.clone())));
    variables.extend(s3.path_style.iter().map(|path| ("CHAT_S3_PATH_STYLE", path.to_string())));
    variables.extend(
        s3.ca_secret_ref.iter().map(|_| ("CHAT_S3_CA", format!("{AUTHORITIES_DIR}/{S3_CA}"))),
    );
    variables
}
