//! The product in a Kubernetes with two nodes, installed as people do it.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use bare_kube::{
    Client, Cluster,
    product::{self, SAMPLE_NAME},
};
use nix::{
    sys::signal::{self, Signal},
    unistd::Pid,
};
use operator::crd::ChatCluster;
use serde_json::{Value, json};
use testbed::{Checkout, Timeout, process};
use uuid::Uuid;

use crate::{Api, Person, eventually, mistake, provision};

/// Label of what the operator made.
const OURS: &str = "app.kubernetes.io/managed-by=chat-operator";
/// What a pod's own process is called; it is not the product.
const PAUSE: &str = "pause";

/// Nothing but what the strictest standard of Kubernetes allows.
const NAMESPACES: &str = "
apiVersion: v1
kind: Namespace
metadata:
  name: chat-system
  labels: { pod-security.kubernetes.io/enforce: restricted }
---
apiVersion: v1
kind: Namespace
metadata:
  name: default
  labels: { pod-security.kubernetes.io/enforce: restricted }
";

/// A cluster with the operator and the sample.
#[derive(Debug)]
pub struct Installation {
    cluster: Cluster,
    /// Who works with it.
    pub client: Client,
    /// Where charts and samples are.
    pub checkout: Checkout,
    /// Where the Service is reached from outside.
    pub url: String,
    /// File with the only authority that clients trust; without one, those of this machine.
    pub authority: Option<PathBuf>,
    /// From `helm install` to an operator that is ready.
    pub operator_took: Duration,
    /// From `kubectl apply` to a `ChatCluster` that is ready.
    pub chat_took: Duration,
}

impl Installation {
    /// A cluster with the operator and the sample, which says that it is ready.
    pub fn install(name: &str) -> Result<Self> {
        let product = ["redis", "mysql", "chat-server", "chat-operator"];
        let images = [&product[..], &["pause", "broken", "prometheus"]].concat();
        let cluster = provision::cluster(name, &images)?;
        let client = cluster.control().client();
        let checkout = Checkout::find()?;
        let namespaces = cluster.control().config().dir.join("namespaces.yaml");
        fs::write(&namespaces, NAMESPACES)?;
        product::apply(&client, &namespaces)?;
        let started = Instant::now();
        product::install_operator(&client, &checkout, &[])?;
        let operator_took = started.elapsed();
        let started = Instant::now();
        product::apply(&client, &sample(&checkout)?)?;
        product::wait_ready(&client, SAMPLE_NAME)?;
        let chat_took = started.elapsed();
        let (url, authority) = (String::new(), None);
        let mut site = Self { cluster, client, checkout, url, authority, operator_took, chat_took };
        site.find()?;
        Ok(site)
    }

    /// Applies the sample once more, where it was deleted, and waits until it is ready.
    pub fn apply_again(&mut self) -> Result<()> {
        product::apply(&self.client, &sample(&self.checkout)?)?;
        self.wait_ready()?;
        self.find()
    }

    /// Finds the Service anew, where its address or its port is another one.
    pub fn find(&mut self) -> Result<()> {
        let address = product::address(&self.client, SAMPLE_NAME)?;
        let way = self.way_to(address)?;
        self.url = if address.port() == 443 { way.replacen("http", "https", 1) } else { way };
        Ok(())
    }

    /// A client that nobody is signed in with.
    pub fn api(&self) -> Result<Api> {
        match &self.authority {
            Some(authority) => Api::believing(&self.url, authority),
            None => Api::new(&self.url),
        }
    }

    /// Somebody new.
    pub async fn sign_up(&self, name: &str) -> Result<Person> {
        Person::sign_up(&self.api()?, name).await
    }

    /// The same session, where the Service is now.
    pub fn find_again(&self, person: &Person) -> Result<Person> {
        Ok(Person { api: self.api()?.with_token(&person.token), ..person.clone() })
    }

    /// The first calls of two users, without retries: they sign up, connect, and one sends a
    /// message that the other receives and finds.
    pub async fn first_calls(&self) -> Result<(Person, Person)> {
        let (ada, bob) = (self.sign_up("ada").await?, self.sign_up("bob").await?);
        let room = ada.direct(&bob).await?.id;
        let (from, to) = (ada.connect().await?, bob.connect().await?);
        // What is sent before is not new to them: their heads have it.
        to.event("heads").await?;
        let body = json!({ "roomId": room, "clientId": Uuid::new_v4(), "content": "hello" });
        let sent: Value = from.command("sendMessage", &body).await?;
        let seq = sent["message"]["seq"].clone();
        to.event_where("newMessage", |data| data["messages"][0]["seq"] == seq).await?;
        let newest = bob.history(room).await?.messages.pop().context("no message")?;
        ensure!(seq == json!(newest.seq), "{sent} is not what is there: {newest:?}");
        from.disconnect().await;
        to.disconnect().await;
        Ok((ada, bob))
    }

    /// Opens a way to an address inside, and gives the URL where it begins.
    pub fn way_to(&mut self, target: SocketAddr) -> Result<String> {
        Ok(format!("http://{}", self.cluster.forward(0, target)?))
    }

    /// Runs `kubectl`.
    pub fn kubectl(&self, args: &[&str]) -> Result<String> {
        self.client.kubectl(args)
    }

