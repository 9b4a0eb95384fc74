//! Who watches the product in a Kubernetes where nobody does yet: a Prometheus with the charts'
//! alerts, and a Grafana with their dashboards where its image can be pulled.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use testbed::checkout::Checkout;

use super::{
    Client,
    product::{self, Namespaces, SAMPLE_NAME},
};

/// Installs Prometheus and waits until it is ready. What is made for it goes into this folder.
pub fn install_prometheus(
    client: &Client,
    checkout: &Checkout,
    namespaces: &Namespaces,
    dir: &Path,
) -> Result<()> {
    apply(client, checkout, "prometheus", namespaces, dir)?;
    let rules = fresh(dir, "rules")?;
    for (chart, namespace, name) in [
        ("chat-operator", &namespaces.operator, "chat-operator"),
        ("chat-cluster", &namespaces.chat, SAMPLE_NAME),
    ] {
        let place = checkout.path(&format!("charts/{chart}")).display().to_string();
        let mut args = vec!["template", name, &place, "--namespace", namespace];
        args.extend(["--kube-version", "1.36.0", "--set", "alerts.enabled=true"]);
        let made = client.helm(&[&args[..], &["--show-only", "templates/alerts.yaml"]].concat())?;
        let (_, spec) = made.split_once("\nspec:\n").context("a PrometheusRule has no spec")?;
        // A file of rules is the spec of such an object.
        let lines = spec.lines().map(|line| line.strip_prefix("  ").unwrap_or(line));
        fs::write(rules.join(format!("{chart}.yml")), lines.collect::<Vec<_>>().join("\n"))?;
    }
    let client = client.in_namespace(&namespaces.monitoring);
    fill(&client, "chat-rules", &rules)?;
    wait(&client, "prometheus")
}

/// Installs Grafana in front of that of the README's namespaces.
pub fn install_grafana(client: &Client, checkout: &Checkout, dir: &Path) -> Result<()> {
    let namespaces = Namespaces::default();
    apply(client, checkout, "grafana", &namespaces, dir)?;
    let chat = &namespaces.chat;
    let dashboards = fresh(dir, "dashboards")?;
    for file in [
        "charts/chat-operator/files/dashboards/fleet.json",
        "charts/chat-operator/files/dashboards/operator.json",
        "charts/chat-cluster/files/dashboards/cluster.json",
    ] {
        let text = fs::read_to_string(checkout.path(file))
            .with_context(|| format!("{file} is missing"))?
            .replace("@uid@", "chat-sample")
            .replace("@title@", &format!("Chat {chat}/{SAMPLE_NAME}"))
            .replace("@namespace@", chat)
            .replace("@cluster@", SAMPLE_NAME);
        let name = file.rsplit('/').next().unwrap_or(file);
        fs::write(dashboards.join(name), text)?;
    }
    let client = client.in_namespace(&namespaces.monitoring);
    fill(&client, "chat-dashboards", &dashboards)?;
    wait(&client, "grafana")
}

/// Where Prometheus is, in the cluster.
pub fn prometheus_address(client: &Client, namespaces: &Namespaces) -> Result<SocketAddr> {
    product::address(&client.in_namespace(&namespaces.monitoring), "prometheus")
}

/// Removes all of it.
pub fn uninstall(client: &Client, namespaces: &Namespaces) -> Result<()> {
    let monitoring = &namespaces.monitoring;
    client.kubectl(&["delete", "namespace", monitoring, "--ignore-not-found"]).map(drop)
}

/// The manifest of the README's namespaces, for these.
fn apply(
    client: &Client,
    checkout: &Checkout,
    name: &str,
    namespaces: &Namespaces,
    dir: &Path,
) -> Result<()> {
    let manifest = checkout.path(&format!("manifests/dev/monitoring/{name}.yaml"));
    let text = fs::read_to_string(&manifest)
        .with_context(|| format!("cannot read {}", manifest.display()))?
        .replace("name: monitoring\n", &format!("name: {}\n", namespaces.monitoring))
        .replace("namespace: monitoring\n", &format!("namespace: {}\n", namespaces.monitoring))
        .replace("chat-system", &namespaces.operator)
        .replace("team-pods.default.", &format!("team-pods.{}.", namespaces.chat))
        .replace("replacement: default\n", &format!("replacement: {}\n", namespaces.chat));
    let file = dir.join(format!("{name}.yaml"));
    fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
    product::apply(&client.in_namespace(&namespaces.monitoring), &file)
}

fn fresh(dir: &Path, name: &str) -> Result<PathBuf> {
    let dir = dir.join(name);
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    Ok(dir)
}

/// Makes a `ConfigMap` of a folder, or brings it up to date.
fn fill(client: &Client, name: &str, files: &Path) -> Result<()> {
    let from = format!("--from-file={}", files.display());
    let args = ["create", "configmap", name, &from, "--dry-run=client", "--output=json"];
    let file = files.with_extension("json");
    fs::write(&file, client.kubectl(&args)?)?;
    // Too large for the note that a plain apply leaves.
    let file = file.display().to_string();
    client.kubectl(&["apply", "--server-side", "--filename", &file]).map(drop)
}

fn wait(client: &Client, name: &str) -> Result<()> {
    let deployment = format!("deployment/{name}");
    let rollout = ["rollout", "status", &deployment, "--timeout=3m"];
    client.kubectl(&rollout).map(drop).or_else(|error| {
        let pods = client.kubectl(&["get", "pods"]);
        Err(error).context(pods.unwrap_or_default())
    })
}
