//! Goal: in a Kubernetes of somebody else the ring refuses before it writes what it must not meet;
//! what a killed run left is removed by its id, and nothing else; `KUBECONFIG` is never followed.
//! Method: an API without nodes; this program itself, with its first chapter, and the command. Where
//! `KUBECONFIG` leads nobody may come by.

use std::{
    collections::BTreeSet,
    env, fs, io,
    net::TcpListener,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use bare_kube::{ControlPlane, runs};
use harness::{cli, eventually, provision};
use nix::{
    sys::signal::{self, Signal},
    unistd::Pid,
};
use serde_json::json;
use testbed::{checkout::Checkout, program};

/// For helm, which installs meanwhile, and for namespaces that end.
const RUN_TIMEOUT: Duration = Duration::from_mins(1);
const DEFINITION: &str = "customresourcedefinition/chatclusters.chatcluster.dev";
/// Kinds that live by themselves: they change where nobody does anything.
const LIVELY: [&str; 4] = ["leases.", "events", "apiservices.", "componentstatuses"];

/// A Kubernetes of somebody else, and the one that is meant by `KUBECONFIG`.
struct Somebody {
    control: ControlPlane,
    elsewhere: TcpListener,
    kubeconfig: PathBuf,
}

impl Somebody {
    fn named(name: &str) -> Result<Self> {
        let control = provision::control_plane(name)?;
        let elsewhere = TcpListener::bind("127.0.0.1:0")?;
        elsewhere.set_nonblocking(true)?;
        let kubeconfig = control.config().dir.join("elsewhere.kubeconfig");
        let server = format!("https://{}", elsewhere.local_addr()?);
        let cluster = json!({ "server": server, "insecure-skip-tls-verify": true });
        let file = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "people",
            "clusters": [{ "name": "people", "cluster": cluster }],
            "users": [{ "name": "people", "user": { "token": "secret" } }],
            "contexts": [{ "name": "people", "context": { "cluster": "people", "user": "people" } }],
        });
        fs::write(&kubeconfig, file.to_string())?;
        Ok(Self { control, elsewhere, kubeconfig })
    }

    /// A command that is told of both.
    fn with_env(&self, mut command: Command) -> Command {
        command.env(runs::KUBECONFIG, self.control.kubeconfig());
        command.env("KUBECONFIG", &self.kubeconfig);
        command
    }

    /// This program with its first chapter.
    fn chapter(&self, run: &str) -> Result<Command> {
        let mut command = self.with_env(Command::new(env::current_exe()?));
        command.args(["--exact", "story::c01_the_first_calls"]);
        command.env("CHAT_TEST_RUN", run).env("CHAT_TEST_DIR", self.control.config().dir.join(run));
        Ok(command)
    }

    fn clean(&self, run: &str) -> Result<Command> {
        Ok(self.with_env(cli::command(&["cluster", "clean", "--run", run])?))
    }

    fn apply(&self, object: &serde_json::Value) -> Result<()> {
        let file = self.control.config().dir.join("object.json");
        fs::write(&file, object.to_string())?;
        self.apply_file(&file)
    }

    fn apply_file(&self, file: &Path) -> Result<()> {
        let file = file.display().to_string();
        self.control.kubectl(&["apply", "--server-side", "--filename", &file]).map(drop)
    }

    /// Every object with its version.
    fn objects(&self) -> Result<BTreeSet<String>> {
        let kinds = ["api-resources", "--verbs=list", "--output=name"];
        let kinds = self.control.kubectl(&kinds)?;
        let is_still = |kind: &&str| !LIVELY.iter().any(|lively| kind.starts_with(lively));
        let kinds: Vec<&str> = kinds.lines().filter(is_still).collect();
        ensure!(kinds.len() > 30, "only these kinds: {kinds:?}");
        let what = r#"jsonpath={range .items[*]}{.kind} {.metadata.namespace}/{.metadata.name} {.metadata.resourceVersion}{"\n"}{end}"#;
        let get = ["get", &kinds.join(","), "--all-namespaces", "--output", what];
        Ok(self.control.kubectl(&get)?.lines().map(str::to_owned).collect())
    }

    /// The same, once the controllers have nothing to do any more.
    async fn settled(&self) -> Result<BTreeSet<String>> {
        eventually("nothing changes", RUN_TIMEOUT, || async {
            let before = self.objects()?;
            tokio::time::sleep(Duration::from_millis(300)).await;
            unchanged(&before, &self.objects()?)?;
            Ok(before)
        })
        .await
    }

    /// Whoever followed `KUBECONFIG` is heard here.
    fn must_be_alone_elsewhere(&self) -> Result<()> {
        let came = self.elsewhere.accept().err().map(|error| error.kind());
        ensure!(came == Some(io::ErrorKind::WouldBlock), "somebody followed KUBECONFIG");
        Ok(())
    }
}

