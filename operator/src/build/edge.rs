//! The way in from outside, and the volume of pictures.

use k8s_openapi::api::{
    core::v1::PersistentVolumeClaim,
    networking::v1::{
        HTTPIngressPath, HTTPIngressRuleValue, Ingress, IngressBackend, IngressRule,
        IngressServiceBackend, IngressSpec, IngressTLS, ServiceBackendPort,
    },
};

use crate::{crd::DeletionPolicy, names, resolve::Resolved};

pub(super) fn ingress(resolved: &Resolved) -> Option<Ingress> {
    let wish = resolved.spec.ingress.as_ref()?;
    let mut meta = super::meta(resolved, resolved.names.service(), names::SERVER);
    meta.annotations = super::pod::some(wish.annotations.clone());
    let backend = IngressBackend {
        service: Some(IngressServiceBackend {
            name: resolved.names.service(),
            port: Some(ServiceBackendPort { name: Some("http".to_owned()), number: None }),
        }),
        resource: None,
    };
    Some(Ingress {
        metadata: meta,
        spec: Some(IngressSpec {
            ingress_class_name: wish.class_name.clone(),
            rules: Some(vec![IngressRule {
                host: Some(wish.host.clone()),
                http: Some(HTTPIngressRuleValue {
                    paths: vec![HTTPIngressPath {
                        path: Some("/".to_owned()),
                        path_type: "Prefix".to_owned(),
                        backend,
                    }],
                }),
            }]),
            tls: wish.tls_secret_name.as_ref().map(|secret| {
                vec![IngressTLS {
                    hosts: Some(vec![wish.host.clone()]),
                    secret_name: Some(secret.clone()),
                }]
            }),
            ..IngressSpec::default()
        }),
        status: None,
    })
}

pub(super) fn claims(resolved: &Resolved) -> Vec<PersistentVolumeClaim> {
    let Some(volume) = resolved.spec.upload_volume() else {
        return Vec::new();
    };
    let Some(size) = &volume.size else { return Vec::new() };
    let mut meta = super::meta(resolved, resolved.names.part("uploads"), names::SERVER);
    if resolved.spec.deletion_policy == DeletionPolicy::Retain {
        meta.owner_references = None;
    }
    let class = volume.storage_class_name.as_ref();
    vec![PersistentVolumeClaim {
        metadata: meta,
        spec: Some(super::store::claim_spec(size, class, &volume.access_mode)),
        status: None,
    }]
}
