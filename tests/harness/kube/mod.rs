//! A namespace of a real Kubernetes API, with an operator of its own and a kubelet that only
//! pretends: the controllers, the scheduler and the garbage collector are real, the containers
//! are not.

mod conditions;
mod connection;
mod gate;
mod kubelet;
mod objects;
mod operators;
mod rights;
mod servers;
pub mod specs;

use std::{
    collections::BTreeMap,
    env,
    net::SocketAddr,
    path::PathBuf,
    process::Child,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use anyhow::{Context as _, Result, anyhow};
use bare_kube::ControlPlane;
use chat_contract::ops::PodStatus;
use k8s_openapi::api::core::v1::{Namespace, Secret};
use kube::{
    Api, Client,
    api::{Patch, PatchParams, PostParams},
};
use operator::{crd::ChatCluster, names::Namespaced};
use serde_json::{Value, json};
use tokio::sync::watch;

pub use gate::Gate;
pub use objects::{delete, objects, versions};

pub(crate) use self::connection::connect;
use self::connection::define;
use crate::{kube::kubelet::Kubelet, provision};

/// A change may need several looks of the operator and of the controllers behind it.
pub const CHANGE_TIMEOUT: Duration = Duration::from_mins(1);

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
        let kubeconfig = env::var("CHAT_TEST_CONTROL_PLANE").map_err(|_| {
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

    /// The interface to a kind.
    #[must_use]
    pub fn api<K: Namespaced>(&self) -> Api<K> {
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
