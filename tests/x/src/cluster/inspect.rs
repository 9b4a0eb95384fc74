//! Looking at a cluster.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, bail};
use bare_kube::{
    Client,
    toolchain::{self, CONTROL_PLANE, HELM},
};
use clap::Args;
use testbed::{Invocation, progress::say};

use super::{kind, kubeconfig};

/// Parts of the product, and the labels of their pods.
const PODS: [(&str, &str); 5] = [
    ("operator", "app.kubernetes.io/name=chat-operator"),
    ("server", "app.kubernetes.io/managed-by=chat-operator,app.kubernetes.io/component=server"),
    (
        "migration",
        "app.kubernetes.io/managed-by=chat-operator,app.kubernetes.io/component=migration",
    ),
    ("mysql", "app.kubernetes.io/managed-by=chat-operator,app.kubernetes.io/component=mysql"),
    ("redis", "app.kubernetes.io/managed-by=chat-operator,app.kubernetes.io/component=redis"),
];
const EVENTS: &str = "events";

/// What is shown of what was said.
#[derive(Debug, Args)]
pub(crate) struct LogsArgs {
    /// `operator`, `server`, `mysql`, `events`, `kubelet-1`, …; a list of them if left out.
    part: Option<String>,
    /// So many lines, the last ones.
    #[arg(long, default_value_t = 100)]
    lines: usize,
}

/// `cargo x cluster status`.
pub(super) fn status(invocation: &Invocation, dir: &Path) -> Result<()> {
    let client = client(invocation, dir)?;
    for what in ["nodes", "chatclusters", "pods"] {
        // A bare cluster does not know what a ChatCluster is.
        match client.kubectl(&["get", what, "--all-namespaces"]) {
            Err(error) if what != "chatclusters" => return Err(error),
            said => say(&format!("{}\n", said.unwrap_or_default().trim_end())),
        }
    }
    Ok(())
}

/// `cargo x cluster logs`.
pub(super) fn logs(invocation: &Invocation, dir: &Path, args: &LogsArgs) -> Result<()> {
    let processes = processes(dir)?;
    let Some(part) = args.part.as_deref() else {
        let pods: Vec<&str> = PODS.iter().map(|(name, _)| *name).collect();
        say(&format!("of the product:  {} {EVENTS}", pods.join(" ")));
        say(&format!("of the cluster:  {}", processes.join(" ")));
        return Ok(());
    };
    if processes.iter().any(|process| process == part) {
        let log = dir.join(format!("{part}.log"));
        let text = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
        say(last(&text, args.lines));
        return Ok(());
    }
    let client = client(invocation, dir)?;
    if part == EVENTS {
        let said = client.kubectl(&[
            "get",
            "events",
            "--all-namespaces",
            "--sort-by=.metadata.creationTimestamp",
        ])?;
        say(last(&said, args.lines));
        return Ok(());
    }
    match PODS.iter().find(|(name, _)| *name == part) {
        Some((_, labels)) => of_pods(&client, labels, args.lines),
        None => bail!("no part is called {part}; see: cargo x cluster logs"),
    }
}

fn of_pods(client: &Client, labels: &str, lines: usize) -> Result<()> {
    let place = r#"jsonpath={range .items[*]}{.metadata.namespace} {.metadata.name}{"\n"}{end}"#;
    let pods =
        client.kubectl(&["get", "pods", "--all-namespaces", "-l", labels, "--output", place])?;
    for pod in pods.lines() {
        let (namespace, name) = pod.split_once(' ').context("a pod without a name")?;
        let tail = format!("--tail={lines}");
        let said = client.kubectl(&["logs", "--namespace", namespace, name, "--prefix", &tail]);
        // One that has not begun has said nothing; the others have.
        say(said.unwrap_or_else(|error| format!("{name}: {error:#}")).trim_end());
    }
    if pods.is_empty() {
        say("There are no such pods.");
    }
    Ok(())
}

fn processes(dir: &Path) -> Result<Vec<String>> {
    let mut parts = Vec::new();
    for entry in fs::read_dir(dir).context("no cluster is up")? {
        let file = entry?.path();
        if file.extension().is_some_and(|ending| ending == "log") {
            parts.extend(file.file_stem().map(|name| name.to_string_lossy().into_owned()));
        }
    }
    parts.sort();
    Ok(parts)
}

fn last(text: &str, lines: usize) -> &str {
    let text = text.trim_end();
    let start = text.rmatch_indices('\n').nth(lines.saturating_sub(1)).map_or(0, |(at, _)| at + 1);
    &text[start..]
}

fn client(invocation: &Invocation, dir: &Path) -> Result<Client> {
    if kind::kubeconfig(dir).is_some() {
        return kind::client(invocation, dir);
    }
    let programs = toolchain::programs(invocation, &[&CONTROL_PLANE])?;
    Ok(Client::new(programs, Some(kubeconfig(dir)?), dir.join("kubectl")))
}

/// `cargo x cluster env`.
pub(super) fn env(invocation: &Invocation, dir: &Path) -> Result<()> {
    let programs = toolchain::programs(invocation, &[&CONTROL_PLANE, &HELM])?;
    let dirs = std::env::join_paths(programs.dirs())?;
    say(&format!("export KUBECONFIG={}", kubeconfig(dir)?.display()));
    say(&format!("export PATH={}:$PATH", dirs.display()));
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_last_lines_are_shown() {
        assert_eq!(super::last("a\nb\nc\n", 2), "b\nc");
        assert_eq!(super::last("a\nb\nc\n", 9), "a\nb\nc");
        assert_eq!(super::last("", 3), "");
    }
}
