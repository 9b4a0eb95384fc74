//! The control plane: etcd, the API, its controllers and its scheduler.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, Result};
use testbed::{Process, Timeout, ports};

use super::{
    Access, Client, Place, Programs,
    access::write_tokens,
    authority::{Authority, Subject},
};

/// Addresses of Services. Like those of pods and nodes they are from the range that is set aside
/// for tests of networks, so they meet no real one.
pub const SERVICES: &str = "198.19.0.0/16";
/// The Service of the API itself.
const FIRST_SERVICE: &str = "198.19.0.1";

/// Who did what, without what was in it; Kubernetes' own parts and its administrator left out.
const AUDIT: &str = "
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted]
rules:
- level: None
  nonResourceURLs: ['*']
- level: None
  userGroups: ['system:masters', 'system:nodes', 'system:serviceaccounts:kube-system']
- level: None
  users: ['system:apiserver', 'system:kube-controller-manager', 'system:kube-scheduler', 'system:kube-proxy']
- level: Metadata
";

/// What a control plane is started with.
#[derive(Debug, Clone)]
pub struct ControlPlaneConfig {
    /// Folder of its keys, data and logs.
    pub dir: PathBuf,
    /// Its programs.
    pub programs: Programs,
    /// Where its processes run.
    pub place: Place,
    /// Where the API listens; its store listens on the same address.
    pub listen: SocketAddr,
    /// Where this machine reaches the API, if not there.
    pub outside: Option<SocketAddr>,
    /// Names of nodes that will come.
    pub nodes: Vec<String>,
}

impl ControlPlaneConfig {
    /// Every request of a `ServiceAccount` that the API answered, one JSON object a line: `audit.k8s.io/v1` `Event`.
    #[must_use]
    pub fn audit_log(&self) -> PathBuf {
        self.dir.join("audit.log")
    }
}

/// A running control plane. It is killed when dropped; [`ControlPlane::stop`] is the gentle way.
#[derive(Debug)]
pub struct ControlPlane {
    config: ControlPlaneConfig,
    authority: Authority,
    // In this order they are killed: nobody is left who would complain.
    controllers: Vec<Process>,
    api: Process,
    etcd: Process,
}

impl ControlPlane {
    /// Starts etcd and the API; they are not ready yet.
    pub fn start(config: ControlPlaneConfig) -> Result<Self> {
        let keys = config.dir.join("keys");
        let _ = fs::remove_dir_all(&keys);
        let authority = Authority::make(&keys)?;
        admit(&config, &authority)?;
        let (etcd, store) = start_etcd(&config)?;
        let api = start_api(&config, &authority, &store)?;
        Ok(Self { config, controllers: Vec::new(), api, etcd, authority })
    }

    /// Waits until the API answers, starts the controllers and waits until they work.
    pub fn wait(&mut self, timeout: &Timeout) -> Result<()> {
        timeout.wait("the API of Kubernetes", || {
            self.must_live()?;
            Ok(self.kubectl(&["get", "--raw", "/readyz"]).is_ok())
        })?;
        if self.controllers.is_empty() {
            self.controllers.push(self.start_manager()?);
            self.controllers.push(self.start_scheduler()?);
        }
        // The last thing that an empty namespace gets; without it no pod can be made.
        timeout.wait("the controllers of Kubernetes", || {
            self.must_live()?;
            Ok(self.kubectl(&["get", "serviceaccount", "default"]).is_ok())
        })
    }

    /// The file for `KUBECONFIG`, of somebody who may do everything.
    #[must_use]
    pub fn kubeconfig(&self) -> PathBuf {
        kubeconfig(&self.config.dir, "admin")
    }

    /// What it was started with.
    #[must_use]
    pub fn config(&self) -> &ControlPlaneConfig {
        &self.config
    }

    /// Its admin.
    #[must_use]
    pub fn client(&self) -> Client {
        let cache = self.config.dir.join("kubectl");
        Client::new(self.config.programs.clone(), Some(self.kubeconfig()), cache)
    }

    /// Runs `kubectl` as admin and gives what it printed.
    pub fn kubectl(&self, args: &[&str]) -> Result<String> {
        self.client().kubectl(args)
    }

    /// Holds the API still: it takes connections and answers nobody.
    pub fn freeze(&self) -> Result<()> {
        self.api.freeze()
    }

    /// Lets a frozen API go on.
    pub fn thaw(&self) -> Result<()> {
        self.api.thaw()
    }

    /// Fails where a part has ended.
    pub fn must_live(&mut self) -> Result<()> {
        self.etcd.must_live()?;
        self.api.must_live()?;
        self.controllers.iter_mut().try_for_each(Process::must_live)
    }

    /// Ends all parts, the store last.
    pub fn stop(mut self) -> Result<()> {
        let grace = Duration::from_secs(10);
        for controller in &mut self.controllers {
            controller.stop(grace)?;
        }
        self.api.stop(grace)?;
        self.etcd.stop(grace)?;
        Ok(())
    }

    fn start_manager(&self) -> Result<Process> {
        let ControlPlaneConfig { dir, programs, .. } = &self.config;
        let mut manager = programs.command("kube-controller-manager")?;
        manager.args(["--leader-elect=false", "--secure-port=0"]);
        manager.args(["--use-service-account-credentials", "--service-cluster-ip-range", SERVICES]);
        // A node that is lost is noticed after twenty seconds instead of fifty.
        manager.args(["--node-monitor-period=2s", "--node-monitor-grace-period=20s"]);
        manager.arg("--kubeconfig").arg(kubeconfig(dir, "kube-controller-manager"));
        manager.arg("--root-ca-file").arg(self.authority.certificate("ca"));
        manager.arg("--service-account-private-key-file").arg(self.authority.key("tokens"));
        start(&self.config, "kube-controller-manager", manager)
    }

