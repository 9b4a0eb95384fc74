//! An operator has the rights that its chart gives it, and no others.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use kube::config::{AuthInfo, Kubeconfig};

use x::checkout::Checkout;

use crate::kubernetes;

/// Name of the release, and so of its `ServiceAccount` and its Lease.
const RELEASE: &str = "chat-operator";

/// Applies what the chart says of rights in this namespace, and writes a file with which the
/// operator's `ServiceAccount` enters.
pub(super) fn grant(kubeconfig: &str, namespace: &str) -> Result<PathBuf> {
    let programs = kubernetes::programs()?;
    let mut helm = programs.command("helm")?;
    helm.args(["template", RELEASE]).arg(Checkout::find()?.path("charts/chat-operator"));
    helm.args(["--namespace", namespace, "--show-only", "templates/rbac.yaml"]);
    // It is not told by the API here, and takes itself for an old one.
    helm.args(["--kube-version", "1.33"]);
    helm.arg("--set").arg(format!("watchNamespaces={{{namespace}}}"));
    let rules = output(helm)?;

    let dir = kubernetes::folder(&format!("rights-{namespace}"))?;
    let kubectl = || -> Result<Command> {
        let mut kubectl = programs.command("kubectl")?;
        kubectl.args(["--kubeconfig", kubeconfig, "--namespace", namespace]);
        kubectl.arg("--cache-dir").arg(dir.join("kubectl"));
        Ok(kubectl)
    };
    let mut apply = kubectl()?;
    apply.args(["apply", "--filename", "-"]).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut apply = apply.spawn().context("cannot start kubectl")?;
    apply.stdin.take().context("no input")?.write_all(rules.as_bytes())?;
    ensure!(apply.wait()?.success(), "the rights were not applied");

    let mut token = kubectl()?;
    token.args(["create", "token", RELEASE, "--duration=2h"]);
    enter_with(output(token)?.trim(), kubeconfig, &dir.join("kubeconfig"))
}

fn enter_with(token: &str, kubeconfig: &str, file: &Path) -> Result<PathBuf> {
    let mut config = Kubeconfig::read_from(kubeconfig)?;
    for user in &mut config.auth_infos {
        user.auth_info =
            Some(AuthInfo { token: Some(token.to_owned().into()), ..AuthInfo::default() });
    }
    fs::write(file, serde_json::to_vec(&config)?)?;
    Ok(file.to_owned())
}

fn output(mut command: Command) -> Result<String> {
    let out = command.stderr(Stdio::inherit()).output()?;
    ensure!(out.status.success(), "{command:?} failed");
    Ok(String::from_utf8(out.stdout)?)
}
