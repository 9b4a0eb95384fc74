//! The variables of the chat server.

use std::{fmt, net::SocketAddr, time::Duration};

use super::{Network, Problem, Uploads, Vars, format_duration, tls, uploads};

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::Json { "json" } else { "text" })
    }
}

impl std::str::FromStr for LogFormat {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(()),
        }
    }
}

macro_rules! config {
    ($($(#[doc = $doc:literal])+ $field:ident: $type:ty = $name:expr, $read:expr, $write:expr;)+) => {
        /// Everything that one server process is told.
        #[derive(Clone, PartialEq, Eq)]
        pub struct ServerConfig {
            $($(#[doc = $doc])+ pub $field: $type,)+
        }

        impl ServerConfig {
            /// Reads all variables; on failure, everything that is wrong.
            pub fn from_vars(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, Vec<Problem>> {
                let mut vars = Vars::new(lookup);
                let config = Self { $($field: {
                    let read: fn(&mut Vars<'_>, &str) -> $type = $read;
                    read(&mut vars, $name)
                },)+ };
                if vars.problems.is_empty() { Ok(config) } else { Err(vars.problems) }
            }

            /// The variables that make this configuration.
            #[must_use]
            pub fn to_vars(&self) -> Vec<(&'static str, String)> {
                vec![$(($name, {
                    let write: fn(&$type) -> String = $write;
                    write(&self.$field)
                }),)+]
            }

            /// Names of the variables that hold secrets.
            pub const SECRETS: &[&str] = &[
                "CHAT_MYSQL_URL",
                "CHAT_REDIS_URL",
                "CHAT_S3_ACCESS_KEY_ID",
                "CHAT_S3_SECRET_ACCESS_KEY",
            ];

            /// Name and meaning of each variable.
            pub const VARS: &[(&str, &str)] = &[$(($name, concat!($($doc,)+)),)+];
        }
    };
}

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const DAY: u64 = 86_400;

config! {
    /// Address of the API, the page and the sockets.
    http_listen: SocketAddr = "CHAT_HTTP_LISTEN",
        |v, n| v.parsed(n, SocketAddr::from(([127, 0, 0, 1], 3000)), "an address with a port"), ToString::to_string;
    /// Address of probes and metrics.
    ops_listen: SocketAddr = "CHAT_OPS_LISTEN",
        |v, n| v.parsed(n, SocketAddr::from(([127, 0, 0, 1], 9090)), "an address with a port"), ToString::to_string;
    /// File with the server's certificate, and those between it and its authority (PEM). With it and
    /// its key the API, the page and the sockets are served over HTTPS, and nothing else there.
    tls_cert: String = tls::CERTIFICATE, tls::certificate, Clone::clone;
    /// File with the certificate's private key (PEM, without a passphrase).
    tls_key: String = tls::KEY, tls::key, Clone::clone;
    /// File with the authority (PEM) of the other replicas' certificates; empty: `ca.crt` beside the
    /// certificate where there is one, else the authorities that the machine trusts.
    tls_ca: String = tls::AUTHORITY, tls::authority, Clone::clone;
    /// The store: `mysql://user:password@host:port/database`. A secret.
    mysql_url: String = "CHAT_MYSQL_URL", mysql_url, Clone::clone;
    /// Connections to the store, at most.
    mysql_connections: u64 = "CHAT_MYSQL_CONNECTIONS", |v, n| v.number(n, 16, 4, 1_000), ToString::to_string;
    /// Redis 7 or newer: `redis://[user:password@]host:port[/db]`; `redis-cluster://` for a
    /// cluster, `redis-sentinel://…?sentinelServiceName=…` for Sentinels; `rediss` for TLS. A secret.
    /// Without it, `REDIS_HOST`, `REDIS_PORT` and `REDIS_PASSWORD` are read.
    redis_url: String = "CHAT_REDIS_URL", redis_url, Clone::clone;
    /// File with the certificate (PEM) of the authority that Redis' certificates come from; empty:
    /// the authorities that the machine trusts, else the public ones.
    redis_ca: String = "CHAT_REDIS_CA", redis_ca, Clone::clone;
    /// URL at which the other replicas reach this one; empty: the address it listens on.
    replica_url: String = "CHAT_REPLICA_URL", tls::replica_url, Clone::clone;
    /// Folder of the built page; empty: no page.
    page_dir: String = "CHAT_PAGE_DIR", |v, n| v.text(n).unwrap_or_default(), Clone::clone;
    /// Where uploaded files are kept: `s3://bucket` or `s3://bucket/prefix`; `database`: in the
    /// store, for sites with few pictures; empty: the folder below.
    uploads: Uploads = "CHAT_UPLOADS_URL", uploads::uploads, ToString::to_string;
    /// URL of an S3 that is not that of AWS, such as `https://minio.example:9000`.
    s3_endpoint: String = "CHAT_S3_ENDPOINT", uploads::endpoint, Clone::clone;
    /// Region of the bucket; empty: `AWS_REGION`, else `us-east-1`.
    s3_region: String = "CHAT_S3_REGION", |v, n| v.text(n).unwrap_or_default(), Clone::clone;
    /// The bucket's name stands in the path of a URL, not in the name of the host. `true` where an
    /// endpoint is set, `false` for AWS.
    s3_path_style: bool = "CHAT_S3_PATH_STYLE", uploads::path_style, ToString::to_string;
    /// Access key of the bucket. Without it, credentials are found as AWS's own programs find them:
    /// variables `AWS_...`, a web identity (IRSA), the pod or the machine. A secret.
    s3_access_key_id: String = "CHAT_S3_ACCESS_KEY_ID", uploads::key_id, Clone::clone;
    /// The secret of that key. A secret.
    s3_secret_access_key: String = "CHAT_S3_SECRET_ACCESS_KEY", uploads::secret_key, Clone::clone;
    /// PEM file of the authority that signed the endpoint's certificate, where it is no public one.
    s3_ca: String = "CHAT_S3_CA", |v, n| v.text(n).unwrap_or_default(), Clone::clone;
    /// Folder of uploaded files, shared by all replicas.
    uploads_dir: String = "CHAT_UPLOADS_DIR", |v, n| v.text(n).unwrap_or_else(|| "uploads".to_owned()), Clone::clone;
    /// Bytes of one uploaded file, at most.
    upload_bytes_max: u64 = "CHAT_UPLOAD_BYTES_MAX", |v, n| v.number(n, 10_000_000, 1_000, 100_000_000), ToString::to_string;
    /// Origins besides our own whose pages may use the API, separated by commas.
    public_origins: Vec<String> = "CHAT_PUBLIC_ORIGINS", origins, |list| list.join(",");
    /// Addresses or networks (`10.0.0.0/8`) of proxies whose `X-Forwarded-For` and
    /// `X-Forwarded-Proto` count, separated by commas.
    trusted_proxies: Vec<Network> = "CHAT_TRUSTED_PROXIES", proxies,
        |list| list.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    /// Collector of traces, for example `http://collector:4317` (OTLP over gRPC); empty: no traces.
    otlp_endpoint: String = "CHAT_OTLP_ENDPOINT", otlp_endpoint, Clone::clone;
    /// One request or command in so many is traced; 0: only requests that a trusted proxy traces.
    trace_one_in: u64 = "CHAT_TRACE_ONE_IN", |v, n| v.number(n, 100, 0, 1_000_000), ToString::to_string;
    /// How long a single message or a direct conversation stays in the cache.
    cache_message_ttl: Duration = "CHAT_CACHE_MESSAGE_TTL", |v, n| v.duration(n, s(5), s(1), s(DAY)), |d| format_duration(*d);
    /// How long the recent window of a room stays in the cache.
    cache_window_ttl: Duration = "CHAT_CACHE_WINDOW_TTL", |v, n| v.duration(n, s(60), s(1), s(DAY)), |d| format_duration(*d);
    /// Messages in the recent window of a room.
    cache_window_messages: u64 = "CHAT_CACHE_WINDOW_MESSAGES", |v, n| v.number(n, 100, 10, 1_000), ToString::to_string;
    /// How often the cache's own worker looks for expired entries.
    cache_worker_interval: Duration = "CHAT_CACHE_WORKER_INTERVAL",
        |v, n| v.duration(n, s(1), Duration::from_millis(100), s(3600)), |d| format_duration(*d);
    /// How long a session lasts without use.
    session_ttl: Duration = "CHAT_SESSION_TTL", |v, n| v.duration(n, s(30 * DAY), s(10), s(365 * DAY)), |d| format_duration(*d);
    /// How long a session is believed from the cache before the store is asked again.
    session_cache_ttl: Duration = "CHAT_SESSION_CACHE_TTL", |v, n| v.duration(n, s(60), s(1), s(3600)), |d| format_duration(*d);
    /// Sign-ups from one address in a minute; 0 is no limit.
    limit_sign_ups_per_minute: u64 = "CHAT_LIMIT_SIGN_UPS_PER_MINUTE", |v, n| v.number(n, 10, 0, 1_000_000), ToString::to_string;
    /// Attempts to sign in, for one address and for one name, in a minute; 0 is no limit.
    limit_sign_ins_per_minute: u64 = "CHAT_LIMIT_SIGN_INS_PER_MINUTE", |v, n| v.number(n, 10, 0, 1_000_000), ToString::to_string;
    /// Messages of one person in a second, on each server; 0 is no limit.
    limit_sends_per_second: u64 = "CHAT_LIMIT_SENDS_PER_SECOND", |v, n| v.number(n, 20, 0, 1_000_000), ToString::to_string;
    /// Messages that one person may send at once before that limit holds.
    limit_sends_burst: u64 = "CHAT_LIMIT_SENDS_BURST", |v, n| v.number(n, 100, 1, 1_000_000), ToString::to_string;
    /// How long messages are kept, such as `365d`; 0: for ever. Older ones are purged, with their
    /// pictures.
    retention: Duration = "CHAT_RETENTION", retention, |d| format_duration(*d);
    /// How often the heads of the rooms served here are compared with the store.
    heartbeat: Duration = "CHAT_HEARTBEAT", |v, n| v.duration(n, s(2), Duration::from_millis(100), s(60)), |d| format_duration(*d);
    /// Changes in one transaction, at most.
    commit_batch: u64 = "CHAT_COMMIT_BATCH", |v, n| v.number(n, 256, 1, 1_024), ToString::to_string;
    /// Transactions under way at once.
    commit_lanes: u64 = "CHAT_COMMIT_LANES", |v, n| v.number(n, 2, 1, 32), ToString::to_string;
    /// Packets that may wait for one slow socket.
    socket_queue: u64 = "CHAT_SOCKET_QUEUE", |v, n| v.number(n, 256, 16, 65_536), ToString::to_string;
    /// Commands of one socket that may wait for their turn.
    socket_commands: u64 = "CHAT_SOCKET_COMMANDS", |v, n| v.number(n, 256, 8, 65_536), ToString::to_string;
    /// How long a shutdown may take.
    drain: Duration = "CHAT_DRAIN_SECONDS", |v, n| v.duration(n, s(10), s(0), s(3600)), |d| format_duration(*d);
    /// Sockets told to move in a second while the server ends; 0: all within two seconds.
    drain_per_second: u64 = "CHAT_DRAIN_PER_SECOND", |v, n| v.number(n, 0, 0, 100_000), ToString::to_string;
    /// How long a starting server or a migration waits for its store.
    store_patience: Duration = "CHAT_STORE_PATIENCE", |v, n| v.duration(n, s(30), s(0), s(3600)), |d| format_duration(*d);
    /// What is logged, as `tracing` filters say it.
    log: String = "CHAT_LOG", |v, n| v.text(n).unwrap_or_else(|| "info".to_owned()), Clone::clone;
    /// How log lines look: `text` or `json`.
    log_format: LogFormat = "CHAT_LOG_FORMAT", |v, n| v.parsed(n, LogFormat::Text, "text or json"), ToString::to_string;
}

fn mysql_url(vars: &mut Vars<'_>, name: &str) -> String {
    let url = vars.text(name).unwrap_or_default();
    if url.is_empty() {
        vars.wrong(name, "is needed: mysql://user:password@host:port/database");
    } else if !url.starts_with("mysql://") && !url.starts_with("mariadb://") {
        vars.wrong(name, "must begin with mysql://");
    }
    url
}

/// A slip such as `5` for `5d` would cost everything that was said.
fn retention(vars: &mut Vars<'_>, name: &str) -> Duration {
    let retention = vars.duration(name, s(0), s(0), s(36_500 * DAY));
    if !retention.is_zero() && retention < s(3_600) {
        vars.wrong(name, "must be 0 (messages are kept for ever) or at least 1h");
    }
    retention
}

fn redis_url(vars: &mut Vars<'_>, name: &str) -> String {
    if let Some(url) = vars.text(name) {
        let kind = url.split_once("://").map_or("", |(scheme, _)| scheme);
        let kind = kind.strip_prefix("rediss").or_else(|| kind.strip_prefix("redis"));
        match kind {
            Some("" | "-cluster") => {}
            Some("-sentinel") if url.contains("sentinelServiceName=") => {}
            Some("-sentinel") => {
                vars.wrong(name, "needs ?sentinelServiceName= with the name of the watched master");
            }
            _ => vars.wrong(
                name,
                "must begin with redis://, redis-cluster:// or redis-sentinel://, for TLS with \
                 rediss instead of redis",
            ),
        }
        return url;
    }
    let host = vars.text("REDIS_HOST").unwrap_or_else(|| "localhost".to_owned());
    let port = vars.number("REDIS_PORT", 6379, 1, 65_535);
    match vars.text("REDIS_PASSWORD") {
        Some(password) => format!("redis://:{}@{host}:{port}", percent_encode(&password)),
        None => format!("redis://{host}:{port}"),
    }
}

fn redis_ca(vars: &mut Vars<'_>, name: &str) -> String {
    let file = vars.text(name).unwrap_or_default();
    let encrypted = vars.text("CHAT_REDIS_URL").is_some_and(|url| url.starts_with("rediss"));
    if !file.is_empty() && !encrypted {
        vars.wrong(name, "is looked at with TLS only: begin CHAT_REDIS_URL with rediss");
    }
    file
}

/// Text as it may stand in a part of a URL: everything but letters, digits and `-_.~` is escaped.
#[must_use]
pub fn percent_encode(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(b).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

fn list(vars: &Vars<'_>, name: &str) -> Vec<String> {
    let text = vars.text(name).unwrap_or_default();
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn otlp_endpoint(vars: &mut Vars<'_>, name: &str) -> String {
    let url = vars.text(name).unwrap_or_default();
    if !url.is_empty() && !url.starts_with("http://") && !url.starts_with("https://") {
        vars.wrong(name, "must be a URL like http://collector:4317");
    }
    url
}

fn origins(vars: &mut Vars<'_>, name: &str) -> Vec<String> {
    let list = list(vars, name);
    let whole = |origin: &String| {
        let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '*']))
    };
    if !list.iter().all(whole) {
        vars.wrong(name, "must be a list like https://chat.example.org,https://other.example");
    }
    list
}

fn proxies(vars: &mut Vars<'_>, name: &str) -> Vec<Network> {
    let parsed: Result<Vec<_>, _> = list(vars, name).iter().map(|a| a.parse()).collect();
    parsed.unwrap_or_else(|()| {
        vars.wrong(name, "must be a list of addresses or networks like 10.0.0.7,10.1.0.0/16");
        Vec::new()
    })
}

/// Shows everything but the secrets.
impl fmt::Debug for ServerConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (name, value) in self.to_vars() {
            if !Self::SECRETS.contains(&name) {
                map.entry(&name, &value);
            }
        }
        map.finish()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn read(vars: &[(&str, &str)]) -> Result<ServerConfig, Vec<Problem>> {
        let map: HashMap<String, String> =
            vars.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        ServerConfig::from_vars(&|name| map.get(name).cloned())
    }

    #[test]
    fn what_is_written_is_read_the_same() {
        let config = read(&[
            ("CHAT_MYSQL_URL", "mysql://a:b@c/d"),
            ("CHAT_CACHE_MESSAGE_TTL", "7s"),
            ("CHAT_HEARTBEAT", "250ms"),
            ("CHAT_TRUSTED_PROXIES", "127.0.0.1, ::1, 10.0.0.0/8"),
            ("CHAT_PUBLIC_ORIGINS", "https://a.example"),
            ("CHAT_UPLOADS_URL", "s3://pictures/team/chat/"),
            ("CHAT_S3_ENDPOINT", "http://minio:9000/"),
            ("CHAT_S3_ACCESS_KEY_ID", "key"),
            ("CHAT_S3_SECRET_ACCESS_KEY", "secret"),
        ])
        .unwrap();
        assert!(config.s3_path_style, "an endpoint of its own");
        let vars: HashMap<_, _> = config.to_vars().into_iter().collect();
        let again = ServerConfig::from_vars(&|name| vars.get(name).cloned()).unwrap();
        assert_eq!(again, config);
    }

    #[test]
    fn the_names_of_the_seeds_work_too() {
        let config = read(&[
            ("CHAT_MYSQL_URL", "mysql://a:b@c/d"),
            ("REDIS_HOST", "cache"),
            ("REDIS_PORT", "6380"),
            ("REDIS_PASSWORD", "p@ss/word"),
        ]);
        assert_eq!(config.unwrap().redis_url, "redis://:p%40ss%2Fword@cache:6380");
    }

    #[test]
    fn all_kinds_of_redis_can_be_named() {
        let with = |url: &str, ca: &str| {
            let mysql = ("CHAT_MYSQL_URL", "mysql://a:b@c/d");
            read(&[mysql, ("CHAT_REDIS_URL", url), ("CHAT_REDIS_CA", ca)])
        };
        for kind in ["", "-cluster", "-sentinel"] {
            let rest = format!("{kind}://:x@a:1?sentinelServiceName=main");
            assert!(with(&format!("redis{rest}"), "").is_ok(), "{rest}");
            assert!(with(&format!("rediss{rest}"), "/ca.pem").is_ok(), "{rest}");
        }
        for (url, ca, name) in [
            ("redis-sentinel://a", "", "CHAT_REDIS_URL"),
            ("redis-ring://a", "", "CHAT_REDIS_URL"),
            ("http://a", "", "CHAT_REDIS_URL"),
            ("redis://a", "/ca.pem", "CHAT_REDIS_CA"),
        ] {
            let problems = with(url, ca).unwrap_err();
            assert_eq!(problems[0].name, name, "{url}");
        }
    }

    #[test]
    fn all_problems_are_reported_together_and_without_values() {
        let problems = read(&[
            ("CHAT_HTTP_LISTEN", "here"),
            ("CHAT_MYSQL_URL", "postgres://secret"),
            ("CHAT_HEARTBEAT", "soon"),
            ("CHAT_COMMIT_BATCH", "0"),
            ("CHAT_PUBLIC_ORIGINS", "*"),
        ])
        .unwrap_err();
        let names: Vec<_> = problems.iter().map(|p| p.name.as_str()).collect();
        let expected = [
            "CHAT_HTTP_LISTEN",
            "CHAT_MYSQL_URL",
            "CHAT_PUBLIC_ORIGINS",
            "CHAT_HEARTBEAT",
            "CHAT_COMMIT_BATCH",
        ];
        assert_eq!(names, expected);
        assert!(problems.iter().all(|p| !p.to_string().contains("secret")));
    }

    #[test]
    fn secrets_are_not_shown() {
        let config = read(&[("CHAT_MYSQL_URL", "mysql://a:hunter2@c/d")]).unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
