//! A node: containerd, and the kubelet that controls it.

use std::{
    fs,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};
use nix::sys::statfs::{OVERLAYFS_SUPER_MAGIC, statfs};
use testbed::{Process, Timeout, program};

use super::{Place, Programs, cgroups::Cgroups, control::kubeconfig};

/// The image of the process that holds a pod's network.
pub const PAUSE: &str = "chat-platform/pause:1";
/// Where a kubelet meets plugins for devices.
const PLUGINS: &str = "/var/lib/kubelet/device-plugins/kubelet.sock";
/// The folder of the cluster, as it is called inside the enclave.
const INSIDE: &str = "/run/cluster";

/// What a node is started with.
#[derive(Debug, Clone)]
pub struct NodeConfig {
    /// Folder of the cluster.
    pub dir: PathBuf,
    /// Its programs.
    pub programs: Programs,
    /// Where its processes run.
    pub place: Place,
    /// From 1; address, name and pods' addresses follow from it.
    pub number: u8,
}

impl NodeConfig {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> String {
        name(self.number)
    }

    /// Its folder, for us.
    fn home(&self) -> PathBuf {
        self.dir.join(self.name())
    }

    /// Its folder, for itself.
    fn inside(&self) -> String {
        format!("{INSIDE}/{}", self.name())
    }

    fn socket(&self) -> String {
        format!("/run/{}/containerd.sock", self.name())
    }
}

/// The name of a node.
#[must_use]
pub fn name(number: u8) -> String {
    format!("node-{number}")
}

/// The address of a node.
#[must_use]
pub fn address(number: u8) -> Ipv4Addr {
    Ipv4Addr::new(198, 18, 255, number)
}

/// A running node. Its containers outlive it, until their enclave ends.
#[derive(Debug)]
pub struct Node {
    config: NodeConfig,
    kubelet: Option<Process>,
    containerd: Process,
}

impl Node {
    /// Starts its containerd; it is not ready yet.
    pub fn start(config: NodeConfig) -> Result<Self> {
        let home = config.home();
        for dir in ["cni", "kubelet"] {
            fs::create_dir_all(home.join(dir))
                .with_context(|| format!("cannot make {}", home.display()))?;
        }
        fs::write(home.join("cni/10-pods.conflist"), pod_network(&config))?;
        fs::write(home.join("containerd.toml"), containerd_settings(&config)?)?;
        fs::write(home.join("kubelet.yaml"), kubelet_settings(&config)?)?;
        let mut containerd = config.programs.command("containerd")?;
        containerd.arg("--config").arg(home.join("containerd.toml"));
        // It looks for its shims and for runc there.
        containerd.env("PATH", config.programs.path()?);
        let containerd = start(&config, "containerd", containerd)?;
        Ok(Self { config, kubelet: None, containerd })
    }

    /// Waits until it can run containers.
    pub fn wait(&mut self, timeout: &Timeout) -> Result<()> {
        timeout.wait("containerd", || {
            self.must_live()?;
            Ok(self.ctr(&["version"]).is_ok())
        })
    }

    /// Starts its kubelet, which makes it known to the API.
    ///
    /// A kubelet's socket for plugins has the same place on every machine. Nobody needs it here, but
    /// two kubelets that make it at the same moment fail; so this waits until it is there.
    pub fn join(&mut self, timeout: &Timeout) -> Result<()> {
        let socket = self.config.place.file(PLUGINS);
        let _ = fs::remove_file(&socket);
        self.start_kubelet()?;
        timeout.wait("the kubelet", || {
            self.must_live()?;
            Ok(socket.exists())
        })
    }

    fn start_kubelet(&mut self) -> Result<()> {
        let NodeConfig { dir, programs, number, .. } = &self.config;
        let (home, name) = (self.config.home(), self.config.name());
        let mut kubelet = programs.command("kubelet")?;
        kubelet.arg("--config").arg(home.join("kubelet.yaml"));
        kubelet.arg("--kubeconfig").arg(kubeconfig(dir, &name));
        kubelet.args(["--hostname-override", &name, "--node-ip", &address(*number).to_string()]);
        kubelet.args(["--root-dir", &format!("{}/kubelet", self.config.inside())]);
        kubelet.args(["--cert-dir", &format!("{}/keys", self.config.inside())]);
        kubelet.env("PATH", programs.path()?);
        self.kubelet = Some(start(&self.config, "kubelet", kubelet)?);
        Ok(())
    }

    /// Loads an image from a file.
    pub fn load(&self, image: &Path) -> Result<()> {
        let file = image.to_str().context("the name of the image's file is not text")?;
        self.ctr(&["--namespace", "k8s.io", "images", "import", "--all-platforms", file])
            .with_context(|| format!("cannot load {file} into {}", self.config.name()))?;
        Ok(())
    }

