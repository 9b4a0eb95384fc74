//! I/O: the one write of the status.

use kube::{
    Api, Client, ResourceExt,
    api::{Patch, PatchParams},
};
use serde_json::json;

use crate::crd::{ChatCluster, ChatClusterStatus};

/// Field manager of the status.
const MANAGER: &str = "chat-operator-status";

/// Why the status could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the status: {0}")]
pub(crate) struct Error(#[source] Box<kube::Error>);

/// Writes the status where it changed; says whether it did.
pub(crate) async fn write(
    client: &Client,
    cluster: &ChatCluster,
    status: &ChatClusterStatus,
) -> Result<bool, Error> {
    if cluster.status.as_ref() == Some(status) {
        return Ok(false);
    }
    let api: Api<ChatCluster> =
        Api::namespaced(client.clone(), &cluster.namespace().unwrap_or_default());
    let patch = json!({
        "apiVersion": "chatcluster.dev/v1alpha1",
        "kind": "ChatCluster",
        "metadata": { "name": cluster.name_any() },
        "status": status,
    });
    let params = PatchParams::apply(MANAGER).force();
    match api.patch_status(&cluster.name_any(), &params, &Patch::Apply(patch)).await {
        Ok(_) => Ok(true),
        // Deleted in between.
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(false),
        Err(error) => Err(Error(Box::new(error))),
    }
}