    /// Changes the spec.
    pub fn patch(&self, spec: &str) -> Result<()> {
        let patch = format!(r#"{{"spec":{spec}}}"#);
        let object = format!("chatcluster/{SAMPLE_NAME}");
        self.kubectl(&["patch", &object, "--type=merge", "--patch", &patch]).map(drop)
    }

    /// Changes the spec, waits until all is so again, and says which revision serves.
    pub fn change(&self, spec: &str) -> Result<String> {
        self.patch(spec)?;
        self.wait_ready()?;
        self.status("{.status.servingRevision}")
    }

    /// Waits until all is as the spec asks.
    pub fn wait_ready(&self) -> Result<()> {
        product::wait_ready(&self.client, SAMPLE_NAME)
    }

    /// What the `ChatCluster` says of itself.
    pub fn status(&self, path: &str) -> Result<String> {
        let path = format!("--output=jsonpath={path}");
        self.kubectl(&["get", "chatcluster", SAMPLE_NAME, &path])
    }

    /// Waits until a condition has a status and its sentence holds these words; gives the sentence.
    pub async fn told(&self, kind: &str, status: &str, words: &str) -> Result<String> {
        let path = |field: &str| format!(r#"{{.status.conditions[?(@.type=="{kind}")].{field}}}"#);
        eventually(kind, Duration::from_mins(1), || async {
            let (now, said) = (self.status(&path("status"))?, self.status(&path("message"))?);
            ensure!(now == status && said.contains(words), "{kind} is {now}: {said}");
            Ok(said)
        })
        .await
    }

    /// Waits until a mistake, made right before with the sample, is named as the operator's README
    /// says, and in time.
    pub async fn named(&self, what: &str) -> Result<String> {
        self.named_of(SAMPLE_NAME, what).await
    }

    /// The same with another `ChatCluster`; gives the sentence.
    pub async fn named_of(&self, name: &str, what: &str) -> Result<String> {
        let mistake = mistake::find(what)?;
        let said = eventually(what, mistake::IN_TIME, || async {
            let found = self.kubectl(&["get", "chatcluster", name, "--output=json"])?;
            let told = serde_json::from_str::<ChatCluster>(&found)?.status.unwrap_or_default();
            let mut all = told.conditions.iter();
            let naming =
                all.find(|c| mistake.is_named_by(&c.type_, &c.status, &c.reason, &c.message));
            let naming = naming.with_context(|| {
                format!("told is {:?}, which is not {mistake:?}", told.conditions)
            });
            Ok(naming?.message.clone())
        });
        let said = said.await.context("a mistake is not named in time")?;
        println!("         {what}: {said}");
        Ok(said)
    }

    /// Names of the pods of a component.
    pub fn pods(&self, component: &str) -> Result<Vec<String>> {
        let labels = format!("{OURS},app.kubernetes.io/component={component}");
        let said = self.kubectl(&["get", "pods", "-l", &labels, "--output=name"])?;
        Ok(said.lines().map(str::to_owned).collect())
    }

    /// The node of a pod.
    pub fn node_of(&self, pod: &str) -> Result<String> {
        self.kubectl(&["get", pod, "--output=jsonpath={.spec.nodeName}"])
    }

    /// The servers on a node.
    pub fn servers_on(&self, node: &str) -> Result<Vec<String>> {
        let mut pods = self.pods("server")?;
        // One may have ended by now.
        pods.retain(|pod| self.node_of(pod).is_ok_and(|on| on == node));
        Ok(pods)
    }

    /// Kills all processes of a pod, as a crash does. Kubernetes starts them anew, in place.
    pub fn crash(&self, pod: &str) -> Result<()> {
        self.signal(pod, Signal::SIGKILL).map(drop)
    }

    /// Stops all processes of a pod: they are there and do nothing.
    pub fn freeze(&self, pod: &str) -> Result<()> {
        let processes = self.signal(pod, Signal::SIGSTOP)?;
        Timeout::new(Duration::from_secs(30)).wait(&format!("the standstill of {pod}"), || {
            processes.iter().try_fold(true, |all, pid| Ok(all & process::is_frozen(*pid)?))
        })
    }

    /// Sends a signal to all processes of a pod, and gives their ids.
    fn signal(&self, pod: &str, signal: Signal) -> Result<Vec<u32>> {
        let uid = self.kubectl(&["get", pod, "--output=jsonpath={.metadata.uid}"])?;
        let group = format!("/pod{uid}/");
        let mut reached = Vec::new();
        for entry in fs::read_dir("/proc")? {
            let dir = entry?.path();
            let read = |file: &str| fs::read_to_string(dir.join(file)).unwrap_or_default();
            if !read("cgroup").contains(&group) || read("comm").trim() == PAUSE {
                continue;
            }
            let name = dir.file_name().context("no name")?.to_string_lossy().into_owned();
            let pid: u32 = name.parse()?;
            signal::kill(Pid::from_raw(pid.try_into()?), signal)?;
            reached.push(pid);
        }
        ensure!(!reached.is_empty(), "no process of {pod} was found");
        Ok(reached)
    }

    /// Kills the node at once, with everything that runs on it.
    pub fn lose(&mut self, node: &str) -> Result<()> {
        let number: usize = node.trim_start_matches("node-").parse()?;
        self.cluster.nodes().get_mut(number - 1).context("no such node")?.lose()
    }

    /// Deletes the `ChatCluster` and waits until its pods have ended.
    pub fn delete(&self) -> Result<()> {
        self.kubectl(&["delete", "chatcluster", SAMPLE_NAME])?;
        self.kubectl(&["wait", "pods", "--for=delete", "-l", OURS, "--timeout=3m"]).map(drop)
    }

    /// Folder of what belongs to this cluster.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.cluster.control().config().dir
    }

    /// Ends the cluster.
    pub fn end(self) -> Result<()> {
        self.cluster.stop()
    }
}

fn sample(checkout: &Checkout) -> Result<PathBuf> {
    product::sample(checkout, None, &checkout.data(""))
}
