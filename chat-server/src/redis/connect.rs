//! From the settings to a client that connects and reconnects by itself.

use std::{fs, net::IpAddr, sync::Arc, time::Duration};

use chat_contract::config::ServerConfig;
use fred::{
    clients::Client,
    interfaces::ClientLike,
    prelude::{Builder, Config, ReconnectPolicy},
    types::{
        RespVersion,
        config::{
            ClusterDiscoveryPolicy, HostMapping, ServerConfig as Place, TlsConfig, TlsHostMapping,
        },
    },
};
use rustls::ClientConfig;

use super::{Error, Result};
use crate::tls;

/// A command that takes longer has failed.
pub(super) const COMMAND_TIMEOUT: Duration = Duration::from_secs(2);
/// Without an answer for this time the connection is closed.
const SILENCE_MAX: Duration = Duration::from_secs(4);
/// Delay between two attempts to connect, in milliseconds.
const RECONNECT: u32 = 200;
/// A redirection to another server of a cluster counts as an attempt.
const CLUSTER_ATTEMPTS: u32 = 3;

/// Reads the address of Redis, and the authority to trust.
pub(super) fn read(settings: &ServerConfig) -> Result<Config> {
    let url = &settings.redis_url;
    // The library would ask for the machine's certificates itself, and fail where there are none.
    let plain = url.strip_prefix("rediss").map(|rest| format!("redis{rest}"));
    let mut config = Config::from_url(plain.as_ref().unwrap_or(url))?;
    // Sharded subscriptions need RESP3, whatever the URL says.
    config.version = RespVersion::RESP3;
    // Waits for a Redis that has not started yet, as for one that stopped.
    config.fail_fast = false;
    if let Place::Clustered { policy, .. } = &mut config.server {
        // The server in the URL may be the one that is down.
        *policy = ClusterDiscoveryPolicy::UseCache;
    }
    if plain.is_some() {
        let hostnames = names(&config.server);
        config.tls = Some(TlsConfig { hostnames, ..encryption(&settings.redis_ca)?.into() });
    }
    Ok(config)
}

/// A client, which starts to connect.
pub(super) fn start(config: Config, broadcast_capacity: usize) -> Result<Client> {
    let attempts = if config.server.is_clustered() { CLUSTER_ATTEMPTS } else { 1 };
    let client = Builder::from_config(config)
        .with_connection_config(|connection| {
            connection.connection_timeout = COMMAND_TIMEOUT;
            connection.internal_command_timeout = COMMAND_TIMEOUT;
            connection.max_command_attempts = attempts;
            connection.reconnect_on_auth_error = true;
            connection.unresponsive.max_timeout = Some(SILENCE_MAX);
        })
        .with_performance_config(|performance| {
            performance.default_command_timeout = COMMAND_TIMEOUT;
            performance.broadcast_channel_capacity = broadcast_capacity;
        })
        .set_policy(ReconnectPolicy::new_constant(0, RECONNECT))
        .build()?;
    drop(client.connect());
    Ok(client)
}

fn encryption(ca: &str) -> Result<ClientConfig> {
    let roots = if ca.is_empty() {
        tls::known_authorities()
    } else {
        let pem = fs::read(ca).map_err(|why| unreadable(ca, &why))?;
        tls::authorities(&pem).map_err(|why| unreadable(ca, &why))?
    };
    tls::client(roots).map_err(|why| unreadable(ca, &why))
}

fn unreadable(file: &str, why: &dyn std::fmt::Display) -> Error {
    Error::Authority(file.to_owned(), why.to_string())
}

/// The servers of a cluster announce addresses, which certificates seldom contain: each server
/// shows the name in the URL, which resolves to all of them.
fn names(server: &Place) -> TlsHostMapping {
    let hosts = server.hosts();
    let host = hosts.last().map(|server| server.host.to_string()).unwrap_or_default();
    if !server.is_clustered() || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok() {
        return TlsHostMapping::None;
    }
    TlsHostMapping::Custom(Arc::new(OneName(host)))
}

#[derive(Debug)]
struct OneName(String);

impl HostMapping for OneName {
    fn map(&self, _: &IpAddr, _: &str) -> Option<String> {
        Some(self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(url: &str) -> ServerConfig {
        ServerConfig::from_vars(&|name| match name {
            "CHAT_REDIS_URL" => Some(url.to_owned()),
            "CHAT_MYSQL_URL" => Some("mysql://chat:secret@db/chat".to_owned()),
            _ => None,
        })
        .unwrap()
    }

    #[test]
    fn servers_of_an_encrypted_cluster_show_the_name_of_the_url() {
        for (url, name) in [
            ("rediss-cluster://cache.example:6379", Some("cache.example")),
            ("rediss-cluster://10.0.0.7:6379", None),
            ("rediss-cluster://[::1]:6379", None),
            ("rediss://cache.example:6379", None),
        ] {
            let config = read(&settings(url)).unwrap();
            let announced = "10.0.0.8".parse().unwrap();
            let shown = match config.tls.expect(url).hostnames {
                TlsHostMapping::Custom(names) => names.map(&announced, "redis-1"),
                TlsHostMapping::None => None,
                TlsHostMapping::DefaultHost => panic!("{url}"),
            };
            assert_eq!(shown.as_deref(), name, "{url}");
        }
        assert!(read(&settings("redis-cluster://cache.example:6379")).unwrap().tls.is_none());
    }
}
