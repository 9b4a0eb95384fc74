//! The command line and environment of `chat-operator run`.

use std::net::SocketAddr;

/// Arguments of `chat-operator run`.
#[derive(Debug, Clone, clap::Args)]
pub struct Config {
    /// Namespaces to watch, separated by commas; without any, all of them.
    #[arg(long, env = "OPERATOR_NAMESPACES", value_delimiter = ',')]
    pub(super) namespaces: Vec<String>,
    /// Address and port of probes and metrics.
    #[arg(long, env = "OPERATOR_LISTEN", default_value = "0.0.0.0:8080")]
    pub(super) listen: SocketAddr,
    /// `ChatCluster`s reconciled at the same time, per watched namespace.
    #[arg(long, env = "OPERATOR_CONCURRENCY", default_value_t = 8)]
    pub(super) concurrency: u16,
    /// Namespace of the Lease for leader election.
    #[arg(long, env = "OPERATOR_LEASE_NAMESPACE", default_value = "default")]
    pub(super) lease_namespace: String,
    /// Name of the Lease for leader election.
    #[arg(long, env = "OPERATOR_LEASE_NAME", default_value = "chat-operator")]
    pub(super) lease_name: String,
    /// Name of this replica in the Lease; without one, the host name.
    #[arg(long, env = "POD_NAME")]
    pub(super) identity: Option<String>,
    /// Log filter in the syntax of `tracing`, such as `info,operator=debug`.
    #[arg(long, env = "OPERATOR_LOG", default_value = "info")]
    pub log: String,
}
