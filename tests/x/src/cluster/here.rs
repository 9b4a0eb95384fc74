//! `cargo x cluster up --here`: the product in a Kubernetes that somebody else looks after.

use anyhow::{Result, bail};
use bare_kube::{
    Client,
    product::{self, Namespaces, SAMPLE_NAME},
    toolchain,
};
use testbed::{Invocation, progress::say};

use super::{
    endpoints,
    install::{Images, install},
};

/// Installs the operator and the sample, with images of a registry, in the cluster of `KUBECONFIG`.
pub(super) fn up(invocation: &Invocation, images: &Images) -> Result<()> {
    if images.operator.is_none() || images.server.is_none() {
        bail!(
            "a cluster elsewhere pulls its images from a registry; say which: cargo x cluster up \
             --here --operator-image REGISTRY/chat-operator:TAG --server-image \
             REGISTRY/chat-server:TAG"
        );
    }
    let client = client(invocation)?;
    install(invocation, &client, images)?;
    say(&endpoints::here(&client)?.to_string());
    Ok(())
}

/// Removes both again. Volumes stay, and so does the definition of `ChatCluster`.
pub(super) fn down(invocation: &Invocation) -> Result<()> {
    let client = client(invocation)?;
    client.kubectl(&["delete", "chatcluster", SAMPLE_NAME, "--ignore-not-found", "--wait"])?;
    product::uninstall_operator(&client, &Namespaces::default().operator)?;
    say("The ChatCluster and the operator are gone; its volumes are kept.");
    Ok(())
}

fn client(invocation: &Invocation) -> Result<Client> {
    Ok(Client::new(toolchain::clients(invocation)?, None, invocation.checkout.data("kubectl")))
}
