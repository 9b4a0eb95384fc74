//! A whole Kubernetes: a control plane and nodes in an enclave.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    thread,
};

use anyhow::{Context as _, Result, anyhow};
use testbed::{Process, Timeout};

use super::{
    ControlPlane, ControlPlaneConfig, Forward, Node, NodeConfig, Place, Programs,
    cgroups::Cgroups,
    control::{SERVICES, kubeconfig},
    enclave::{self, Enclave},
    node::{address, name},
    product, volumes,
};

/// Addresses of pods. Like those of nodes and Services they are from the range that is set aside
/// for tests of networks, so they meet no real one.
const PODS: &str = "198.18.0.0/16";
const API_PORT: u16 = 6443;

/// What a Kubernetes is started with.
#[derive(Debug, Clone)]
pub struct ClusterConfig {
    /// Folder of everything that it keeps.
    pub dir: PathBuf,
    /// Its programs.
    pub programs: Programs,
    /// How many nodes.
    pub nodes: u8,
    /// Files of images that every node has.
    pub images: Vec<PathBuf>,
}

/// A running Kubernetes. When it is dropped everything in it ends at once.
#[derive(Debug)]
pub struct Cluster {
    // The first to be dropped: the kernel ends all others with it.
    enclave: Enclave,
    config: ClusterConfig,
    place: Place,
    control: ControlPlane,
    nodes: Vec<Node>,
    services: Vec<Process>,
    forwards: Vec<Forward>,
}

impl Cluster {
    /// Starts it and waits until its nodes are ready.
    pub fn start(config: ClusterConfig, timeout: &Timeout) -> Result<Self> {
        let numbers = 1..=config.nodes;
        let addresses: Vec<String> =
            numbers.clone().map(|number| address(number).to_string()).collect();
        let mut enclave = Enclave::start(&config.dir, &addresses, SERVICES)?;
        enclave.wait(timeout)?;
        let place = enclave.place()?;
        let listen = SocketAddr::from((address(1), API_PORT));
        let outside = Forward::open(enclave.network()?, loopback(0), listen)?;
        let control = ControlPlane::start(ControlPlaneConfig {
            dir: config.dir.clone(),
            programs: config.programs.clone(),
            place,
            listen,
            outside: Some(outside.listen()),
            nodes: numbers.map(name).collect(),
        })?;
        let forwards = vec![outside];
        let (nodes, services) = (Vec::new(), Vec::new());
        let mut cluster = Self { enclave, config, place, control, nodes, services, forwards };
        cluster.start_nodes(timeout)?;
        cluster.control.wait(timeout)?;
        cluster.join(timeout)?;
        Ok(cluster)
    }

    /// Its control plane.
    #[must_use]
    pub fn control(&self) -> &ControlPlane {
        &self.control
    }

    /// Where its processes run.
    #[must_use]
    pub fn place(&self) -> Place {
        self.place
    }

    /// Its nodes.
    pub fn nodes(&mut self) -> &mut [Node] {
        &mut self.nodes
    }

    /// Opens a way to an address inside, such as that of a Service, and says where it begins.
    /// The port may be 0, for a free one.
    pub fn forward(&mut self, port: u16, target: SocketAddr) -> Result<SocketAddr> {
        let forward = Forward::open(self.enclave.network()?, loopback(port), target)?;
        let listen = forward.listen();
        self.forwards.push(forward);
        Ok(listen)
    }

    /// Fails where a part has ended. Nodes may be lost; that is for tests.
    pub fn must_live(&mut self) -> Result<()> {
        self.enclave.process().must_live()?;
        self.control.must_live()?;
        self.services.iter_mut().try_for_each(Process::must_live)
    }

    /// Ends it and removes what the kernel does not remove by itself.
    pub fn stop(self) -> Result<()> {
        let dir = self.config.dir.clone();
        drop(self);
        clear(&dir)
    }

    /// Containers and their images need no API, so this goes on while that one starts.
    fn start_nodes(&mut self, timeout: &Timeout) -> Result<()> {
        for number in 1..=self.config.nodes {
            self.nodes.push(Node::start(NodeConfig {
                dir: self.config.dir.clone(),
                programs: self.config.programs.clone(),
                place: self.place,
                number,
            })?);
        }
        for node in &mut self.nodes {
            node.wait(timeout)?;
        }
        let images = &self.config.images;
        let load = |node: &Node| images.iter().try_for_each(|image| node.load(image));
        thread::scope(|all| {
            let nodes: Vec<_> = self.nodes.iter().map(|node| all.spawn(|| load(node))).collect();
            nodes.into_iter().try_for_each(|node| {
                node.join().map_err(|_| anyhow!("loading images has panicked"))?
            })
        })
    }

    fn join(&mut self, timeout: &Timeout) -> Result<()> {
        self.services.push(self.start_proxy()?);
        self.services.push(self.start_names()?);
        self.nodes.iter_mut().try_for_each(|node| node.join(timeout))?;
        product::apply(&self.control.client(), &volumes::make(&self.config.dir)?)?;
        let what = r#"jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}"#;
        timeout.wait("the nodes", || {
            self.must_live()?;
            self.nodes.iter_mut().try_for_each(Node::must_live)?;
            let ready = self.control.kubectl(&["get", "nodes", "-o", what]).unwrap_or_default();
            let ready = ready.split_whitespace().filter(|word| *word == "True").count();
            Ok(ready == usize::from(self.config.nodes))
        })
    }

    /// Makes the rules that lead from a Service to its pods: one for all nodes, because they
    /// share a network.
    fn start_proxy(&self) -> Result<Process> {
        let ClusterConfig { dir, programs, .. } = &self.config;
        let mut proxy = programs.command("kube-proxy")?;
        proxy.arg("--kubeconfig").arg(kubeconfig(dir, "kube-proxy"));
        proxy.args(["--hostname-override", &name(1), "--cluster-cidr", PODS]);
        proxy.args(["--proxy-mode=iptables", "--healthz-bind-address=127.0.0.1:10256"]);
        // What it would set besides belongs to the whole machine.
        proxy.args(["--conntrack-max-per-core=0", "--conntrack-tcp-timeout-established=0"]);
        proxy.arg("--conntrack-tcp-timeout-close-wait=0");
        proxy.env("PATH", programs.path()?);
        Process::start("kube-proxy", self.place.command(proxy), dir)
    }

    /// Answers for the names of Services.
    fn start_names(&self) -> Result<Process> {
        let ClusterConfig { dir, programs, .. } = &self.config;
        let file = dir.join("Corefile");
        let settings = format!(
            ".:53 {{\n    bind {}\n    errors\n    cache 5\n    kubernetes cluster.local \
             in-addr.arpa {{\n        kubeconfig {}\n        ttl 5\n    }}\n}}\n",
            address(1),
            kubeconfig(dir, "coredns").display()
        );
        fs::write(&file, settings).context("cannot write the settings of the name server")?;
        let mut names = programs.command("coredns")?;
        names.arg("-conf").arg(file);
        Process::start("coredns", self.place.command(names), dir)
    }
}

/// Removes what a cluster left on the machine, however it ended.
pub fn clear(dir: &Path) -> Result<()> {
    enclave::clear(dir)?;
    Cgroups::of(dir).remove()
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}
