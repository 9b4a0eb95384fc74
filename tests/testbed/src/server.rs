//! A chat server.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::Command,
    time::Duration,
};

use anyhow::Result;

use super::{Process, Timeout, program};
use crate::http;

/// What a server is started with.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// Name of its log.
    pub name: String,
    /// The `chat-server` program.
    pub program: PathBuf,
    /// Folder of its log.
    pub dir: PathBuf,
    /// Where it serves API, page and sockets.
    pub listen: SocketAddr,
    /// Port of probes and metrics, on loopback.
    pub ops_port: u16,
    /// The other settings, `CHAT_*`.
    pub settings: Vec<(String, String)>,
}

impl ServerConfig {
    /// Where clients on this machine reach it.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        let mut address = self.listen;
        if address.ip().is_unspecified() {
            address.set_ip(Ipv4Addr::LOCALHOST.into());
        }
        address
    }

    /// The same as a URL.
    #[must_use]
    pub fn url(&self) -> String {
        let is_https = self.settings.iter().any(|(name, _)| name == "CHAT_TLS_CERT");
        format!("{}://{}", if is_https { "https" } else { "http" }, self.address())
    }

    /// Where its probes and metrics are.
    #[must_use]
    pub fn ops(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.ops_port))
    }

    /// `chat-server <subcommand>` with these settings and none that lie around.
    #[must_use]
    pub fn command(&self, subcommand: &str) -> Command {
        let mut command = Command::new(&self.program);
        // Not the folder of the checkout: its `.env` must not change what was asked for.
        command.arg(subcommand).current_dir(&self.dir);
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CHAT_") || text.starts_with("REDIS_") {
                command.env_remove(&name);
            }
        }
        command
            // The log is a file.
            .env("NO_COLOR", "1")
            .env("CHAT_HTTP_LISTEN", self.listen.to_string())
            .env("CHAT_OPS_LISTEN", self.ops().to_string())
            .env("CHAT_REPLICA_URL", self.url())
            .envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Brings the database to this server's schema.
    pub fn migrate(&self) -> Result<String> {
        std::fs::create_dir_all(&self.dir)?;
        program::output(&mut self.command("migrate"))
    }
}

/// A running server. It is killed when dropped; [`Server::stop`] is the gentle way.
#[derive(Debug)]
pub struct Server {
    config: ServerConfig,
    process: Process,
}

impl Server {
    /// Starts one; it is not ready yet.
    pub fn start(config: ServerConfig) -> Result<Self> {
        std::fs::create_dir_all(&config.dir)?;
        let process = Process::start(&config.name, config.command("serve"), &config.dir)?;
        Ok(Self { config, process })
    }

    /// Waits until it takes requests.
    pub fn wait(&mut self, timeout: &Timeout) -> Result<()> {
        let name = self.config.name.clone();
        timeout.wait(&name, || {
            self.process.must_live()?;
            Ok(self.is_ready())
        })
    }

    /// Does it take requests now.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        http::get(self.config.ops(), "/readyz").is_ok_and(|answer| answer.status == 200)
    }

    /// What it was started with.
    #[must_use]
    pub fn config(&self) -> &ServerConfig {
        &self.config
    }

    /// Process id.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// The process.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Lets it say goodbye to its clients and ends it.
    pub fn stop(mut self) -> Result<bool> {
        self.process.stop(Duration::from_secs(30))
    }
}
