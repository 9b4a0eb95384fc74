//! An operator has the rights that its chart gives it, and no others.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Result;
use bare_kube::{Client, product};
use kube::config::{AuthInfo, Kubeconfig};
use testbed::checkout::Checkout;

use crate::provision;

/// Name of the release, and so of its `ServiceAccount` and its Lease.
const RELEASE: &str = "chat-operator";

/// Applies what the chart says of rights in this namespace, and writes a file with which the
/// operator's `ServiceAccount` enters.
pub(super) fn grant(kubeconfig: &str, namespace: &str) -> Result<PathBuf> {
    let dir = provision::folder(&format!("rights-{namespace}"))?;
    let programs = provision::programs()?;
    let client = Client::new(programs, Some(kubeconfig.into()), dir.join("kubectl"));
    let chart = Checkout::find()?.path("charts/chat-operator").display().to_string();
    let watched = format!("watchNamespaces={{{namespace}}}");
    let rules = client.helm(&[
        "template",
        RELEASE,
        &chart,
        "--namespace",
        namespace,
        "--show-only",
        "templates/rbac.yaml",
        "--set",
        &watched,
        // The API server does not report it here, and it assumes an old version.
        "--kube-version",
        "1.33",
    ])?;
    let file = dir.join("rbac.yaml");
    fs::write(&file, rules)?;
    product::apply(&client, &file)?;

    let token = ["create", "token", RELEASE, "--namespace", namespace, "--duration=2h"];
    enter_with(client.kubectl(&token)?.trim(), kubeconfig, &dir.join("kubeconfig"))
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
