//! The Redis of a world: one server, one with Sentinels, or a cluster; with TLS or without.
//!
//! Every server can be stopped, killed and started again, on the same port and with its data.

mod cluster;
mod managed;
mod sentinel;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use testbed::{Process, Redis, RedisConfig, ports, program, secret};

use super::keys::Keys;

/// What stands behind the URL.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Shape {
    /// One server.
    #[default]
    Single,
    /// A master, its replica, and three Sentinels that watch them.
    Sentinel,
    /// Three masters, each with a replica.
    Cluster,
    /// One server, with the settings of the one that the operator manages.
    Managed,
}

/// All of it. It ends when it is dropped.
#[derive(Debug)]
pub(super) struct RedisSet {
    shape: Shape,
    password: String,
    keys: Option<Keys>,
    nodes: Vec<Node>,
    sentinels: Vec<(u16, Process)>,
    sentinel_password: String,
}

/// A server, running or not.
#[derive(Debug)]
struct Node {
    config: RedisConfig,
    /// Port on which the servers of a cluster talk to each other.
    bus: u16,
    running: Option<Redis>,
}

impl RedisSet {
    /// Starts all of it; it is not ready yet.
    pub(super) fn start(shape: Shape, dir: &Path, keys: Option<Keys>) -> Result<Self> {
        let mut set = Self {
            shape,
            password: secret::random()?,
            keys,
            nodes: Vec::new(),
            sentinels: Vec::new(),
            sentinel_password: secret::random()?,
        };
        let count = match shape {
            Shape::Single | Shape::Managed => 1,
            Shape::Sentinel => 2,
            Shape::Cluster => 2 * cluster::MASTERS,
        };
        for number in 0..count {
            let config = RedisConfig {
                dir: set.dir(dir, number),
                port: ports::free()?,
                password: set.password.clone(),
                settings: Vec::new(),
            };
            set.nodes.push(Node { config, bus: ports::free()?, running: None });
        }
        for number in 0..count {
            let mut settings = set.encryption(set.nodes[number].config.port);
            match shape {
                Shape::Single => {}
                Shape::Managed => settings.extend(managed::settings()?),
                Shape::Sentinel => settings.extend(set.replication(number)),
                Shape::Cluster => settings.extend(set.cluster(number)?),
            }
            set.nodes[number].config.settings = settings;
            set.start_node(number)?;
        }
        if shape == Shape::Sentinel {
            set.start_sentinels(dir)?;
        }
        Ok(set)
    }

    fn dir(&self, dir: &Path, number: usize) -> PathBuf {
        match self.shape {
            Shape::Single | Shape::Managed => dir.join("redis"),
            Shape::Sentinel | Shape::Cluster => dir.join("redis").join(number.to_string()),
        }
    }

    /// With TLS there is no port without.
    fn encryption(&self, port: u16) -> Vec<String> {
        let Some(keys) = &self.keys else { return Vec::new() };
        vec![
            "port 0".to_owned(),
            format!("tls-port {port}"),
            format!("tls-ca-cert-file {}", keys.authority().display()),
            format!("tls-cert-file {}", keys.certificate().display()),
            format!("tls-key-file {}", keys.key().display()),
            "tls-auth-clients no".to_owned(),
            "tls-replication yes".to_owned(),
            "tls-cluster yes".to_owned(),
        ]
    }

    /// Configuration of a server.
    pub(super) fn variables(&self) -> Vec<(String, String)> {
        let scheme = if self.keys.is_some() { "rediss" } else { "redis" };
        let login = format!(":{}@127.0.0.1", self.password);
        let url = match self.shape {
            Shape::Single | Shape::Managed => {
                format!("{scheme}://{login}:{}", self.nodes[0].config.port)
            }
            Shape::Cluster => format!("{scheme}-cluster://{login}:{}", self.nodes[0].config.port),
            Shape::Sentinel => format!(
                "{scheme}-sentinel://{login}:{}?sentinelServiceName={}&sentinelPassword={}",
                self.sentinels[0].0,
                sentinel::MASTER,
                self.sentinel_password
            ),
        };
        let ca = self.keys.as_ref().map(|keys| keys.authority().display().to_string());
        let ca = ca.map(|ca| ("CHAT_REDIS_CA".to_owned(), ca));
        [("CHAT_REDIS_URL".to_owned(), url)].into_iter().chain(ca).collect()
    }

    /// An error while it cannot serve.
    pub(super) fn ready(&self) -> Result<()> {
        for number in 0..self.nodes.len() {
            self.command(number, &["PING"])?;
        }
        match self.shape {
            Shape::Single | Shape::Managed => Ok(()),
            Shape::Sentinel => self.sentinels_ready(),
            Shape::Cluster => self.cluster_ready(),
        }
    }

    /// Runs a command on a server and gives what the command line client prints.
    pub(super) fn command(&self, node: usize, words: &[&str]) -> Result<String> {
        self.ask(self.nodes[node].config.port, &self.password, words)
    }

    fn ask(&self, port: u16, password: &str, words: &[&str]) -> Result<String> {
        let mut client = std::process::Command::new(program::first_of(&["redis-cli"])?);
        client.args(["-h", "127.0.0.1", "-p", &port.to_string()]).env("REDISCLI_AUTH", password);
        if let Some(keys) = &self.keys {
            client.args(["--tls", "--cacert"]).arg(keys.authority());
        }
        Ok(program::output(client.args(words))?.trim().to_owned())
    }

    /// The process of a running server.
    pub(super) fn node(&mut self, node: usize) -> Result<&mut Redis> {
        self.nodes[node].running.as_mut().context("redis is not running")
    }

    /// Kills a server, as a crash would.
    pub(super) fn kill(&mut self, node: usize) -> Result<()> {
        self.node(node)?.process().kill()?;
        self.nodes[node].running = None;
        Ok(())
    }

    /// Notes that a server has ended.
    pub(super) fn ended(&mut self, node: usize) {
        self.nodes[node].running = None;
    }

    /// Ends all of it.
    pub(super) fn end(&mut self) {
        self.sentinels.clear();
        for node in &mut self.nodes {
            node.running = None;
        }
    }

    /// Starts a server, with what it had saved.
    pub(super) fn start_node(&mut self, node: usize) -> Result<()> {
        let node = &mut self.nodes[node];
        ensure!(node.running.is_none(), "redis is running");
        node.running = Some(Redis::start(node.config.clone())?);
        Ok(())
    }
}
