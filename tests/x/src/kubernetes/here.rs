//! `cargo x cluster up --here`: the product in a Kubernetes that somebody else looks after.

use anyhow::{Result, bail};
use x::cluster::{
    Client,
    product::{self, SAMPLE_NAME},
};

use super::{
    kind,
    product::{Images, install},
    up::UpArgs,
    ways,
};
use crate::{World, progress::say};

/// Installs the operator and the sample in the cluster of `KUBECONFIG`.
pub(super) fn up(world: &World, args: &UpArgs) -> Result<()> {
    let (Some(operator), Some(server)) = (&args.operator_image, &args.server_image) else {
        bail!(
            "a cluster elsewhere pulls its images from a registry; say which: cargo x cluster up \
             --here --operator-image REGISTRY/chat-operator:TAG --server-image \
             REGISTRY/chat-server:TAG"
        );
    };
    let client = client(world)?;
    let images = Images { operator: Some(operator.clone()), server: Some(server.clone()) };
    install(world, &client, &images)?;
    say(&ways::here(&client)?.to_string());
    Ok(())
}

/// Removes both again. Volumes stay, and so does the definition of `ChatCluster`.
pub(super) fn down(world: &World) -> Result<()> {
    let client = client(world)?;
    client.kubectl(&["delete", "chatcluster", SAMPLE_NAME, "--ignore-not-found", "--wait"])?;
    product::uninstall_operator(&client)?;
    say("The ChatCluster and the operator are gone; its volumes are kept.");
    Ok(())
}

fn client(world: &World) -> Result<Client> {
    Ok(Client::new(kind::programs(world)?, None, world.checkout.data("kubectl")))
}
