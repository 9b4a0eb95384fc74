//! The Deployment of one revision.

use k8s_openapi::{
    api::apps::v1::{Deployment, DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment},
    apimachinery::pkg::util::intstr::IntOrString,
};

use crate::{
    names,
    resolve::{Resolved, revision::Revision},
};

/// `failed`: why this revision must not be selected again.
pub(super) fn build(
    resolved: &Resolved,
    revision: &Revision,
    replicas: i32,
    failed: Option<&String>,
) -> Deployment {
    let mut selector = resolved.names.selector(names::SERVER);
    selector.insert(names::REVISION.to_owned(), revision.name.clone());
    let name = resolved.names.revision(&revision.name);
    let mut meta = super::revision_meta(resolved, name, names::SERVER, &revision.name);
    meta.annotations = failed.map(|cause| super::pair(names::FAILED, cause));
    Deployment {
        metadata: meta,
        spec: Some(DeploymentSpec {
            replicas: Some(replicas),
            selector: names::select(selector),
            template: revision.template.clone(),
            // Used only where a manual change is reverted: each revision has its own Deployment.
            strategy: Some(DeploymentStrategy {
                type_: Some("RollingUpdate".to_owned()),
                rolling_update: Some(RollingUpdateDeployment {
                    max_surge: Some(IntOrString::Int(1)),
                    max_unavailable: Some(IntOrString::Int(0)),
                }),
            }),
            revision_history_limit: Some(1),
            ..DeploymentSpec::default()
        }),
        status: None,
    }
}
