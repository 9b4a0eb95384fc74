//! Goal: pods run on two nodes and answer through a Service, from inside and from outside; after
//! the end, a gentle one or a crash, nothing of the cluster is left on the machine.
//! Method: Redis in two pods; compare what the machine has before and after.

use std::{
    collections::BTreeSet,
    fs,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use bare_kube::{Cluster, Place, cluster};
use harness::{eventually, provision};
use nix::{
    sys::signal::{self, Signal},
    unistd::Pid,
};
use testbed::program;

const REDIS: &str = r"
apiVersion: apps/v1
kind: Deployment
metadata: { name: redis }
spec:
  replicas: 2
  selector: { matchLabels: { app: redis } }
  template:
    metadata: { labels: { app: redis } }
    spec:
      affinity:
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            - topologyKey: kubernetes.io/hostname
              labelSelector: { matchLabels: { app: redis } }
      containers:
        - name: redis
          image: redis:7.4
          resources: { limits: { memory: 64Mi } }
          readinessProbe: { tcpSocket: { port: 6379 }, periodSeconds: 1 }
          securityContext:
            runAsNonRoot: true
            allowPrivilegeEscalation: false
            capabilities: { drop: [ALL] }
            seccompProfile: { type: RuntimeDefault }
---
apiVersion: v1
kind: Service
metadata: { name: redis }
spec: { selector: { app: redis }, ports: [{ port: 6379 }] }
";

#[tokio::test]
async fn pods_answer_through_a_service_and_the_end_leaves_nothing() -> Result<()> {
    let before = Traces::of_machine()?;
    let mut cluster = provision::cluster("whole", &["pause", "redis"])?;
    let dir = cluster.control().config().dir.clone();
    let processes = Processes::of(&cluster)?;

    let manifest = dir.join("redis.yaml");
    fs::write(&manifest, REDIS)?;
    let control = cluster.control();
    control.kubectl(&["apply", "-f", manifest.to_str().context("a strange folder")?])?;
    control.kubectl(&["rollout", "status", "deployment/redis", "--timeout=120s"])?;
    let where_they_are =
        control.kubectl(&["get", "pods", "-o", "jsonpath={.items[*].spec.nodeName}"])?;
    let nodes: BTreeSet<&str> = where_they_are.split_whitespace().collect();
    ensure!(nodes.len() == 2, "the pods are on {where_they_are}");

    let inside = ["exec", "deployment/redis", "--", "redis-cli", "-h", "redis.default.svc", "ping"];
    eventually("the name of the Service leads to a pod", Duration::from_secs(30), || async {
        let said = control.kubectl(&inside)?;
        ensure!(said.trim() == "PONG", "{said}");
        Ok(())
    })
    .await?;

    let address =
        control.kubectl(&["get", "service", "redis", "-o", "jsonpath={.spec.clusterIP}"])?;
    let outside = cluster.forward(0, SocketAddr::new(address.parse()?, 6379))?;
    ensure!(ping(outside)? == "+PONG\r\n", "the Service does not answer from outside");

    ensure!(processes.count()? > 10, "the processes of the cluster are not where they should be");
    cluster.stop()?;
    // Its first process is buried by the machine's, in its own time.
    eventually("no process is left", Duration::from_secs(5), || async { processes.must_be_gone() })
        .await?;
    before.must_be_all(&dir)
}

#[tokio::test]
async fn a_crash_leaves_nothing_either() -> Result<()> {
    let before = Traces::of_machine()?;
    let cluster = provision::cluster("crash", &["pause", "redis"])?;
    let dir = cluster.control().config().dir.clone();
    cluster.control().kubectl(&["create", "deployment", "redis", "--image=redis:7.4"])?;
    cluster.control().kubectl(&["rollout", "status", "deployment/redis", "--timeout=120s"])?;
    let processes = Processes::of(&cluster)?;

    let note = fs::read_to_string(dir.join("enclave.process"))?;
    let pid = note.split(' ').next().unwrap_or_default().parse()?;
    signal::kill(Pid::from_raw(pid), Signal::SIGKILL)?;

    eventually("the kernel ends all of it", Duration::from_secs(20), || async {
        processes.must_be_gone()
    })
    .await?;
    drop(cluster);
    cluster::clear(&dir)?;
    before.must_be_all(&dir)
}

fn ping(address: SocketAddr) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.write_all(b"PING\r\n")?;
    let mut answer = [0; 7];
    stream.read_exact(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// The processes of one enclave.
struct Processes {
    tree: PathBuf,
}

impl Processes {
    fn of(cluster: &Cluster) -> Result<Self> {
        let Place::Inside(init) = cluster.place() else { anyhow::bail!("not in an enclave") };
        Ok(Self { tree: fs::read_link(format!("/proc/{init}/ns/pid"))? })
    }

    fn count(&self) -> Result<usize> {
        let mut count = 0;
        for entry in fs::read_dir("/proc")? {
            // Many end while we look.
            count += usize::from(
                fs::read_link(entry?.path().join("ns/pid")).is_ok_and(|tree| tree == self.tree),
            );
        }
        Ok(count)
    }

    fn must_be_gone(&self) -> Result<()> {
        let count = self.count()?;
        ensure!(count == 0, "{count} processes are left");
        Ok(())
    }
}

/// What a cluster could leave on a machine.
struct Traces {
    mounts: BTreeSet<String>,
    links: BTreeSet<String>,
    rules: BTreeSet<String>,
}

impl Traces {
    fn of_machine() -> Result<Self> {
        let mounts = fs::read_to_string("/proc/self/mounts")?;
        let links = fs::read_dir("/sys/class/net")?
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect::<Result<_>>()?;
        let save = program::first_of(&["iptables-save"])?;
        let rules = program::output(&mut Command::new(save))?;
        let rules = rules.lines().filter(|line| line.starts_with("-A")).map(str::to_owned);
        Ok(Self {
            mounts: mounts.lines().map(str::to_owned).collect(),
            links,
            rules: rules.collect(),
        })
    }

    /// Nothing has come to what was there before.
    fn must_be_all(&self, dir: &Path) -> Result<()> {
        let now = Self::of_machine()?;
        for (before, now) in
            [(&self.mounts, &now.mounts), (&self.links, &now.links), (&self.rules, &now.rules)]
        {
            let left: Vec<&String> = now.difference(before).collect();
            ensure!(left.is_empty(), "these are left: {left:?}");
        }
        let group = bare_kube::cgroups::Cgroups::of(dir);
        ensure!(!group.exists()?, "control groups are left");
        Ok(())
    }
}
