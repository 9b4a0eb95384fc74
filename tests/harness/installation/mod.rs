//! The product in a Kubernetes with nodes, installed as people do it.

mod crash;
mod kubernetes;
mod tunnel;

use std::{
    env, fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use bare_kube::{
    Client,
    product::{self, Namespaces, SAMPLE_NAME},
    runs,
};
use operator::crd::ChatCluster;
use serde_json::{Value, json};
use testbed::Checkout;
use uuid::Uuid;

pub use self::{
    kubernetes::{Images, Kubernetes},
    tunnel::Target,
};
use crate::{Api, Person, eventually, mistake};

/// Label of what the operator made.
const OURS: &str = "app.kubernetes.io/managed-by=chat-operator";
/// What the strictest standard of Kubernetes allows, and no more.
const RESTRICTED: &str = "restricted";

/// A Kubernetes with the operator and the sample.
#[derive(Debug)]
pub struct Installation {
    kubernetes: Kubernetes,
    /// Who works with it, in the namespace of the sample.
    pub client: Client,
    /// Where charts and samples are.
    pub checkout: Checkout,
    /// Id of the run, of which everything has the label that is made here.
    run: String,
    /// Where everything is.
    pub namespaces: Namespaces,
    /// What pods are made of.
    pub images: Images,
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
    /// Installs the operator and the sample, which says that it is ready. A Kubernetes that holds
    /// one of somebody else is refused before anything is written.
    pub fn install(kubernetes: Kubernetes) -> Result<Self> {
        let run =
            env::var("CHAT_TEST_RUN").context("CHAT_TEST_RUN is not set; run: cargo x test")?;
        runs::refuse(kubernetes.client(), &run)?;
        let namespaces = runs::namespaces(&run);
        let mut site = Self {
            client: kubernetes.client().in_namespace(&namespaces.chat),
            checkout: Checkout::find()?,
            images: kubernetes.images(),
            kubernetes,
            run,
            namespaces,
            url: String::new(),
            authority: None,
            operator_took: Duration::ZERO,
            chat_took: Duration::ZERO,
        };
        let Namespaces { operator, chat, monitoring } = &site.namespaces;
        for namespace in [operator, chat, monitoring] {
            site.make_namespace(namespace, RESTRICTED)?;
        }
        let started = Instant::now();
        site.install_operator()?;
        site.operator_took = started.elapsed();
        let started = Instant::now();
        site.apply_again()?;
        site.chat_took = started.elapsed();
        Ok(site)
    }

    /// Makes a namespace of this run, in which pods may do what this standard allows.
    fn make_namespace(&self, name: &str, standard: &str) -> Result<()> {
        let namespace = json!({
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": { "name": name, "labels": {
                runs::LABEL: self.run, "pod-security.kubernetes.io/enforce": standard,
            } },
        });
        let file = self.put(name, &namespace)?;
        // On the server's side, so that the manifest of Prometheus, which lacks the label, leaves it.
        self.kubectl(&["apply", "--server-side", "--filename", &file]).map(drop)
    }

    /// Installs the operator by its chart, and waits until it is ready.
    pub fn install_operator(&self) -> Result<()> {
        let values = [
            format!("commonLabels.{}={}", runs::LABEL.replace('.', r"\."), self.run),
            format!("image.repository={}chat-operator", self.images.from),
        ];
        let namespace = &self.namespaces.operator;
        product::install_operator(&self.client, &self.checkout, namespace, &values)
    }

    /// Uninstalls it; everything that it made stays.
    pub fn uninstall_operator(&self) -> Result<()> {
        product::uninstall_operator(&self.client, &self.namespaces.operator)
    }

    /// Applies the sample, also where it was deleted, and waits until it is ready.
    pub fn apply_again(&mut self) -> Result<()> {
        let sample = product::sample(&self.checkout, Some(&self.images.server), self.dir())?;
        product::apply(&self.client, &sample)?;
        self.wait_ready()?;
        self.find()
    }

    /// Finds the Service anew, where its address or its port is another one.
    pub fn find(&mut self) -> Result<()> {
        let address = product::address(&self.client, SAMPLE_NAME)?;
        let way = self.way_to(Target::Service(SAMPLE_NAME.to_owned()))?;
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

    /// Opens a way to a Service or a pod beside the sample, and gives the URL where it begins.
    pub fn way_to(&mut self, target: Target) -> Result<String> {
        Ok(format!("http://{}", self.kubernetes.open(&self.namespaces.chat, target)?))
    }

    /// Opens a way to Prometheus, and gives the URL where it begins.
    pub fn way_to_prometheus(&mut self) -> Result<String> {
        let prometheus = Target::Service("prometheus".to_owned());
        Ok(format!("http://{}", self.kubernetes.open(&self.namespaces.monitoring, prometheus)?))
    }

    /// Writes an object into a file, and gives its path.
    fn put(&self, name: &str, object: &Value) -> Result<String> {
        let file = self.dir().join(format!("{name}.json"));
        fs::write(&file, object.to_string())?;
        Ok(file.display().to_string())
    }

    /// Applies an object.
    pub fn apply(&self, name: &str, object: &Value) -> Result<()> {
        let file = self.put(name, object)?;
        self.kubectl(&["apply", "--filename", &file]).map(drop)
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
    pub async fn condition(&self, kind: &str, status: &str, words: &str) -> Result<String> {
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
            let status = serde_json::from_str::<ChatCluster>(&found)?.status.unwrap_or_default();
            let mut all = status.conditions.iter();
            let naming =
                all.find(|c| mistake.is_named_by(&c.type_, &c.status, &c.reason, &c.message));
            let naming = naming.with_context(|| {
                format!("the conditions are {:?}, which is not {mistake:?}", status.conditions)
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

    /// Kills the node at once, with everything that runs on it.
    pub fn lose(&mut self, node: &str) -> Result<()> {
        self.kubernetes.lose(node)
    }

    /// Deletes the `ChatCluster` and waits until its pods have ended.
    pub fn delete(&self) -> Result<()> {
        self.kubectl(&["delete", "chatcluster", SAMPLE_NAME])?;
        self.kubectl(&["wait", "pods", "--for=delete", "-l", OURS, "--timeout=3m"]).map(drop)
    }

    /// Folder of what belongs to this run.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.kubernetes.dir()
    }

    /// Ends the Kubernetes, or removes from it what the run made.
    pub fn end(self) -> Result<()> {
        self.kubernetes.end(&self.run)
    }
}