fn unchanged(before: &BTreeSet<String>, now: &BTreeSet<String>) -> Result<()> {
    let different: Vec<_> = before.symmetric_difference(now).collect();
    ensure!(different.is_empty(), "these are not as before: {different:#?}");
    Ok(())
}

#[tokio::test]
async fn a_definition_or_an_operator_of_others_is_refused_unchanged() -> Result<()> {
    let somebody = Somebody::named("refused")?;
    let refused = async |words: &str| {
        let before = somebody.settled().await?;
        let output = program::run(&mut somebody.chapter("mine")?, &[], RUN_TIMEOUT)?;
        // Where what tests print is not captured, the error is on the other channel.
        let said = String::from_utf8(output.stdout)? + &String::from_utf8(output.stderr)?;
        ensure!(!output.status.success() && said.contains(words), "{words} is not in {said}");
        unchanged(&before, &somebody.objects()?).with_context(|| words.to_owned())
    };
    let of_run = |run: &str| format!("{}{run}", runs::LABEL);

    somebody.apply_file(&Checkout::find()?.path("manifests/crds/chatclusters.yaml"))?;
    refused("the cluster holds a definition of ChatCluster that this run did not make").await?;
    somebody.control.kubectl(&["label", DEFINITION, &of_run("=other")])?;
    refused("if that one has ended, remove what it left: cargo x cluster clean --run other")
        .await?;
    somebody.control.kubectl(&["delete", DEFINITION])?;

    let labels = json!({ "app.kubernetes.io/name": "chat-operator" });
    let container = json!({ "name": "operator", "image": "operator:1" });
    somebody.apply(&json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": { "name": "theirs", "namespace": "default", "labels": labels },
        "spec": {
            "replicas": 0, "selector": { "matchLabels": labels },
            "template": { "metadata": { "labels": labels }, "spec": { "containers": [container] } },
        },
    }))?;
    refused("an operator that this run did not make (default/theirs); name a cluster without one")
        .await?;
    somebody.must_be_alone_elsewhere()
}

#[tokio::test]
async fn what_a_killed_run_left_is_removed_and_nothing_else() -> Result<()> {
    let somebody = Somebody::named("cleaned")?;
    let said = program::output(&mut somebody.clean("killed")?)?;
    ensure!(said.contains("The cluster holds nothing of a run."), "{said}");
    for (kind, name, labels) in [
        ("Namespace", "of-another", json!({ runs::LABEL: "another" })),
        ("Namespace", "of-nobody", json!({})),
        ("ClusterRole", "of-another", json!({ runs::LABEL: "another" })),
        ("ClusterRole", "of-nobody", json!({})),
    ] {
        let group = if kind == "Namespace" { "v1" } else { "rbac.authorization.k8s.io/v1" };
        let metadata = json!({ "name": name, "labels": labels });
        somebody.apply(&json!({ "apiVersion": group, "kind": kind, "metadata": metadata }))?;
    }
    let before = somebody.settled().await?;
    killed(&somebody).await?;

    let complaint = cli::complaint(&mut somebody.clean("unknown")?)?;
    let there = "nothing of the run unknown; there is something of: another, killed";
    ensure!(complaint.contains(there), "{complaint}");
    let mut unnamed = somebody.clean("killed")?;
    let complaint = cli::complaint(unnamed.env_remove(runs::KUBECONFIG))?;
    ensure!(complaint.contains("CHAT_TEST_KUBECONFIG names no cluster"), "{complaint}");

    let said = program::output(&mut somebody.clean("killed")?)?;
    for gone in [
        "namespace/chat-test-killed is gone",
        "customresourcedefinition.apiextensions.k8s.io/chatclusters.chatcluster.dev is gone",
        "clusterrolebinding.rbac.authorization.k8s.io/chat-test-killed-system-chat-operator is gone",
        "clusterrole.rbac.authorization.k8s.io/chat-test-killed-system-chat-operator is gone",
    ] {
        ensure!(said.contains(gone), "{gone} is not in {said}");
    }
    eventually("all is as before the run", RUN_TIMEOUT, || async {
        unchanged(&before, &somebody.objects()?)
    })
    .await?;
    somebody.must_be_alone_elsewhere()
}

/// A run that is killed, with its `helm`, while its operator does not become ready: there is no node.
async fn killed(somebody: &Somebody) -> Result<()> {
    let mut chapter = somebody.chapter("killed")?;
    chapter.process_group(0).stdout(Stdio::null()).stderr(Stdio::null());
    let mut run: Child = chapter.spawn()?;
    // The last object of the chart, after all that is in no namespace.
    let begun = eventually("the run has installed its operator", RUN_TIMEOUT, || async {
        let namespace = "--namespace=chat-test-killed-system";
        somebody.control.kubectl(&["get", "deployment/chat-operator", namespace])
    })
    .await;
    signal::killpg(Pid::from_raw(run.id().try_into()?), Signal::SIGKILL)?;
    let ended = program::wait_within(&mut run, RUN_TIMEOUT)?;
    begun?;
    ended.context("the run did not end after it was killed").map(drop)
}
