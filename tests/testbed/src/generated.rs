//! Files that programs write and people commit.

use std::process::Command;

use anyhow::Result;

use crate::{checkout::Checkout, program};

/// The page's types of everything on the wire.
pub const CONTRACT: &str = "frontend/src/api/contract.ts";
/// The description of the API for other programs.
pub const OPENAPI: &str = "chat-server/openapi.json";

/// The description of the socket's commands and events for other programs.
pub const ASYNCAPI: &str = "chat-server/asyncapi.json";

/// The reference of the server's configuration, and its JSON schema.
pub const CONFIGURATION: [&str; 2] =
    ["chat-server/CONFIGURATION.md", "chat-server/configuration.schema.json"];

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
    server(checkout, "openapi")
}

/// What [`ASYNCAPI`] must hold.
pub fn asyncapi(checkout: &Checkout) -> Result<String> {
    server(checkout, "asyncapi")
}

/// What a subcommand of the server prints.
fn server(checkout: &Checkout, command: &str) -> Result<String> {
    let mut cargo = checkout.cargo();
    cargo.args(["build", "--quiet", "--locked", "--workspace", "--bin", "chat-server"]);
    program::output(&mut cargo)?;
    let mut server = Command::new(checkout.built("chat-server", false));
    program::output(server.arg(command).current_dir(&checkout.root))
}

/// What each of [`CONFIGURATION`] must hold.
pub fn configuration(checkout: &Checkout) -> Result<[String; 2]> {
    let mut cargo = checkout.cargo();
    cargo.args(["build", "--quiet", "--locked", "--workspace", "--example", "configuration"]);
    program::output(&mut cargo)?;
    let program = checkout.built("examples/configuration", false);
    let markdown = program::output(&mut Command::new(&program))?;
    let schema = program::output(Command::new(&program).arg("schema"))?;
    Ok([markdown, schema])
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
