//! The product in a Kubernetes: the operator, installed by its chart, and a `ChatCluster`.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use testbed::checkout::Checkout;

use super::Client;

/// Namespaces of the product and of who watches it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespaces {
    /// Of the operator.
    pub operator: String,
    /// Of the sample.
    pub chat: String,
    /// Of Prometheus.
    pub monitoring: String,
}

impl Default for Namespaces {
    /// Those of the README.
    fn default() -> Self {
        let [operator, chat, monitoring] =
            ["chat-system", "default", "monitoring"].map(str::to_owned);
        Self { operator, chat, monitoring }
    }
}

/// What is applied.
const SAMPLE: &str = "manifests/samples/minimal.yaml";
/// Name of its `ChatCluster`.
pub const SAMPLE_NAME: &str = "team";

/// Installs the operator and waits until it is ready; what is installed is brought up to date.
/// Values are `NAME=VALUE` of the chart.
pub fn install_operator(
    client: &Client,
    checkout: &Checkout,
    namespace: &str,
    values: &[String],
) -> Result<()> {
    let chart = checkout.path("charts/chat-operator").display().to_string();
    let mut args = vec!["upgrade", "--install", "chat-operator", &chart];
    args.extend(["--namespace", namespace, "--create-namespace"]);
    args.extend(["--wait", "--timeout", "3m"]);
    for value in values {
        args.extend(["--set-string", value]);
    }
    client.helm(&args).map(drop).or_else(|error| {
        // `helm` says only that it waited.
        let pods = client.kubectl(&["get", "pods", "--namespace", namespace]);
        Err(error).context(format!(
            "the operator is not ready; its pods:\n{}kubectl describe pods --namespace \
             {namespace} says why",
            pods.unwrap_or_default()
        ))
    })
}

/// Uninstalls the operator; the definition of `ChatCluster` stays, and all that were made.
pub fn uninstall_operator(client: &Client, namespace: &str) -> Result<()> {
    let args = ["uninstall", "chat-operator", "--namespace", namespace, "--wait"];
    client.helm(&args).map(drop)
}

/// The sample, with another image of the server where one is named.
pub fn sample(checkout: &Checkout, image: Option<&str>, dir: &Path) -> Result<PathBuf> {
    let sample = checkout.path(SAMPLE);
    let Some(image) = image else { return Ok(sample) };
    let text = fs::read_to_string(&sample).with_context(|| format!("{SAMPLE} is missing"))?;
    let (before, after) = text.split_once("image: ").context("the sample names no image")?;
    let after = after.split_once('\n').map_or("", |(_, after)| after);
    let file = dir.join("sample.yaml");
    fs::write(&file, format!("{before}image: {image}\n{after}"))
        .with_context(|| format!("cannot write {}", file.display()))?;
    Ok(file)
}

/// Applies a file.
pub fn apply(client: &Client, file: &Path) -> Result<()> {
    let file = file.display().to_string();
    client.kubectl(&["apply", "--filename", &file]).map(drop)
}

/// Waits until a `ChatCluster` is as its spec asks; what it says itself is the reason why not.
pub fn wait_ready(client: &Client, name: &str) -> Result<()> {
    let object = format!("chatcluster/{name}");
    let wait = ["wait", "--for=condition=Ready", &object, "--timeout=4m"];
    client.kubectl(&wait).map(drop).or_else(|error| {
        let what = r#"--output=jsonpath={range .status.conditions[*]}{.type}={.status} {.message}{"\n"}{end}"#;
        let said = client.kubectl(&["get", &object, what]).unwrap_or_default();
        let pods = client.kubectl(&["get", "pods", "--all-namespaces"]).unwrap_or_default();
        Err(error).context(format!("{name} is not ready:\n{said}{pods}"))
    })
}

/// Where a Service is, in the cluster; that of a `ChatCluster` has its name.
pub fn address(client: &Client, name: &str) -> Result<SocketAddr> {
    let what = "--output=jsonpath={.spec.clusterIP}:{.spec.ports[0].port}";
    let said = client.kubectl(&["get", "service", name, what])?;
    said.parse().with_context(|| format!("the Service {name} is at {said}"))
}
