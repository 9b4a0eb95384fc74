//! The managed Redis.

use k8s_openapi::api::core::v1::{Container, PodSpec};
use serde_json::json;

use super::{Part, container, empty_spec, pod_spec, template};
use crate::{
    build::{pod, volume},
    names,
    resolve::{Resolved, credentials},
};

pub(super) fn part(resolved: &Resolved) -> Option<Part> {
    let redis = resolved.spec.redis.managed.as_ref()?;
    let args = [
        "--requirepass",
        "$(REDIS_PASSWORD)",
        "--dir",
        "/data",
        "--appendonly",
        "yes",
        "--maxmemory",
        &redis.max_memory,
        "--maxmemory-policy",
        "allkeys-lru",
    ];
    let secret = resolved.names.credentials();
    let container = Container {
        image: Some(redis.image.clone()),
        args: Some(args.map(str::to_owned).to_vec()),
        env: Some(vec![pod::from_secret("REDIS_PASSWORD", &secret, credentials::REDIS)]),
        volume_mounts: Some(vec![volume::mount("data", "/data"), volume::mount("tmp", "/tmp")]),
        ..container(names::REDIS, 6379, redis.resources.clone(), ("50m", "64Mi", "512Mi"))
    };
    let spec = PodSpec {
        containers: vec![container],
        ..pod_spec(resolved, &redis.persistence, vec![volume::scratch("tmp")])
    };
    let empty = empty_spec().and_then(|spec| spec.redis.managed);
    Some(Part {
        component: names::REDIS,
        port: 6379,
        inputs: json!({ "redis": redis, "imagePullSecrets": resolved.spec.image_pull_secrets }),
        empty_inputs: json!({ "redis": empty }),
        template: template(resolved, names::REDIS, spec),
        persistence: redis.persistence.clone(),
    })
}
