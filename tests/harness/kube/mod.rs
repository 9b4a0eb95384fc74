//! A namespace of a real Kubernetes API, with an operator of its own and a kubelet that only
//! pretends: the controllers, the scheduler and the garbage collector are real, the containers
//! are not.

mod gate;
mod kubelet;
mod rights;
mod servers;

use std::{
    collections::BTreeMap,
    env,
    fmt::Debug,
    fs::File,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use bare_kube::ControlPlane;
use chat_contract::ops::PodStatus;
use k8s_openapi::{
    NamespaceResourceScope,
    api::{
        apps::v1::Deployment,
        core::v1::{Namespace, Secret, Service},
    },
};
use kube::{
    Api, Client, Config, Resource, ResourceExt,
    api::{DeleteParams, DynamicObject, ListParams, Patch, PatchParams, PostParams, TypeMeta},
    config::{KubeConfigOptions, Kubeconfig},
};
use operator::crd::{self, ChatCluster};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use testbed::ports;
use tokio::sync::watch;

use crate::{eventually, kube::kubelet::Kubelet, mistake, provision};
pub use gate::Gate;

/// A change may need several looks of the operator and of the controllers behind it.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// A kind that lives in a namespace.
pub trait Kind:
    Resource<Scope = NamespaceResourceScope, DynamicType = ()>
    + Clone
    + Debug
    + DeserializeOwned
    + Serialize
{
}

impl<K> Kind for K where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>
        + Clone
        + Debug
        + DeserializeOwned
        + Serialize
{
}

/// A namespace with its operators and its kubelet; all of it ends with the test.
pub struct Site {
    /// The API.
    pub client: Client,
    /// The namespace.
    pub namespace: String,
    kubeconfig: String,
    rights: Option<PathBuf>,
    kubelet: Option<Kubelet>,
    said: watch::Sender<PodStatus>,
    operators: BTreeMap<String, Child>,
    ops: BTreeMap<String, SocketAddr>,
}

impl Site {
    /// A namespace in which nobody works yet.
    pub async fn bare(name: &str) -> Result<Self> {
        let kubeconfig = env::var("CHAT_TEST_KUBECONFIG").map_err(|_| {
            anyhow!("this ring needs a Kubernetes API; start it with: cargo x test reconcile")
        })?;
        Self::with(kubeconfig, name).await
    }

    async fn with(kubeconfig: String, name: &str) -> Result<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let client = connect(&kubeconfig).await?;
        define(&client).await?;
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let namespace = format!("{name}-{}-{number}", std::process::id());
        let object = serde_json::from_value(json!({ "metadata": {
            "name": namespace,
            "labels": { "pod-security.kubernetes.io/enforce": "restricted" },
        } }))?;
        Api::<Namespace>::all(client.clone()).create(&PostParams::default(), &object).await?;
        Ok(Self {
            client,
            namespace,
            kubeconfig,
            rights: None,
            kubelet: None,
            said: watch::Sender::default(),
            operators: BTreeMap::new(),
            ops: BTreeMap::new(),
        })
    }

    /// A namespace with a kubelet and one operator.
    pub async fn start(name: &str) -> Result<Self> {
        Self::bare(name).await?.staffed().await
    }

    /// The same, with the API of a control plane of one's own.
    pub async fn start_in(control: &ControlPlane, name: &str) -> Result<Self> {
        Self::bare_in(control, name).await?.staffed().await
    }

    /// A namespace of a control plane of one's own, in which nobody works yet.
    pub async fn bare_in(control: &ControlPlane, name: &str) -> Result<Self> {
        Self::with(control.kubeconfig().display().to_string(), name).await
    }

    async fn staffed(self) -> Result<Self> {
        let mut site = self;
        site.kubelet =
            Some(Kubelet::start(&site.client, &site.namespace, site.said.subscribe()).await?);
        site.operator("one")?;
        Ok(site)
    }

    /// A namespace with a kubelet, and a gate that every operator passes which is started in it.
    pub async fn gated(name: &str) -> Result<(Self, Gate)> {
        let mut site = Self::bare(name).await?;
        site.kubelet =
            Some(Kubelet::start(&site.client, &site.namespace, site.said.subscribe()).await?);
        let gate = Gate::before(site.rights()?).await?;
        site.rights = Some(gate.kubeconfig().to_owned());
        Ok((site, gate))
    }

    fn rights(&mut self) -> Result<&PathBuf> {
        match &self.rights {
            Some(_) => {}
            None => self.rights = Some(rights::grant(&self.kubeconfig, &self.namespace)?),
        }
        self.rights.as_ref().context("no rights")
    }

    /// Starts an operator with the rights that its chart gives it here.
    pub fn operator(&mut self, identity: &str) -> Result<()> {
        let kubeconfig = self.rights()?.clone();
        let program = env::var("CHAT_TEST_OPERATOR")
            .map_err(|_| anyhow!("start this ring with: cargo x test reconcile"))?;
        let ops = match self.ops.get(identity) {
            // The same again, as who watches it expects.
            Some(ops) => *ops,
            None => SocketAddr::from((Ipv4Addr::LOCALHOST, ports::free()?)),
        };
        let log = env::temp_dir().join(format!("{}-{identity}.log", self.namespace));
        let child = Command::new(program)
            .args(["run", "--namespaces", &self.namespace, "--lease-namespace", &self.namespace])
            .args([
                "--identity",
                identity,
                "--listen",
                &ops.to_string(),
                "--log",
                "info,operator=debug",
            ])
            .env("KUBECONFIG", kubeconfig)
            .stdin(Stdio::null())
            .stderr(File::create(log)?)
            .spawn()
            .context("cannot start the operator")?;
        self.operators.insert(identity.to_owned(), child);
        self.ops.insert(identity.to_owned(), ops);
        Ok(())
    }

    /// From now on all servers say this of themselves; without a store none is ready.
    pub fn servers_say(&self, status: PodStatus) {
        self.said.send_replace(status);
    }

    /// `kubectl` in this namespace; gives what it printed.
    pub fn kubectl(&self, args: &[&str]) -> Result<String> {
        let cache = provision::folder(&format!("kubectl-{}", self.namespace))?;
        let client =
            bare_kube::Client::new(provision::programs()?, Some((&self.kubeconfig).into()), cache);
        client.kubectl(&[&["--namespace", &self.namespace], args].concat())
    }

    /// The process of an operator.
    pub fn process(&self, identity: &str) -> Result<u32> {
        Ok(self.operators.get(identity).context("no such operator")?.id())
    }

    /// Where an operator's probes and metrics are.
    pub fn ops(&self, identity: &str) -> Result<SocketAddr> {
        self.ops.get(identity).copied().context("no such operator")
    }

    /// Starts an operator again where it has ended by itself, as Kubernetes would: on a busy machine
    /// one may lose its Lease.
    pub fn revive(&mut self, identity: &str) -> Result<()> {
        let child = self.operators.get_mut(identity).context("no such operator")?;
        if child.try_wait()?.is_some() { self.operator(identity) } else { Ok(()) }
    }

    /// Kills an operator, as a lost machine does.
    pub fn kill(&mut self, identity: &str) -> Result<()> {
        let mut child = self.operators.remove(identity).context("no such operator")?;
        child.kill()?;
        child.wait()?;
        Ok(())
    }

    /// Asks an operator to end, and waits until it has.
    pub fn stop(&mut self, identity: &str) -> Result<()> {
        let mut child = self.operators.remove(identity).context("no such operator")?;
        let pid = nix::unistd::Pid::from_raw(child.id().try_into()?);
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM)?;
        let status = child.wait()?;
        if !status.success() {
            bail!("the operator ended with {status}");
        }
        Ok(())
    }

    /// The interface to a kind.
    #[must_use]
    pub fn api<K: Kind>(&self) -> Api<K> {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    /// Applies a `ChatCluster`.
    pub async fn apply(&self, name: &str, spec: &Value) -> Result<ChatCluster> {
        let object = json!({
            "apiVersion": "chatcluster.dev/v1alpha1",
            "kind": "ChatCluster",
            "metadata": { "name": name },
            "spec": spec,
        });
        let params = PatchParams::apply("test").force();
        Ok(self.api::<ChatCluster>().patch(name, &params, &Patch::Apply(object)).await?)
    }

    /// Changes some fields of a spec.
    pub async fn change(&self, name: &str, spec: &Value) -> Result<ChatCluster> {
        let patch = Patch::Merge(json!({ "spec": spec }));
        Ok(self.api::<ChatCluster>().patch(name, &PatchParams::default(), &patch).await?)
    }

    /// Makes or replaces a Secret.
    pub async fn secret(&self, name: &str, values: &[(&str, &str)]) -> Result<()> {
        let values: BTreeMap<_, _> = values.iter().copied().collect();
        let object = json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": { "name": name }, "stringData": values,
        });
        let params = PatchParams::apply("test").force();
        self.api::<Secret>().patch(name, &params, &Patch::Apply(object)).await?;
        Ok(())
    }

    /// Waits until a condition of the present spec is so, with a message that has these words.
    pub async fn condition(&self, name: &str, kind: &str, status: &str, words: &str) -> Result<()> {
        let what = format!("{kind} is {status} ({words})");
        eventually(&what, PATIENCE, || async {
            let cluster = self.api::<ChatCluster>().get(name).await?;
            let told = cluster.status.clone().unwrap_or_default();
            let found = told.conditions.iter().find(|c| c.type_ == kind);
            let found = found.with_context(|| format!("no condition {kind}"))?;
            if found.status == status
                && (found.message.contains(words) || found.reason == words)
                && told.observed_generation == cluster.metadata.generation
            {
                return Ok(());
            }
            bail!("{kind}={} {}: {}", found.status, found.reason, found.message)
        })
        .await
    }

    /// Waits until a mistake, made right before, is named as the operator's README says, and in time.
    pub async fn named(&self, name: &str, what: &str) -> Result<()> {
        let mistake = mistake::find(what)?;
        let made = Instant::now();
        eventually(what, PATIENCE, || async {
            let cluster = self.api::<ChatCluster>().get(name).await?;
            let told = cluster.status.clone().unwrap_or_default();
            let is_named = told
                .conditions
                .iter()
                .any(|c| mistake.is_named_by(&c.type_, &c.status, &c.reason, &c.message));
            if is_named && told.observed_generation == cluster.metadata.generation {
                return Ok(());
            }
            let told =
                told.conditions.iter().filter(|c| Some(&c.type_) == mistake.condition.as_ref());
            let told: Vec<_> = told.map(|c| (&c.status, &c.reason, &c.message)).collect();
            bail!("told is {told:?}, which is not {mistake:?}")
        })
        .await?;
        let took = made.elapsed();
        ensure!(took < mistake::IN_TIME, "{what}: named only after {took:?}");
        Ok(())
    }

    /// Waits until all is as the spec asks.
    pub async fn ready(&self, name: &str) -> Result<()> {
        self.condition(name, "Ready", "True", "").await
    }

    /// All objects of a kind that the operator made.
    pub async fn ours<K: Kind>(&self) -> Result<Vec<K>> {
        let ours = ListParams::default().labels("app.kubernetes.io/managed-by=chat-operator");
        Ok(self.api::<K>().list(&ours).await?.items)
    }

    /// The revision that the Service selects.
    pub async fn selected(&self, name: &str) -> Result<String> {
        let service = self.api::<Service>().get(name).await?;
        let selector = service.spec.and_then(|spec| spec.selector).unwrap_or_default();
        Ok(selector.get("chatcluster.dev/revision").cloned().unwrap_or_default())
    }

    /// Revision, image, replicas and ready replicas of each Deployment.
    pub async fn deployments(&self) -> Result<Vec<(String, String, i32, i32)>> {
        let mut found = Vec::new();
        for deployment in self.ours::<Deployment>().await? {
            let spec = deployment.spec.as_ref().context("no spec")?;
            let container = &spec.template.spec.as_ref().context("no pod")?.containers[0];
            found.push((
                deployment.labels()["chatcluster.dev/revision"].clone(),
                container.image.clone().unwrap_or_default(),
                spec.replicas.unwrap_or(1),
                deployment.status.as_ref().and_then(|s| s.ready_replicas).unwrap_or(0),
            ));
        }
        Ok(found)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        for child in self.operators.values_mut() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A spec that needs no volume.
#[must_use]
pub fn spec(image: &str) -> Value {
    json!({
        "image": image,
        "replicas": 3,
        "mysql": { "managed": { "persistence": { "enabled": false } } },
        "redis": { "managed": { "persistence": { "enabled": false } } },
        "drain": { "settleSeconds": 1, "graceSeconds": 10 },
    })
}

async fn connect(kubeconfig: &str) -> Result<Client> {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let kubeconfig = Kubeconfig::read_from(kubeconfig)?;
    let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
    Ok(Client::try_from(config)?)
}

/// Installs the definition, as the chart does, and waits until the API knows it.
async fn define(client: &Client) -> Result<()> {
    let definitions: Api<k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition> =
        Api::all(client.clone());
    let params = PatchParams::apply("test").force();
    let name = "chatclusters.chatcluster.dev";
    definitions.patch(name, &params, &Patch::Apply(crd::definition())).await?;
    eventually("the API knows ChatCluster", PATIENCE, || async {
        Ok(Api::<ChatCluster>::all(client.clone()).list(&ListParams::default().limit(1)).await?)
    })
    .await?;
    Ok(())
}

/// Deletes an object of any kind.
pub async fn delete<K: Kind>(api: &Api<K>, name: &str) -> Result<()> {
    api.delete(name, &DeleteParams::background()).await?;
    Ok(())
}

/// Kinds of all objects that the operator makes, and `ChatCluster`s.
const KINDS: [(&str, &str, &str); 13] = [
    ("apps/v1", "Deployment", "deployments"),
    ("apps/v1", "StatefulSet", "statefulsets"),
    ("apps/v1", "ControllerRevision", "controllerrevisions"),
    ("batch/v1", "Job", "jobs"),
    ("v1", "Service", "services"),
    ("v1", "ConfigMap", "configmaps"),
    ("v1", "Secret", "secrets"),
    ("v1", "ServiceAccount", "serviceaccounts"),
    ("v1", "PersistentVolumeClaim", "persistentvolumeclaims"),
    ("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies"),
    ("networking.k8s.io/v1", "Ingress", "ingresses"),
    ("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets"),
    ("chatcluster.dev/v1alpha1", "ChatCluster", "chatclusters"),
];

/// All objects of these kinds in a namespace, by kind and name.
pub async fn objects(site: &Site) -> Result<BTreeMap<String, DynamicObject>> {
    let mut found = BTreeMap::new();
    for (group, kind, plural) in KINDS {
        let (group, version) = group.split_once('/').unwrap_or(("", group));
        let kind = kube::core::GroupVersionKind::gvk(group, version, kind);
        let resource = kube::core::ApiResource::from_gvk_with_plural(&kind, plural);
        let api: Api<DynamicObject> =
            Api::namespaced_with(site.client.clone(), &site.namespace, &resource);
        for mut object in api.list(&ListParams::default()).await? {
            // In a list they do not say what they are.
            let (api_version, kind) = (resource.api_version.clone(), resource.kind.clone());
            object.types = Some(TypeMeta { api_version, kind });
            found.insert(format!("{plural} {}", object.name_any()), object);
        }
    }
    Ok(found)
}

/// Their versions.
pub async fn versions(site: &Site) -> Result<BTreeMap<String, String>> {
    let all = objects(site).await?.into_iter();
    Ok(all.map(|(name, object)| (name, object.resource_version().unwrap_or_default())).collect())
}
