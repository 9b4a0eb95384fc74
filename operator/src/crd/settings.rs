//! Settings of the chat servers. Every field is one of their variables.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rule;

/// How long what stays in the cache.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Cache {
    /// A single message or a conversation of two.
    #[schemars(length(max = 16))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.matches('^[1-9][0-9]*(ms|s|m|h|d)$')", "cache.messageTtl: a time such as 5s or 10m")
    ]))]
    pub message_ttl: String,
    /// The recent messages of a room.
    #[schemars(length(max = 16))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.matches('^[1-9][0-9]*(ms|s|m|h|d)$')", "cache.windowTtl: a time such as 60s or 10m")
    ]))]
    pub window_ttl: String,
    /// So many messages of a room are recent.
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self >= 10 && self <= 1000", "cache.windowMessages: from 10 to 1000")
    ]))]
    pub window_messages: i32,
    /// How often the cache's worker looks for expired entries.
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

/// How long sign-ins last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Session {
    /// Without use.
    #[schemars(length(max = 16))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.matches('^[1-9][0-9]*(s|m|h|d)$')", "session.ttl: a time such as 12h or 30d")
    ]))]
    pub ttl: String,
    /// So long is the cache believed before the store is asked again.
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

/// How much one may do; 0 is no limit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("x-kubernetes-validations" = [
    rule("self.sendsBurst >= self.sendsPerSecond", "limits.sendsBurst: at least sendsPerSecond, else nobody could reach that rate")
]))]
pub struct Limits {
    /// Sign-ups from one address.
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self >= 0 && self <= 1000000", "limits.signUpsPerMinute: from 0 (no limit) to 1000000")
    ]))]
    pub sign_ups_per_minute: i32,
    /// Attempts to sign in, for one address and for one name.
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self >= 0 && self <= 1000000", "limits.signInsPerMinute: from 0 (no limit) to 1000000")
    ]))]
    pub sign_ins_per_minute: i32,
    /// Messages of one person, on each server.
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self >= 0 && self <= 1000000", "limits.sendsPerSecond: from 0 (no limit) to 1000000")
    ]))]
    pub sends_per_second: i32,
    /// Messages that one person may send at once before that limit holds.
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self >= 1 && self <= 1000000", "limits.sendsBurst: from 1 to 1000000")
    ]))]
    pub sends_burst: i32,
    /// Bytes of one uploaded picture.
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

/// For those who have measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Tuning {
    /// How often the heads of the rooms are compared with the store.
    #[schemars(length(max = 16))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.matches('^[1-9][0-9]*(ms|s)$')", "tuning.heartbeat: a time such as 2s")
    ]))]
    pub heartbeat: String,
    /// Changes in one transaction.
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self >= 1 && self <= 1024", "tuning.commitBatch: from 1 to 1024")
    ]))]
    pub commit_batch: i32,
    /// Transactions under way at once.
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self >= 1 && self <= 32", "tuning.commitLanes: from 1 to 32")
    ]))]
    pub commit_lanes: i32,
    /// Packets that may wait for one slow socket.
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self >= 16 && self <= 65536", "tuning.socketQueue: from 16 to 65536")
    ]))]
    pub socket_queue: i32,
    /// Commands of one socket that may wait for their turn.
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

/// What the servers log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Logging {
    /// What, as `tracing` filters say it.
    #[schemars(length(max = 1024))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.matches('^[A-Za-z0-9_:=,.-]+$')", "logging.filter: a filter such as info or info,chat_server=debug")
    ]))]
    pub filter: String,
    /// How the lines look.
    pub format: LogFormat,
}

impl Default for Logging {
    fn default() -> Self {
        Self { filter: "info".to_owned(), format: LogFormat::Json }
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

/// What surrounds the servers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Http {
    /// Origins besides our own whose pages may use the API.
    #[schemars(length(max = 32), inner(length(max = 256)))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.all(o, o.matches('^https?://[^/*,]+$'))", "http.publicOrigins: origins such as https://chat.example.org, without a path and without *")
    ]))]
    pub public_origins: Vec<String>,
    /// Addresses or networks of proxies that are believed when they say who their client is.
    #[schemars(length(max = 32), inner(length(max = 64)))]
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self.all(p, isIP(p) || isCIDR(p))", "http.trustedProxies: addresses or networks such as 10.0.0.7 or 10.244.0.0/16")
    ]))]
    pub trusted_proxies: Vec<String>,
}

/// How sockets leave a server that ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Drain {
    /// Sockets told to move in a second, each at a moment of its own.
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self >= 1 && self <= 100000", "drain.perSecond: from 1 to 100000")
    ]))]
    pub per_second: i32,
    /// Time for a server to end, at most.
    #[schemars(extend("x-kubernetes-validations" = [
        rule("self >= 10 && self <= 3600", "drain.graceSeconds: from 10 to 3600; sockets that are left then are cut off")
    ]))]
    pub grace_seconds: i32,
    /// Time for the moved sockets to settle before the next server goes.
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
