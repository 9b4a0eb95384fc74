//! A way into a Kubernetes of which nothing but the API can be reached: a port of this machine, each
//! of whose connections the API forwards to a pod.
//!
//! A Service is asked with each connection which of its pods are ready, so that new connections go
//! where they would go inside, and one whose pod ends, ends with it.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener as StdListener},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use anyhow::{Context as _, Result, ensure};
use k8s_openapi::api::{core::v1::Pod, discovery::v1::EndpointSlice};
use kube::{Api, Client, api::ListParams};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    runtime, select,
    sync::oneshot,
};

use crate::kube::connect;

/// What can be reached from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The first port of a Service.
    Service(String),
    /// A port of a pod.
    Pod(String, u16),
}

/// An open way. It ends when it is dropped, with its connections.
#[derive(Debug)]
pub(super) struct Tunnel {
    listen: SocketAddr,
    _open: oneshot::Sender<()>,
}

impl Tunnel {
    /// Listens on a free port.
    pub(super) fn open(kubeconfig: &Path, namespace: &str, target: Target) -> Result<Self> {
        let listener = StdListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let listen = listener.local_addr()?;
        let (open, closed) = oneshot::channel();
        let (ready, began) = mpsc::channel();
        let (kubeconfig, namespace) = (kubeconfig.to_owned(), namespace.to_owned());
        // It lives longer than the runtime of whoever opens it, and may be dropped in another one.
        thread::spawn(move || {
            let work = async {
                match enter(&kubeconfig, namespace, target, listener).await {
                    Ok((way, listener)) => {
                        let _ = ready.send(Ok(()));
                        select! { _ = closed => {}, () = serve(way, listener) => {} }
                    }
                    Err(error) => drop(ready.send(Err(error))),
                }
            };
            let runtime = runtime::Builder::new_current_thread().enable_all().build();
            runtime.map(|runtime| runtime.block_on(work))
        });
        began.recv().context("the tunnel has ended")??;
        Ok(Self { listen, _open: open })
    }

    /// Where it listens.
    pub(super) fn listen(&self) -> SocketAddr {
        self.listen
    }
}

/// Where a tunnel leads.
struct Way {
    pods: Api<Pod>,
    slices: Api<EndpointSlice>,
    target: Target,
    /// Connections so far: each goes to the next pod.
    count: AtomicUsize,
}

async fn enter(
    kubeconfig: &Path,
    namespace: String,
    target: Target,
    listener: StdListener,
) -> Result<(Way, TcpListener)> {
    let client: Client = connect(&kubeconfig.display().to_string()).await?;
    let pods = Api::namespaced(client.clone(), &namespace);
    let slices = Api::namespaced(client, &namespace);
    let way = Way { pods, slices, target, count: AtomicUsize::new(0) };
    Ok((way, TcpListener::from_std(listener)?))
}

async fn serve(way: Way, listener: TcpListener) {
    let way = Arc::new(way);
    while let Ok((stream, _)) = listener.accept().await {
        let way = Arc::clone(&way);
        // Where no pod can be reached the client sees a closed connection.
        tokio::spawn(async move { way.join(stream).await });
    }
}

impl Way {
    async fn join(&self, mut outside: TcpStream) -> Result<()> {
        outside.set_nodelay(true)?;
        let (pod, port) = self.end().await?;
        let mut forward = self.pods.portforward(&pod, &[port]).await?;
        let mut inside = forward.take_stream(port).context("no stream")?;
        let copied = copy_bidirectional(&mut outside, &mut inside).await;
        forward.abort();
        copied?;
        Ok(())
    }

    /// The pod of the next connection, and its port.
    async fn end(&self) -> Result<(String, u16)> {
        let name = match &self.target {
            Target::Pod(pod, port) => return Ok((pod.clone(), *port)),
            Target::Service(name) => name,
        };
        let of_service = format!("kubernetes.io/service-name={name}");
        let slices = self.slices.list(&ListParams::default().labels(&of_service)).await?;
        let mut ready: Vec<_> = slices.items.iter().flat_map(ready).collect();
        ready.sort();
        ensure!(!ready.is_empty(), "no pod of {name} is ready");
        let next = self.count.fetch_add(1, Ordering::Relaxed) % ready.len();
        Ok(ready.swap_remove(next))
    }
}

/// The pods that may get new connections, and the port of each.
fn ready(slice: &EndpointSlice) -> impl Iterator<Item = (String, u16)> {
    let port = slice.ports.iter().flatten().find_map(|port| u16::try_from(port.port?).ok());
    slice.endpoints.iter().filter_map(move |endpoint| {
        let is_ready = endpoint.conditions.as_ref().is_none_or(|c| c.ready != Some(false));
        Some((endpoint.target_ref.as_ref()?.name.clone()?, port?)).filter(|_| is_ready)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn new_connections_go_to_pods_that_are_ready() {
        let endpoint = |pod: &str, ready: bool| {
            json!({
                "addresses": ["198.18.0.1"], "conditions": { "ready": ready },
                "targetRef": { "kind": "Pod", "name": pod },
            })
        };
        let slice: EndpointSlice = serde_json::from_value(json!({
            "addressType": "IPv4", "ports": [{ "name": "http", "port": 3000 }],
            "metadata": { "name": "team-1" },
            "endpoints": [endpoint("ending", false), endpoint("serving", true)],
        }))
        .unwrap();
        let found: Vec<_> = ready(&slice).collect();
        assert_eq!(found, [("serving".to_owned(), 3000)]);
    }
}
