//! I/O: asks the servers for their own status.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use chat_contract::ops::{OPS_PORT, PodStatus, STATUSZ};
use futures_util::{StreamExt, stream};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt;

use crate::names;

/// Timeout of a request.
const REQUEST_TIMEOUT: Duration = Duration::from_millis(800);
/// Requests at the same time.
const CONCURRENT_MAX: usize = 16;
/// Servers queried per revision; the others are assumed to be alike.
const PER_REVISION_MAX: usize = 16;
/// Maximum bytes of an answer.
const BYTES_MAX: usize = 16 * 1024;

/// The status of each running server by pod name, also of those that are not ready, which report
/// why. A server that does not answer is omitted.
pub(super) async fn ask(pods: &[Arc<Pod>]) -> BTreeMap<String, PodStatus> {
    let mut of_revision: BTreeMap<&str, usize> = BTreeMap::new();
    let asked = pods.iter().filter_map(|pod| {
        let status = pod.status.as_ref()?;
        let address = status.pod_ip.clone()?;
        let is_asked = names::component(pod.as_ref()) == names::SERVER
            && status.phase.as_deref() == Some("Running")
            && pod.metadata.deletion_timestamp.is_none();
        let count = of_revision.entry(names::revision(pod.as_ref())).or_default();
        *count += usize::from(is_asked);
        (is_asked && *count <= PER_REVISION_MAX)
            .then_some(async move { Some((pod.name_any(), one(&address).await?)) })
    });
    let asked: Vec<_> = asked.collect();
    stream::iter(asked)
        .buffer_unordered(CONCURRENT_MAX)
        .filter_map(async |found| found)
        .collect()
        .await
}

async fn one(address: &str) -> Option<PodStatus> {
    let address = if address.contains(':') { format!("[{address}]") } else { address.to_owned() };
    let url = format!("http://{address}:{OPS_PORT}{STATUSZ}").parse().ok()?;
    let client: Client<_, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let answer = async {
        let answer = client.get(url).await.ok()?;
        let body = Limited::new(answer.into_body(), BYTES_MAX).collect().await.ok()?.to_bytes();
        serde_json::from_slice(&body).ok()
    };
    tokio::time::timeout(REQUEST_TIMEOUT, answer).await.ok()?
}
