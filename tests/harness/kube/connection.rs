//! The connection to the API, and the CRD in it.

use anyhow::Result;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::{
    Api, Client, Config,
    api::{ListParams, Patch, PatchParams},
    config::{KubeConfigOptions, Kubeconfig},
};
use operator::crd::{self, ChatCluster};

use super::CHANGE_TIMEOUT;
use crate::eventually;

/// A client with the rights of a kubeconfig file.
pub(crate) async fn connect(kubeconfig: &str) -> Result<Client> {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let kubeconfig = Kubeconfig::read_from(kubeconfig)?;
    let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
    Ok(Client::try_from(config)?)
}

/// Installs the definition, as the chart does, and waits until the API knows it.
pub(super) async fn define(client: &Client) -> Result<()> {
    let definitions: Api<CustomResourceDefinition> = Api::all(client.clone());
    let params = PatchParams::apply("test").force();
    let name = "chatclusters.chatcluster.dev";
    definitions.patch(name, &params, &Patch::Apply(crd::definition())).await?;
    eventually("the API knows ChatCluster", CHANGE_TIMEOUT, || async {
        Ok(Api::<ChatCluster>::all(client.clone()).list(&ListParams::default().limit(1)).await?)
    })
    .await?;
    Ok(())
}
