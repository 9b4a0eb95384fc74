//! The servers of one revision.

use k8s_openapi::{
    api::apps::v1::{Deployment, DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment},
    apimachinery::pkg::util::intstr::IntOrString,
};

use crate::{names, record::Record, resolve::Resolved};

/// `failed`: why its servers must not serve again.
pub(super) fn build(
    resolved: &Resolved,
    record: &Record,
    replicas: i32,
    failed: Option<&String>,
) -> Deployment {
    let mut selector = resolved.names.selector(names::SERVER);
    selector.insert(names::REVISION.to_owned(), record.revision.clone());
    let name = resolved.names.revision(&record.revision);
    let mut meta = super::revision_meta(resolved, name, names::SERVER, &record.revision);
    meta.annotations = failed.map(|cause| super::pair(names::FAILED, cause));
    Deployment {
        metadata: meta,
        spec: Some(DeploymentSpec {
            replicas: Some(replicas),
            selector: names::select(selector),
            template: record.template.clone(),
            // Only for what somebody changes by hand and the operator puts back.
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
