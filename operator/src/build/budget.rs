//! How many servers may be evicted together.
//!
//! A node drain evicts the pods of a node one after the other. If servers were evicted one by one,
//! a client that moved from the first to the second would be moved again. So the servers of one
//! node may be evicted together, but never more than half of all.

use std::collections::BTreeMap;

use k8s_openapi::{
    api::{
        core::v1::Pod,
        policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec},
    },
    apimachinery::pkg::util::intstr::IntOrString,
};

use super::meta;
use crate::{names, observe::Observed, resolve::Resolved};

/// The reason of the condition `DisruptionTarget`, which Kubernetes sets on a pod before it evicts
/// it.
const EVICTED: &str = "EvictionByEvictionAPI";

/// None with one server: there is nothing to protect, and a budget would only block node drains.
pub(super) fn build(resolved: &Resolved, seen: &Observed) -> Option<PodDisruptionBudget> {
    let replicas = resolved.spec.replicas;
    if replicas <= 1 || resolved.spec.hibernated {
        return None;
    }
    let half = (replicas + 1) / 2;
    let together = most_on_a_node(seen).clamp(1, half);
    let selector = names::select(resolved.names.selector(names::SERVER));
    Some(PodDisruptionBudget {
        metadata: meta(resolved, resolved.names.service(), names::SERVER),
        spec: Some(PodDisruptionBudgetSpec {
            max_unavailable: Some(IntOrString::Int(together)),
            selector: Some(selector),
            // A server that is not ready serves no client.
            unhealthy_pod_eviction_policy: Some("AlwaysAllow".to_owned()),
            ..PodDisruptionBudgetSpec::default()
        }),
        ..PodDisruptionBudget::default()
    })
}

/// The highest number of servers on one node, terminating ones not counted. An evicted server
/// counts until it has terminated: if the budget shrank with the first one, the second would have
/// to wait.
fn most_on_a_node(seen: &Observed) -> i32 {
    let mut nodes: BTreeMap<&str, i32> = BTreeMap::new();
    for node in seen.pods.iter().filter_map(|pod| node_of(pod)) {
        *nodes.entry(node).or_default() += 1;
    }
    nodes.into_values().max().unwrap_or_default()
}

fn node_of(pod: &Pod) -> Option<&str> {
    let stays = pod.metadata.deletion_timestamp.is_none() || is_evicted(pod);
    let counts = stays && names::component(pod) == names::SERVER;
    pod.spec.as_ref().filter(|_| counts)?.node_name.as_deref()
}

fn is_evicted(pod: &Pod) -> bool {
    let mut conditions = pod.status.iter().flat_map(|status| status.conditions.iter().flatten());
    conditions.any(|condition| condition.reason.as_deref() == Some(EVICTED))
}
