//! The Kubernetes of a run: one of its own, with its nodes, or the one that somebody names, whose
//! API alone is used.

use std::{
    env,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use bare_kube::{Client, Cluster, images::tag, product, runs};

use super::tunnel::{Target, Tunnel};
use crate::provision;

/// A Kubernetes with nodes.
#[derive(Debug)]
pub struct Kubernetes {
    client: Client,
    dir: PathBuf,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Own(Box<Cluster>),
    Named { kubeconfig: PathBuf, tunnels: Vec<Tunnel> },
}

/// Names of the images that a run uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Images {
    /// Registry and folder with `/`, or nothing.
    pub(super) from: String,
    /// Of the servers.
    pub server: String,
    /// Of a server that does not come up.
    pub broken: String,
}

impl Kubernetes {
    /// The one that somebody names, or one of its own.
    pub fn of_run(name: &str) -> Result<Self> {
        let Some(kubeconfig) = runs::named()? else { return Self::own(name) };
        let dir = provision::folder(name)?;
        let programs = provision::programs()?;
        let client = Client::new(programs, Some(kubeconfig.clone()), dir.join("kubectl"));
        Ok(Self { client, dir, kind: Kind::Named { kubeconfig, tunnels: Vec::new() } })
    }

    /// One of its own, with two nodes.
    pub fn own(name: &str) -> Result<Self> {
        let product = ["redis", "mysql", "chat-server", "chat-operator"];
        let images = [&product[..], &["pause", "broken", "prometheus"]].concat();
        let cluster = provision::cluster(name, &images)?;
        let client = cluster.control().client();
        let dir = cluster.control().config().dir.clone();
        Ok(Self { client, dir, kind: Kind::Own(Box::new(cluster)) })
    }

    /// Who works with it.
    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Folder of what belongs to the run.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Its own has all images; into another one they come from a registry, or were loaded.
    pub(super) fn images(&self) -> Images {
        let registry = match self.kind {
            Kind::Own(_) => None,
            Kind::Named { .. } => env::var("CHAT_TEST_REGISTRY").ok(),
        };
        let registry = registry.filter(|registry| !registry.is_empty());
        let from = registry.map_or_else(String::new, |registry| format!("{registry}/"));
        let server = format!("{from}{}", tag("chat-server"));
        Images { server, broken: format!("{from}chat-platform/broken:1"), from }
    }

    /// Opens a way to something in a namespace, and says where it begins.
    pub(super) fn open(&mut self, namespace: &str, target: Target) -> Result<SocketAddr> {
        match &mut self.kind {
            Kind::Own(cluster) => {
                let client = self.client.in_namespace(namespace);
                cluster.forward(0, address(&client, &target)?)
            }
            Kind::Named { kubeconfig, tunnels } => {
                let tunnel = Tunnel::open(kubeconfig, namespace, target)?;
                let listen = tunnel.listen();
                tunnels.push(tunnel);
                Ok(listen)
            }
        }
    }

    /// The node is gone from one moment to the next, with everything that ran on it.
    pub(super) fn lose(&mut self, node: &str) -> Result<()> {
        let Kind::Own(cluster) = &mut self.kind else { bail!("{node} is not of this run") };
        let number: usize = node.trim_start_matches("node-").parse()?;
        cluster.nodes().get_mut(number - 1).context("no such node")?.lose()
    }

    /// Ends its own, or removes from another one what the run made there; nothing may be left.
    pub(super) fn end(self, run: &str) -> Result<()> {
        match self.kind {
            Kind::Own(cluster) => cluster.stop(),
            Kind::Named { .. } => {
                let removed = runs::remove(&self.client, run)?;
                let left = runs::all(&self.client)?;
                anyhow::ensure!(!left.contains(run), "more than {removed:?} is left of the run");
                Ok(())
            }
        }
    }
}

fn address(client: &Client, target: &Target) -> Result<SocketAddr> {
    match target {
        Target::Service(name) => product::address(client, name),
        Target::Pod(name, port) => {
            let what = "--output=jsonpath={.status.podIP}";
            Ok(SocketAddr::new(client.kubectl(&["get", "pod", name, what])?.parse()?, *port))
        }
    }
}
