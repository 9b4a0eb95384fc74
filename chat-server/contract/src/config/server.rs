//! The variables of the chat server: this table is the configuration, its reference
//! (`chat-server/CONFIGURATION.md`) and its JSON schema.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use super::{
    LogFormat, Network, Problem, Uploads, Vars,
    kind::{Choice, Integer, Kind, Listen, Ruled, Shape, Span, Text},
    reference::{Section, Variable},
    stores, telemetry, tls, uploads,
};

macro_rules! config {
    ($($section:literal: $($(#[doc = $doc:literal])+ $field:ident: $type:ty = $name:expr, $kind:expr;)+)+) => {
        /// Everything that one server process is told.
        #[derive(Clone, PartialEq, Eq)]
        pub struct ServerConfig {
            $($($(#[doc = $doc])+ pub $field: $type,)+)+
        }

        impl ServerConfig {
            /// Reads all variables.
            ///
            /// # Errors
            ///
            /// Everything that is wrong with them, in the order of the table.
            pub fn from_vars(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, Vec<Problem>> {
                let mut vars = Vars::new(lookup);
                let config = Self { $($($field: $kind.read(&mut vars, $name),)+)+ };
                if vars.problems.is_empty() { Ok(config) } else { Err(vars.problems) }
            }

            /// The variables that make this configuration.
            #[must_use]
            pub fn to_vars(&self) -> Vec<(&'static str, String)> {
                vec![$($(($name, $kind.write(&self.$field)),)+)+]
            }

            /// The table, for documentation and checks.
            #[must_use]
            pub fn reference() -> Vec<Section> {
                vec![$(Section {
                    title: $section,
                    variables: vec![$(Variable {
                        name: $name,
                        shape: $kind.shape(),
                        default: $kind.default(),
                        description: concat!($($doc,)+).trim_start(),
                    },)+],
                },)+]
            }
        }
    };
}

impl ServerConfig {
    /// Names of the variables that hold secrets.
    pub const SECRETS: &[&str] =
        &["CHAT_MYSQL_URL", "CHAT_REDIS_URL", "CHAT_S3_ACCESS_KEY_ID", "CHAT_S3_SECRET_ACCESS_KEY"];
}

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

const fn loopback(port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}

const fn integer(default: u64, min: u64, max: u64) -> Integer {
    Integer { default, min, max }
}

const fn span(default: Duration, min: Duration, max: Duration) -> Span {
    Span { default, min, max }
}

const fn ruled<T>(shape: Shape, read: fn(&mut Vars<'_>, &str) -> T) -> Ruled<T> {
    Ruled { shape, default: "", read }
}

const DAY: u64 = 86_400;

config! {
"Addresses":
    /// Address of the API, the page and the sockets.
    http_listen: SocketAddr = "CHAT_HTTP_LISTEN", Listen(loopback(3000));
    /// Address of probes and metrics, always plain HTTP. Keep it private.
    ops_listen: SocketAddr = "CHAT_OPS_LISTEN", Listen(loopback(9090));
    /// URL at which the other servers reach this one. Without it: the address it listens on.
    replica_url: String = "CHAT_REPLICA_URL", ruled(Shape::Text, tls::replica_url);
    /// Origins besides the server's own whose pages may use the API, such as
    /// `https://chat.example.org`, without a path and without `*`.
    public_origins: Vec<String> = "CHAT_PUBLIC_ORIGINS", ruled(Shape::List, origins);
    /// Addresses or networks (`10.0.0.0/8`) of proxies whose `X-Forwarded-For` and
    /// `X-Forwarded-Proto` count. From anybody else these headers are ignored.
    trusted_proxies: Vec<Network> = "CHAT_TRUSTED_PROXIES", ruled(Shape::List, proxies);
    /// Folder of the built page. Without it the server has no page.
    page_dir: String = "CHAT_PAGE_DIR", Text("");
"TLS":
    /// PEM file with the server's certificate and its chain. With it and its key the API, the page
    /// and the sockets are served over HTTPS, and nothing else there.
    tls_cert: String = tls::CERTIFICATE, ruled(Shape::Text, tls::certificate);
    /// PEM file with the certificate's private key, without a passphrase.
    tls_key: String = tls::KEY, ruled(Shape::Text, tls::key);
    /// PEM file with the authority of the other servers' certificates. Without it: `ca.crt` beside
    /// the certificate where there is one, else the authorities that the machine trusts.
    tls_ca: String = tls::AUTHORITY, ruled(Shape::Text, tls::authority);
"MySQL and Redis":
    /// Required: `mysql://user:password@host:port/database`. TLS by
    /// `?ssl-mode=VERIFY_IDENTITY&ssl-ca=/file.crt`.
    mysql_url: String = "CHAT_MYSQL_URL", ruled(Shape::Text, stores::mysql_url);
    /// Connections to MySQL that one server may open.
    mysql_connections: u64 = "CHAT_MYSQL_CONNECTIONS", integer(16, 4, 1_000);
    /// How long a starting server or a migration waits for MySQL before it gives up.
    mysql_startup_timeout: Duration = "CHAT_MYSQL_STARTUP_TIMEOUT", span(s(30), s(0), s(3600));
    /// Redis 7 or newer: `redis://[user:password@]host:port[/db]`; `redis-cluster://` for a
    /// cluster, `redis-sentinel://…?sentinelServiceName=…` for Sentinels; `rediss` for TLS.
    /// Without it, `REDIS_HOST` (`localhost`), `REDIS_PORT` (`6379`) and `REDIS_PASSWORD` are read.
    redis_url: String = "CHAT_REDIS_URL", ruled(Shape::Text, stores::redis_url);
    /// PEM file with the authority of the certificates of Redis. Without it: the authorities that
    /// the machine trusts, else the public ones.
    redis_ca: String = "CHAT_REDIS_CA", ruled(Shape::Text, stores::redis_ca);
"Uploads":
    /// Where uploads are kept: `s3://bucket` or `s3://bucket/prefix`; `database`: in MySQL, for
    /// sites with few pictures. Without it: in the folder `CHAT_UPLOADS_DIR`.
    uploads: Uploads = "CHAT_UPLOADS_URL", ruled(Shape::Text, uploads::uploads);
    /// Folder of uploads, shared by all servers.
    uploads_dir: String = "CHAT_UPLOADS_DIR", Text("uploads");
    /// Bytes of one uploaded file. A larger one is refused with 413.
    upload_bytes_max: u64 = "CHAT_UPLOAD_BYTES_MAX", integer(10_000_000, 1_000, 100_000_000);
    /// URL of an S3 that is not that of AWS, such as `https://minio.example:9000`.
    s3_endpoint: String = "CHAT_S3_ENDPOINT", ruled(Shape::Text, uploads::endpoint);
    /// Region of the bucket. Without it: `AWS_REGION`, else `us-east-1`.
    s3_region: String = "CHAT_S3_REGION", Text("");
    /// The bucket's name stands in the path of a URL, not in the name of the host. Without it:
    /// `true` where an endpoint is set, `false` for AWS.
    s3_path_style: bool = "CHAT_S3_PATH_STYLE", ruled(Shape::Boolean, uploads::path_style);
    /// Access key of the bucket. Without it credentials are found as the programs of AWS find them:
    /// variables `AWS_...`, a web identity (IRSA), the pod or the machine.
    s3_access_key_id: String = "CHAT_S3_ACCESS_KEY_ID", ruled(Shape::Text, uploads::key_id);
    /// The secret of that access key.
    s3_secret_access_key: String = "CHAT_S3_SECRET_ACCESS_KEY", ruled(Shape::Text, uploads::secret_key);
    /// PEM file of the authority that signed the endpoint's certificate, where it is no public one.
    s3_ca: String = "CHAT_S3_CA", Text("");
"Cache":
    /// How long a single message or a direct conversation stays in the cache.
    cache_message_ttl: Duration = "CHAT_CACHE_MESSAGE_TTL", span(s(5), s(1), s(DAY));
    /// How long the recent window of a room stays in the cache.
    cache_window_ttl: Duration = "CHAT_CACHE_WINDOW_TTL", span(s(60), s(1), s(DAY));
    /// Messages in the recent window of a room.
    cache_window_messages: u64 = "CHAT_CACHE_WINDOW_MESSAGES", integer(100, 10, 1_000);
    /// How often the cache worker looks for expired entries.
    cache_worker_interval: Duration = "CHAT_CACHE_WORKER_INTERVAL", span(s(1), ms(100), s(3600));
"Sessions":
    /// How long a session lasts without use; each use begins it anew.
    session_ttl: Duration = "CHAT_SESSION_TTL", span(s(30 * DAY), s(10), s(365 * DAY));
    /// How long a session is believed from the cache before MySQL is asked again.
    session_cache_ttl: Duration = "CHAT_SESSION_CACHE_TTL", span(s(60), s(1), s(3600));
"Limits and retention":
    /// Sign-ups from one address in a minute, counted by all servers together; `0`: no limit.
    limit_sign_ups_per_minute: u64 = "CHAT_LIMIT_SIGN_UPS_PER_MINUTE", integer(10, 0, 1_000_000);
    /// Attempts to sign in, for one address and for one name, in a minute, counted by all servers
    /// together; `0`: no limit.
    limit_sign_ins_per_minute: u64 = "CHAT_LIMIT_SIGN_INS_PER_MINUTE", integer(10, 0, 1_000_000);
    /// Messages, edits and reactions of one person in a second, on each server; `0`: no limit.
    /// What is above it is refused with 429 and `Retry-After`.
    limit_sends_per_second: u64 = "CHAT_LIMIT_SENDS_PER_SECOND", integer(20, 0, 1_000_000);
    /// Messages that one person may send at once before that limit holds.
    limit_sends_burst: u64 = "CHAT_LIMIT_SENDS_BURST", integer(100, 1, 1_000_000);
    /// How long messages are kept, such as `365d`, at least `1h`; `0`: for ever. Older ones are
    /// purged, with their pictures.
    retention: Duration = "CHAT_RETENTION", Ruled {
        shape: Shape::Duration { min: s(0), max: RETENTION_MAX }, default: "0", read: retention,
    };
"Delivery and shutdown":
    /// How often the heads of the rooms that this server serves are compared with MySQL. It bounds
    /// how late a lost notification is noticed.
    heartbeat: Duration = "CHAT_HEARTBEAT_INTERVAL", span(s(2), ms(100), s(60));
    /// Changes in one transaction of the committer.
    commit_batch: u64 = "CHAT_COMMIT_BATCH", integer(256, 1, 1_024);
    /// Transactions of the committer under way at once.
    commit_lanes: u64 = "CHAT_COMMIT_LANES", integer(2, 1, 32);
    /// Packets that may wait for one slow socket. One that is full is told to sync, or closed.
    socket_queue: u64 = "CHAT_SOCKET_SEND_QUEUE", integer(256, 16, 65_536);
    /// Commands of one socket that may wait for their turn. With one more it is closed.
    socket_commands: u64 = "CHAT_SOCKET_COMMAND_QUEUE", integer(256, 8, 65_536);
    /// How long a shutdown may take: half of it to move the sockets, all of it to finish requests.
    drain: Duration = "CHAT_DRAIN_TIMEOUT", span(s(10), s(0), s(3600));
    /// Sockets told to move in a second while the server shuts down; `0`: all within two seconds.
    drain_per_second: u64 = "CHAT_DRAIN_SOCKETS_PER_SECOND", integer(0, 0, 100_000);
"Logs and traces":
    /// Which log lines are written: a filter such as `info,chat_server::cache=debug`.
    log: String = "CHAT_LOG", Text("info");
    /// Format of log lines: `text` for people, `json` for one JSON object a line.
    log_format: LogFormat = "CHAT_LOG_FORMAT", Choice {
        default: LogFormat::Text, words: &["text", "json"], what: "text or json",
    };
    /// Collector of traces, for example `http://collector:4317` (OTLP over gRPC). Without it nothing
    /// is traced.
    otlp_endpoint: String = "CHAT_OTLP_ENDPOINT", ruled(Shape::Text, telemetry::otlp_endpoint);
    /// One request or command in so many is traced; `0`: only requests that a trusted proxy traces.
    trace_one_in: u64 = "CHAT_TRACE_ONE_IN", integer(100, 0, 1_000_000);
}

const RETENTION_MAX: Duration = s(36_500 * DAY);

/// A slip such as `5` for `5d` would cost everything that was said.
fn retention(vars: &mut Vars<'_>, name: &str) -> Duration {
    let retention = vars.duration(name, s(0), s(0), RETENTION_MAX);
    if !retention.is_zero() && retention < s(3_600) {
        vars.wrong(name, "must be 0 (messages are kept for ever) or at least 1h");
    }
    retention
}

fn list(vars: &Vars<'_>, name: &str) -> Vec<String> {
    let text = vars.text(name).unwrap_or_default();
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
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
