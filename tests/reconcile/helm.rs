//! Goal: the operator's chart is installed, brought up to date and uninstalled by both generations
//! of helm: the definition follows the chart, and stays, with every `ChatCluster`, when it goes.
//! Method: helm and an API of its own; an older chart is one whose definition lacks a column. There
//! are no nodes, so pods are not waited for.

use std::{fs, path::Path, process::Command};

use anyhow::{Context as _, Result, ensure};
use bare_kube::{ControlPlane, Programs};
use harness::provision;
use testbed::{checkout::Checkout, program};

const NAMESPACE: &str = "chat-system";
const CHART: &str = "charts/chat-operator";
const DEFINITION: &str = "files/crds/chatclusters.yaml";
/// A column that the older chart does not have.
const COLUMN: &str = "    - jsonPath: .status.message\n      name: Status\n      type: string\n";

struct Helm<'a> {
    control: &'a ControlPlane,
    programs: Programs,
}

impl Helm<'_> {
    fn run(&self, generation: &str, args: &[&str]) -> Result<String> {
        let mut helm = self.programs.command(generation)?;
        helm.env("HELM_CACHE_HOME", self.control.config().dir.join("helm"));
        helm.arg("--kubeconfig").arg(self.control.kubeconfig()).args(args);
        let said = program::output(helm.args(["--namespace", NAMESPACE]));
        said.with_context(|| format!("{generation} {}", args.join(" ")))
    }

    fn columns(&self) -> Result<String> {
        let path = "jsonpath={.spec.versions[0].additionalPrinterColumns[*].name}";
        let definition = "customresourcedefinition/chatclusters.chatcluster.dev";
        self.control.kubectl(&["get", definition, "--output", path])
    }

    fn objects(&self) -> Result<String> {
        let kinds = "deployments,services,serviceaccounts,networkpolicies,clusterroles";
        let ours = "--selector=app.kubernetes.io/instance=chat-operator";
        let args = ["get", kinds, ours, "--output=name", "--namespace", NAMESPACE];
        self.control.kubectl(&args)
    }

    /// The whole life of a release.
    fn life(&self, install: &str, upgrade: &str, older: &Path) -> Result<()> {
        let older = older.display().to_string();
        let chart = Checkout::find()?.path(CHART).display().to_string();
        self.run(install, &["install", "chat-operator", &older, "--create-namespace"])?;
        let objects = self.objects()?;
        for kind in
            ["deployment.apps/", "service/", "serviceaccount/", "networkpolicy", "clusterrole"]
        {
            ensure!(objects.contains(kind), "{install} made no {kind}: {objects}");
        }
        self.run(upgrade, &["upgrade", "chat-operator", &chart, "--set", "replicas=3"])?;
        ensure!(self.columns()?.contains("Status"), "{upgrade} left the old definition");
        let path = "jsonpath={.spec.replicas}";
        let deployment = ["get", "deployment/chat-operator", "--namespace", NAMESPACE];
        let count = self.control.kubectl(&[&deployment[..], &["--output", path]].concat())?;
        ensure!(count == "3", "{upgrade} left {count} replicas");
        let history = self.run(upgrade, &["history", "chat-operator"])?;
        ensure!(history.contains("deployed") && history.contains("superseded"), "{history}");

        self.run(upgrade, &["uninstall", "chat-operator"])?;
        let left = self.objects()?;
        ensure!(left.is_empty(), "{upgrade} left {left}");
        ensure!(self.columns()?.contains("Ready"), "{upgrade} took the definition away");
        let clusters = self.control.kubectl(&["get", "chatclusters", "--output=name"])?;
        ensure!(clusters.contains("/team"), "{upgrade} took a ChatCluster away: {clusters:?}");
        Ok(())
    }
}

#[tokio::test]
async fn both_generations_install_upgrade_and_uninstall() -> Result<()> {
    let control = provision::control_plane("helm")?;
    let helm = Helm { control: &control, programs: provision::programs()? };
    let checkout = Checkout::find()?;
    let older = control.config().dir.join("older");
    let mut copy = Command::new("cp");
    program::output(copy.arg("--recursive").arg(checkout.path(CHART)).arg(&older))?;
    let definition = fs::read_to_string(older.join(DEFINITION))?;
    let without = definition.replacen(COLUMN, "", 1);
    ensure!(without != definition, "the definition has no such column");
    fs::write(older.join(DEFINITION), without)?;

    let sample = checkout.path("manifests/samples/minimal.yaml").display().to_string();
    // The first one creates the CRD, and a user creates a ChatCluster; all later ones find both.
    helm.run(
        "helm4",
        &["install", "chat-operator", &older.display().to_string(), "--create-namespace"],
    )?;
    ensure!(!helm.columns()?.contains("Status"), "the older chart is as new as the other");
    control.kubectl(&["apply", "--filename", &sample])?;
    helm.run("helm4", &["uninstall", "chat-operator"])?;
    for (install, upgrade) in [("helm4", "helm4"), ("helm", "helm4"), ("helm", "helm")] {
        helm.life(install, upgrade, &older)?;
    }
    control.stop()
}
