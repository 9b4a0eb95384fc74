//! Files that programs write and people commit.

use std::process::Command;

use anyhow::Result;

use crate::{checkout::Checkout, program};

/// The page's types of everything on the wire.
pub const CONTRACT: &str = "frontend/src/api/contract.ts";
/// The description of the API for other programs.
pub const OPENAPI: &str = "chat-server/openapi.json";

/// The definition of `ChatCluster`: for people, and for the chart that installs it.
pub const CRDS: [&str; 2] =
    ["manifests/crds/chatclusters.yaml", "charts/chat-operator/files/crds/chatclusters.yaml"];

/// The operator, for who does not use helm.
pub const OPERATOR: &str = "manifests/operator.yaml";
/// Where it is then.
const NAMESPACE: &str = "chat-system";

/// What [`CONTRACT`] must hold.
pub fn contract(checkout: &Checkout) -> Result<String> {
    // All packages, as everywhere: else the dependencies would be built a second time for this.
    let mut cargo = checkout.cargo();
    cargo.args(["build", "--quiet", "--locked", "--workspace", "--example", "typescript"]);
    program::output(cargo.args(["--features", "chat-contract/typescript"]))?;
    program::output(&mut Command::new(checkout.built("examples/typescript", false)))
}

/// What [`OPENAPI`] must hold.
pub fn openapi(checkout: &Checkout) -> Result<String> {
    let mut cargo = checkout.cargo();
    cargo.args(["build", "--quiet", "--locked", "--workspace", "--bin", "chat-server"]);
    program::output(&mut cargo)?;
    let mut server = Command::new(checkout.built("chat-server", false));
    program::output(server.arg("openapi").current_dir(&checkout.root))
}

/// What each of [`CRDS`] must hold.
pub fn crd(checkout: &Checkout) -> Result<String> {
    let mut cargo = checkout.cargo();
    cargo.args(["build", "--quiet", "--locked", "--workspace", "--bin", "chat-operator"]);
    program::output(&mut cargo)?;
    let mut operator = Command::new(checkout.built("chat-operator", false));
    program::output(operator.arg("crd").current_dir(&checkout.root))
}

/// What [`OPERATOR`] must hold: what this helm makes of the chart, in a namespace of its own.
pub fn operator(checkout: &Checkout, mut helm: Command) -> Result<String> {
    helm.args(["template", "chat-operator", "charts/chat-operator", "--namespace", NAMESPACE]);
    // Without a cluster helm believes in an old one.
    helm.args(["--kube-version", "1.36.0"]);
    let rest = program::output(helm.current_dir(&checkout.root))?;
    Ok(format!(
        "\
# kubectl apply --server-side --filename {OPERATOR}
# What helm makes of charts/chat-operator with its own values.
apiVersion: v1
kind: Namespace
metadata:
  name: {NAMESPACE}
  labels:
    pod-security.kubernetes.io/enforce: restricted
{rest}"
    ))
}
