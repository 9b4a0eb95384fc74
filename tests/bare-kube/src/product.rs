//! The product in a Kubernetes: the operator, installed by its chart, and a `ChatCluster`.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use testbed::checkout::Checkout;

use super::Client;

/// Namespace of the operator.
pub const OPERATOR_NAMESPACE: &str = "chat-system";
/// What is applied.
const SAMPLE: &str = "manifests/samples/minimal.yaml";
/// Name of its `ChatCluster`.
pub const SAMPLE_NAME: &str = "team";

/// Installs the operator and waits until it is ready; what is installed is brought up to date.
/// Values are `NAME=VALUE` of the chart.
pub fn install_operator(client: &Client, checkout: &Checkout, values: &[String]) -> Result<()> {
    let chart = checkout.path("charts/chat-operator").display().to_string();
    let mut args = vec!["upgrade", "--install", "chat-operator", &chart];
    args.extend(["--namespace", OPERATOR_NAMESPACE, "--create-namespace"]);
    args.extend(["--wait", "--timeout", "3m"]);
    for value in values {
        args.extend(["--set-string", value]);
    }
    client.helm(&args).map(drop).or_else(|error| {
        // `helm` says only that it waited.
        let pods = client.kubectl(&["get", "pods", "--namespace", OPERATOR_NAMESPACE]);
        Err(error).context(format!(
            "the operator is not ready; its pods:\n{}kubectl describe pods --namespace \
             {OPERATOR_NAMESPACE} says why",
            pods.unwrap_or_default()
        ))
    })
}

/// Uninstalls the operator; the definition of `ChatCluster` stays, and all that were made.
pub fn uninstall_operator(client: &Client) -> Result<()> {
    let args = ["uninstall", "chat-operator", "--namespace", OPERATOR_NAMESPACE, "--wait"];
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

/// Where the page of a `ChatCluster` is, in the cluster.
pub fn address(client: &Client, name: &str) -> Result<SocketAddr> {
    address_of(client, &[name])
}

/// The address of a Service, which `kubectl get service` finds by these words.
pub(super) fn address_of(client: &Client, service: &[&str]) -> Result<SocketAddr> {
    let what = "--output=jsonpath={.spec.clusterIP}:{.spec.ports[0].port}";
    let said = client.kubectl(&[&["get", "service", what], service].concat())?;
    said.parse().with_context(|| format!("the Service {} is at {said}", service.join(" ")))
}
