//! What the operator is told on its command line.

use std::net::SocketAddr;

/// What the operator is told.
#[derive(Debug, Clone, clap::Args)]
pub struct Config {
    /// Namespaces to look after, separated by commas; without any, all of them.
    #[arg(long, env = "OPERATOR_NAMESPACES", value_delimiter = ',')]
    pub namespaces: Vec<String>,
    /// Address of probes and metrics.
    #[arg(long, env = "OPERATOR_LISTEN", default_value = "0.0.0.0:8080")]
    pub listen: SocketAddr,
    /// `ChatCluster`s that are looked after at once, in each namespace or in all of them.
    #[arg(long, env = "OPERATOR_CONCURRENCY", default_value_t = 8)]
    pub concurrency: u16,
    /// Namespace of the Lease by which several operators agree who works.
    #[arg(long, env = "OPERATOR_LEASE_NAMESPACE", default_value = "default")]
    pub lease_namespace: String,
    /// Name of that Lease.
    #[arg(long, env = "OPERATOR_LEASE_NAME", default_value = "chat-operator")]
    pub lease_name: String,
    /// Name of this operator in the Lease; without one, the host's name.
    #[arg(long, env = "POD_NAME")]
    pub identity: Option<String>,
    /// What is logged, as `tracing` filters say it.
    #[arg(long, env = "OPERATOR_LOG", default_value = "info")]
    pub log: String,
}
