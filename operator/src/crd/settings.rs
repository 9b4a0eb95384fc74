//! Settings of the chat servers. Every field is one of their environment variables.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rule;

/// Times to live and sizes of the cache.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Cache {
    /// How long a single message or a direct conversation stays in the cache, such as 5s, from 1s
    /// to 1d; 5s by default.
    #[schemars(length(max = 16))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.matches('^[1-9][0-9]*(ms|s|m|h|d)$')", "cache.messageTtl: a time such as 5s or 10m")
    ]))]
    pub message_ttl: String,
    /// How long the recent messages of a room stay in the cache, such as 60s, from 1s to 1d; 60s by
    /// default.
    #[schemars(length(max = 16))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.matches('^[1-9][0-9]*(ms|s|m|h|d)$')", "cache.windowTtl: a time such as 60s or 10m")
    ]))]
    pub window_ttl: String,
    /// Number of recent messages of each room that are cached, from 10 to 1000; 100 by default.
    /// Older ones are read from MySQL.
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self >= 10 && self <= 1000", "cache.windowMessages: from 10 to 1000")
    ]))]
    pub window_messages: i32,
    /// Interval at which the cache worker looks for expired entries, such as 500ms, from 100ms to
    /// 1h; 1s by default.
    #[schemars(length(max = 16))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.matches('^[1-9][0-9]*(ms|s|m|h|d)$')", "cache.workerInterval: a time such as 500ms or 1s")
    ]))]
    pub worker_interval: String,
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            message_ttl: "5s".to_owned(),
            window_ttl: "60s".to_owned(),
            window_messages: 100,
            worker_interval: "1s".to_owned(),
        }
    }
}

/// Lifetime of sign-ins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Session {
    /// Idle timeout of a sign-in, such as 12h or 30d, from 10s to 365d; 30d by default. After it
    /// one has to sign in again.
    #[schemars(length(max = 16))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.matches('^[1-9][0-9]*(s|m|h|d)$')", "session.ttl: a time such as 12h or 30d")
    ]))]
    pub ttl: String,
    /// How long a session is taken from the cache before MySQL is asked again, such as 60s, from 1s
    /// to 1h; 60s by default.
    #[schemars(length(max = 16))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.matches('^[1-9][0-9]*(s|m|h)$')", "session.cacheTtl: a time such as 60s")
    ]))]
    pub cache_ttl: String,
}

impl Default for Session {
    fn default() -> Self {
        Self { ttl: "30d".to_owned(), cache_ttl: "60s".to_owned() }
    }
}

/// Rate limits; 0 is no limit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("x-kubernetes-validations" = [
    rule("self.sendsBurst >= self.sendsPerSecond", "limits.sendsBurst: at least sendsPerSecond, else nobody could reach that rate")
]))]
pub struct Limits {
    /// Sign-ups per minute from one address, from 0 (no limit) to 1000000; 10 by default. Further
    /// ones are rejected with 429.
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self >= 0 && self <= 1000000", "limits.signUpsPerMinute: from 0 (no limit) to 1000000")
    ]))]
    pub sign_ups_per_minute: i32,
    /// Sign-in attempts per minute, from one address and for one user name, from 0 (no limit) to
    /// 1000000; 10 by default. Further ones are rejected with 429.
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self >= 0 && self <= 1000000", "limits.signInsPerMinute: from 0 (no limit) to 1000000")
    ]))]
    pub sign_ins_per_minute: i32,
    /// Messages per second of one user on each server, from 0 (no limit) to 1000000; 20 by default.
    /// Further ones are rejected with 429 once the burst is used up.
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self >= 0 && self <= 1000000", "limits.sendsPerSecond: from 0 (no limit) to 1000000")
    ]))]
    pub sends_per_second: i32,
    /// Messages that one user may send at once before `sendsPerSecond` applies, from 1 to 1000000
    /// and at least `sendsPerSecond`; 100 by default.
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self >= 1 && self <= 1000000", "limits.sendsBurst: from 1 to 1000000")
    ]))]
    pub sends_burst: i32,
    /// Largest size of one uploaded picture in bytes, from 1000 to 100000000; 10000000 (10 MB) by
    /// default. A larger one is rejected with 413.
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self >= 1000 && self <= 100000000", "limits.uploadBytesMax: from 1000 to 100000000")
    ]))]
    pub upload_bytes_max: i32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            sign_ups_per_minute: 10,
            sign_ins_per_minute: 10,
            sends_per_second: 20,
            sends_burst: 100,
            upload_bytes_max: 10_000_000,
        }
    }
}