    /// Kills the node at once, with everything that runs on it.
    pub fn lose(&mut self) -> Result<()> {
        if let Some(mut kubelet) = self.kubelet.take() {
            kubelet.kill()?;
        }
        self.containerd.kill()?;
        Cgroups::of(&self.config.dir).kill(&self.config.name())
    }

    /// Fails where a part has ended.
    pub fn must_live(&mut self) -> Result<()> {
        self.containerd.must_live()?;
        self.kubelet.as_mut().map_or(Ok(()), Process::must_live)
    }

    fn ctr(&self, args: &[&str]) -> Result<String> {
        let NodeConfig { programs, place, .. } = &self.config;
        ctr(programs, *place, self.config.number, args)
    }
}

/// Runs containerd's own client on a node.
pub fn ctr(programs: &Programs, place: Place, number: u8, args: &[&str]) -> Result<String> {
    let mut ctr = programs.command("ctr")?;
    ctr.args(["--address", &format!("/run/{}/containerd.sock", name(number))]).args(args);
    program::output(&mut place.command(ctr))
}

fn start(config: &NodeConfig, name: &str, command: Command) -> Result<Process> {
    let name = format!("{name}-{}", config.number);
    Process::start(&name, config.place.command(command), &config.dir)
}

/// Every pod gets a link of its own, without a bridge: then all packets pass the rules that make
/// Services, also those between two pods of one node.
fn pod_network(config: &NodeConfig) -> String {
    let number = config.number - 1;
    format!(
        r#"{{
  "cniVersion": "1.0.0",
  "name": "pods",
  "plugins": [
    {{
      "type": "ptp",
      "ipam": {{
        "type": "host-local",
        "dataDir": "{}/addresses",
        "ranges": [[{{ "subnet": "198.18.{number}.0/24" }}]],
        "routes": [{{ "dst": "0.0.0.0/0" }}]
      }}
    }},
    {{ "type": "portmap", "capabilities": {{ "portMappings": true }} }}
  ]
}}
"#,
        config.inside()
    )
}

fn containerd_settings(config: &NodeConfig) -> Result<String> {
    let (name, inside) = (config.name(), config.inside());
    // One overlay cannot lie on another one, as in a container that we may be in.
    let on_overlay = statfs(&config.dir)?.filesystem_type() == OVERLAYFS_SUPER_MAGIC;
    let snapshotter = if on_overlay { "native" } else { "overlayfs" };
    Ok(format!(
        "version = 3
root = '{inside}/containerd'
state = '/run/{name}/containerd'

[grpc]
address = '{}'

[plugins.'io.containerd.internal.v1.opt']
path = '{inside}/opt'

[plugins.'io.containerd.nri.v1.nri']
disable = true

[plugins.'io.containerd.snapshotter.v1.overlayfs']
# Nothing here outlives the cluster, so nobody waits for the disk at its end.
mount_options = ['volatile']

[plugins.'io.containerd.cri.v1.images']
snapshotter = '{snapshotter}'

[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = 'docker.io/{PAUSE}'

[plugins.'io.containerd.cri.v1.runtime']
# Who is root in a container may not lower this, and without it no pod would start there.
restrict_oom_score_adj = true

[plugins.'io.containerd.cri.v1.runtime'.cni]
bin_dirs = ['{}']
conf_dir = '{inside}/cni'

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
runtime_type = 'io.containerd.runc.v2'

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
SystemdCgroup = false
",
        config.socket(),
        config.programs.dir_of("ptp")?.display()
    ))
}

fn kubelet_settings(config: &NodeConfig) -> Result<String> {
    let (inside, socket) = (config.inside(), config.socket());
    let cgroup = Cgroups::of(&config.dir).make(&config.name())?;
    fs::write(config.dir.join("resolv.conf"), format!("nameserver {}\n", address(1)))?;
    Ok(format!(
        "apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: {}
healthzPort: 0
authentication:
  anonymous: {{ enabled: false }}
  webhook: {{ enabled: true }}
  x509: {{ clientCAFile: {INSIDE}/keys/ca.crt }}
authorization: {{ mode: Webhook }}
containerRuntimeEndpoint: unix://{socket}
podLogsDir: {inside}/logs
volumePluginDir: {inside}/plugins
clusterDomain: cluster.local
clusterDNS: [{}]
resolvConf: {INSIDE}/resolv.conf
cgroupDriver: cgroupfs
cgroupRoot: {cgroup}
failCgroupV1: false
failSwapOn: false
# It says that it lives every two seconds, ten times before it is taken for lost.
nodeLeaseDurationSeconds: 8
# A changed Secret comes into its pods within so long, and half of it.
syncFrequency: 10s
# The machine's memory and disk are shared with whatever else runs on it.
enforceNodeAllocatable: []
evictionHard: {{ memory.available: 100Mi, nodefs.available: 200Mi, imagefs.available: 200Mi }}
imageGCHighThresholdPercent: 100
serializeImagePulls: false
",
        address(config.number),
        address(1)
    ))
}
