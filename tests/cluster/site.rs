//! The product in a cluster with two nodes, installed as people do it.

use std::{fs, path::PathBuf};

use anyhow::Result;
use harness::{Api, Person, kubernetes};
use x::{
    checkout::Checkout,
    cluster::{
        Client, Cluster,
        product::{self, SAMPLE_NAME},
    },
};

/// Label of what the operator made.
const OURS: &str = "app.kubernetes.io/managed-by=chat-operator";

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

pub(crate) struct Site {
    cluster: Cluster,
    pub(crate) client: Client,
    pub(crate) checkout: Checkout,
    /// Where the Service is reached from outside.
    pub(crate) url: String,
}

impl Site {
    /// A cluster with the operator and the sample, which says that it is ready.
    pub(crate) fn install() -> Result<Self> {
        let images = ["pause", "redis", "mysql", "chat-server", "chat-operator"];
        let mut cluster = kubernetes::cluster("site", &images)?;
        let client = cluster.control().client();
        let checkout = Checkout::find()?;
        let namespaces = cluster.control().config().dir.join("namespaces.yaml");
        fs::write(&namespaces, NAMESPACES)?;
        product::apply(&client, &namespaces)?;
        product::install_operator(&client, &checkout, &[])?;
        product::apply(&client, &Self::sample(&checkout)?)?;
        product::wait_ready(&client, SAMPLE_NAME)?;
        let url =
            format!("http://{}", cluster.forward(0, product::address(&client, SAMPLE_NAME)?)?);
        Ok(Self { cluster, client, checkout, url })
    }

    /// Applies the sample once more, where it was deleted, and waits until it is ready.
    pub(crate) fn apply_again(&mut self) -> Result<()> {
        product::apply(&self.client, &Self::sample(&self.checkout)?)?;
        product::wait_ready(&self.client, SAMPLE_NAME)?;
        let address = product::address(&self.client, SAMPLE_NAME)?;
        self.url = format!("http://{}", self.cluster.forward(0, address)?);
        Ok(())
    }

    fn sample(checkout: &Checkout) -> Result<PathBuf> {
        product::sample(checkout, None, &checkout.data(""))
    }

    /// Somebody new.
    pub(crate) async fn sign_up(&self, name: &str) -> Result<Person> {
        Person::sign_up(&Api::new(&self.url)?, name).await
    }

    /// Changes the spec, waits until all is so again, and says which revision serves.
    pub(crate) fn change(&self, spec: &str) -> Result<String> {
        let patch = format!(r#"{{"spec":{spec}}}"#);
        let object = format!("chatcluster/{SAMPLE_NAME}");
        self.client.kubectl(&["patch", &object, "--type=merge", "--patch", &patch])?;
        product::wait_ready(&self.client, SAMPLE_NAME)?;
        self.client.kubectl(&["get", &object, "--output=jsonpath={.status.servingRevision}"])
    }

    /// Deletes the `ChatCluster` and waits until its pods are gone.
    pub(crate) fn delete(&self) -> Result<()> {
        self.client.kubectl(&["delete", "chatcluster", SAMPLE_NAME])?;
        let pods = ["wait", "pods", "--for=delete", "-l", OURS, "--timeout=3m"];
        self.client.kubectl(&pods).map(drop)
    }

    /// Names of the pods of a component.
    pub(crate) fn pods(&self, component: &str) -> Result<Vec<String>> {
        let labels = format!("{OURS},app.kubernetes.io/component={component}");
        let said = self.client.kubectl(&["get", "pods", "-l", &labels, "--output=name"])?;
        Ok(said.lines().map(str::to_owned).collect())
    }

    /// Ends the cluster.
    pub(crate) fn end(self) -> Result<()> {
        self.cluster.stop()
    }
}