/// Advanced tuning.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Tuning {
    /// Interval at which a server compares the rooms that it serves with MySQL, by which it finds
    /// lost notifications, such as 2s, from 100ms to 60s; 2s by default.
    #[schemars(length(max = 16))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.matches('^[1-9][0-9]*(ms|s)$')", "tuning.heartbeat: a time such as 2s")
    ]))]
    pub heartbeat: String,
    /// Most changes that one transaction commits together, from 1 to 1024; 256 by default. Further
    /// ones wait for the next transaction.
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self >= 1 && self <= 1024", "tuning.commitBatch: from 1 to 1024")
    ]))]
    pub commit_batch: i32,
    /// Transactions that one server commits at the same time, from 1 to 32; 2 by default. Each
    /// takes one more connection to MySQL.
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self >= 1 && self <= 32", "tuning.commitLanes: from 1 to 32")
    ]))]
    pub commit_lanes: i32,
    /// Packets that may wait for one slow socket, from 16 to 65536; 256 by default. Beyond that the
    /// client is told to sync, or closed.
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self >= 16 && self <= 65536", "tuning.socketQueue: from 16 to 65536")
    ]))]
    pub socket_queue: i32,
    /// Commands of one socket that may wait for their turn, from 8 to 65536; 256 by default. Beyond
    /// that the socket is closed, and its client told so.
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self >= 8 && self <= 65536", "tuning.socketCommands: from 8 to 65536")
    ]))]
    pub socket_commands: i32,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            heartbeat: "2s".to_owned(),
            commit_batch: 256,
            commit_lanes: 2,
            socket_queue: 256,
            socket_commands: 256,
        }
    }
}

/// Logs of the servers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Logging {
    /// Log filter in the syntax of `tracing`, such as `info` or `info,chat_server=debug`; info by
    /// default.
    #[schemars(length(max = 1024))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.matches('^[A-Za-z0-9_:=,.-]+$')", "logging.filter: a filter such as info or info,chat_server=debug")
    ]))]
    pub filter: String,
    /// Format of the log lines: `Json` (one object per line, the default) or `Text` (for people).
    pub format: LogFormat,
}

impl Default for Logging {
    fn default() -> Self {
        Self { filter: "info".to_owned(), format: LogFormat::Json }
    }
}

/// Format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum LogFormat {
    /// One JSON object per line.
    Json,
    /// Plain text for people.
    Text,
}

/// Proxies and other sites.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Http {
    /// Origins of other sites whose pages may call the API, such as `https://chat.example.org`,
    /// without path and without `*`; at most 32, none by default.
    #[schemars(length(max = 32), inner(length(max = 256)))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.all(o, o.matches('^https?://[^/*,]+$'))", "http.publicOrigins: origins such as https://chat.example.org, without a path and without *")
    ]))]
    pub public_origins: Vec<String>,
    /// Addresses or networks of proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are
    /// believed, such as 10.0.0.7 or 10.244.0.0/16; at most 32, none by default.
    #[schemars(length(max = 32), inner(length(max = 64)))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.all(p, isIP(p) || isCIDR(p))", "http.trustedProxies: addresses or networks such as 10.0.0.7 or 10.244.0.0/16")
    ]))]
    pub trusted_proxies: Vec<String>,
}

/// How a terminating server hands over its sockets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Drain {
    /// Sockets per second that a terminating server asks to reconnect elsewhere, from 1 to 100000;
    /// 200 by default.
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self >= 1 && self <= 100000", "drain.perSecond: from 1 to 100000")
    ]))]
    pub per_second: i32,
    /// Seconds that a terminating server has to hand over its sockets, from 10 to 3600; 60 by
    /// default. Sockets that are left then are cut off.
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self >= 10 && self <= 3600", "drain.graceSeconds: from 10 to 3600; sockets that are left then are cut off")
    ]))]
    pub grace_seconds: i32,
    /// Seconds that a new server must be ready before the next old one terminates, from 0 to 600; 5
    /// by default.
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self >= 0 && self <= 600", "drain.settleSeconds: from 0 to 600")
    ]))]
    pub settle_seconds: i32,
}

impl Default for Drain {
    fn default() -> Self {
        Self { per_second: 200, grace_seconds: 60, settle_seconds: 5 }
    }
}
