//! Runs of the ring `cluster` in a Kubernetes that may be somebody else's: what a run must not meet
//! there, the label of everything that it makes beyond its namespaces, and the removal.
//!
//! Invariant: what does not have the label of a run is neither changed nor removed.

use std::{collections::BTreeSet, env, path::PathBuf};

use anyhow::{Context as _, Result, bail};

use super::{Client, product::Namespaces};

/// Label with the id of the run, of namespaces and of what is in none.
pub const LABEL: &str = "chatcluster.dev/test-run";
/// Variable with the file that leads to a cluster; `KUBECONFIG` is that of people.
pub const KUBECONFIG: &str = "CHAT_TEST_KUBECONFIG";

const DEFINITION: &str = "chatclusters.chatcluster.dev";
/// What a run makes, in the order of its removal: the definition after everything that it defines.
const KINDS: [&str; 4] =
    ["namespaces", "customresourcedefinitions", "clusterrolebindings", "clusterroles"];

/// The file of the cluster that somebody names for tests.
pub fn named() -> Result<Option<PathBuf>> {
    let Some(file) = env::var_os(KUBECONFIG).filter(|file| !file.is_empty()) else {
        return Ok(None);
    };
    let file = PathBuf::from(file);
    let found = file.canonicalize();
    found.map(Some).with_context(|| format!("{KUBECONFIG} names no file: {}", file.display()))
}

/// The namespaces of a run.
#[must_use]
pub fn namespaces(run: &str) -> Namespaces {
    let chat = format!("chat-test-{run}");
    Namespaces {
        operator: format!("{chat}-system"),
        monitoring: format!("{chat}-monitoring"),
        chat,
    }
}

/// Fails where the cluster holds a definition of `ChatCluster` or an operator that this run did not
/// make. Nothing is written.
pub fn refuse(client: &Client, run: &str) -> Result<()> {
    let label = format!("{{.metadata.labels.{}}}", LABEL.replace('.', r"\."));
    let what = format!("--output=jsonpath={{.metadata.name}} {label}");
    let definition = ["get", "customresourcedefinition", DEFINITION, "--ignore-not-found", &what];
    let found = client.kubectl(&definition)?;
    let of = found.split_once(' ').map(|(_, of)| of);
    if of == Some("") {
        bail!(
            "the cluster holds a definition of ChatCluster that this run did not make; name a \
             cluster without one in {KUBECONFIG}"
        );
    }
    if let Some(other) = of.filter(|of| *of != run) {
        bail!(
            "the cluster holds the definition of ChatCluster of another run; if that one has \
             ended, remove what it left: cargo x cluster clean --run {other}"
        );
    }
    let what = "--output=jsonpath={range .items[*]}{.metadata.namespace}/{.metadata.name} {end}";
    let operators = ["get", "deployments", "--all-namespaces", what];
    let others = format!("app.kubernetes.io/name=chat-operator,{LABEL}!={run}");
    let found = client.kubectl(&[&operators[..], &["--selector", &others]].concat())?;
    if !found.is_empty() {
        bail!(
            "the cluster holds an operator that this run did not make ({}); name a cluster without \
             one in {KUBECONFIG}",
            found.trim_end()
        );
    }
    Ok(())
}

/// Removes everything that a run made, waits until it is gone, and says what it was: `KIND/NAME`.
pub fn remove(client: &Client, run: &str) -> Result<Vec<String>> {
    let label = format!("{LABEL}={run}");
    let mut removed = Vec::new();
    for kind in KINDS {
        if kind == "customresourcedefinitions" {
            must_define_nothing(client, &label)?;
        }
        let delete = ["delete", kind, "--selector", &label, "--output=name", "--timeout=5m"];
        // Where there is nothing, a line says so.
        let said = client.kubectl(&delete)?;
        removed.extend(said.lines().filter(|line| line.contains('/')).map(str::to_owned));
    }
    Ok(removed)
}

/// With the definition all `ChatCluster`s would go, also what others made meanwhile.
fn must_define_nothing(client: &Client, label: &str) -> Result<()> {
    let ours = ["get", "customresourcedefinitions", "--selector", label, "--output=name"];
    if client.kubectl(&ours)?.is_empty() {
        return Ok(());
    }
    let what = "--output=jsonpath={range .items[*]}{.metadata.namespace}/{.metadata.name} {end}";
    let left = client.kubectl(&["get", DEFINITION, "--all-namespaces", what])?;
    if !left.is_empty() {
        bail!("the definition stays, because ChatClusters of others need it: {}", left.trim_end());
    }
    Ok(())
}

/// The runs of which something is there.
pub fn all(client: &Client) -> Result<BTreeSet<String>> {
    let label = LABEL.replace('.', r"\.");
    let what = format!("--output=jsonpath={{range .items[*]}}{{.metadata.labels.{label}}} {{end}}");
    let said = client.kubectl(&["get", &KINDS.join(","), "--selector", LABEL, &what])?;
    Ok(said.split_whitespace().map(str::to_owned).collect())
}