    fn start_scheduler(&self) -> Result<Process> {
        let ControlPlaneConfig { dir, programs, .. } = &self.config;
        let mut scheduler = programs.command("kube-scheduler")?;
        scheduler.args(["--leader-elect=false", "--secure-port=0"]);
        scheduler.arg("--kubeconfig").arg(kubeconfig(dir, "kube-scheduler"));
        start(&self.config, "kube-scheduler", scheduler)
    }
}

/// The file with which a part enters.
#[must_use]
pub fn kubeconfig(dir: &Path, name: &str) -> PathBuf {
    dir.join(format!("{name}.kubeconfig"))
}

/// Makes tokens and certificates for everybody.
fn admit(config: &ControlPlaneConfig, keys: &Authority) -> Result<()> {
    let mut all = Vec::new();
    for name in ["admin", "coredns"] {
        all.push((name.to_owned(), Access::admin(name)?));
    }
    for name in ["kube-controller-manager", "kube-scheduler", "kube-proxy"] {
        all.push((name.to_owned(), Access::component(name)?));
    }
    for node in &config.nodes {
        all.push((node.clone(), Access::node(node)?));
    }
    let everybody: Vec<&Access> = all.iter().map(|(_, access)| access).collect();
    write_tokens(&config.dir.join("tokens.csv"), &everybody)?;
    for (name, access) in &all {
        let url = match config.outside {
            Some(outside) if name == "admin" => format!("https://{outside}"),
            _ => format!("https://{}", config.listen),
        };
        access.write(&kubeconfig(&config.dir, name), keys, &url)?;
    }
    let services = ["kubernetes", "kubernetes.default", "kubernetes.default.svc"];
    let mut reached_by: Vec<String> = services.map(|name| format!("DNS:{name}")).to_vec();
    reached_by.push("DNS:kubernetes.default.svc.cluster.local".to_owned());
    reached_by.push("DNS:localhost".to_owned());
    let address = config.listen.ip().to_string();
    for ip in ["127.0.0.1", FIRST_SERVICE, &address] {
        reached_by.push(format!("IP:{ip}"));
    }
    let (name, reached_by) = ("kube-apiserver", reached_by.as_slice());
    keys.sign(&Subject { file: "api", name, group: None, reached_by })?;
    // With this one the API asks nodes for logs, and to run something in a pod.
    let group = Some("system:masters");
    keys.sign(&Subject { file: "api-to-nodes", name, group, reached_by: &[] })
}

fn start_etcd(config: &ControlPlaneConfig) -> Result<(Process, String)> {
    let url = |port: u16| format!("http://{}:{port}", config.listen.ip());
    let (clients, peers) = (url(ports::free()?), url(ports::free()?));
    let data = config.dir.join("etcd");
    let _ = fs::remove_dir_all(&data);
    let mut etcd = config.programs.command("etcd")?;
    etcd.arg("--data-dir").arg(data).args(["--name", "store", "--log-level", "warn"]);
    etcd.args(["--listen-client-urls", &clients, "--advertise-client-urls", &clients]);
    etcd.args(["--listen-peer-urls", &peers, "--initial-advertise-peer-urls", &peers]);
    etcd.args(["--initial-cluster", &format!("store={peers}")]);
    // What a crash of the machine would lose was not worth keeping.
    etcd.arg("--unsafe-no-fsync");
    Ok((start(config, "etcd", etcd)?, clients))
}

fn start_api(config: &ControlPlaneConfig, keys: &Authority, store: &str) -> Result<Process> {
    let mut api = config.programs.command("kube-apiserver")?;
    let address = config.listen.ip().to_string();
    api.args(["--etcd-servers", store, "--bind-address", &address]);
    api.args(["--advertise-address", &address, "--secure-port", &config.listen.port().to_string()]);
    if config.listen.ip().is_loopback() {
        // No pod could reach it; the Service `kubernetes` has no address then.
        api.arg("--endpoint-reconciler-type=none");
    }
    let file = |flag: &str, path: PathBuf| format!("--{flag}={}", path.display());
    let policy = config.dir.join("audit.yaml");
    fs::write(&policy, AUDIT).with_context(|| format!("cannot write {}", policy.display()))?;
    api.args([
        file("audit-policy-file", policy),
        file("audit-log-path", config.audit_log()),
        file("token-auth-file", config.dir.join("tokens.csv")),
        file("cert-dir", config.dir.join("keys")),
        file("tls-cert-file", keys.certificate("api")),
        file("tls-private-key-file", keys.key("api")),
        file("client-ca-file", keys.certificate("ca")),
        file("kubelet-client-certificate", keys.certificate("api-to-nodes")),
        file("kubelet-client-key", keys.key("api-to-nodes")),
        file("service-account-key-file", keys.public("tokens")),
        file("service-account-signing-key-file", keys.key("tokens")),
    ]);
    api.arg("--service-account-issuer=https://kubernetes.default.svc.cluster.local");
    api.args(["--service-cluster-ip-range", SERVICES, "--authorization-mode=Node,RBAC"]);
    api.args(["--enable-admission-plugins=NodeRestriction", "--allow-privileged=true"]);
    api.arg("--kubelet-preferred-address-types=InternalIP");
    start(config, "kube-apiserver", api)
}

fn start(config: &ControlPlaneConfig, name: &str, command: Command) -> Result<Process> {
    Process::start(name, config.place.command(command), &config.dir)
        .with_context(|| format!("cannot start {name}"))
}
