//! A way to the API that counts what is written, and shuts behind a certain write.
//!
//! A process behind a shut gate neither gets an answer nor reaches the API: for the API it is dead
//! from that write on, and whoever kills it then has killed it right there.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use anyhow::{Context as _, Result};
use axum::{Router, body::Body, extract::State, response::Response};
use http::{Method, Request, StatusCode};
use kube::{
    Client, Config,
    config::{KubeConfigOptions, Kubeconfig},
};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

/// Bodies of requests are no longer.
const BYTES_MAX: usize = 4 << 20;
/// Written by the clock, and not by what is to be done.
const UNCOUNTED: [&str; 2] = ["/apis/coordination.k8s.io/", "/apis/events.k8s.io/"];

/// A gate in front of the API.
pub struct Gate {
    way: Arc<Way>,
    serving: JoinHandle<()>,
    kubeconfig: PathBuf,
}

struct Way {
    client: Client,
    written: AtomicU32,
    /// Shut behind this write.
    last: AtomicU32,
    shut: watch::Sender<bool>,
}

impl Gate {
    /// A gate for who would enter with this file; its own file is put beside it.
    pub async fn before(kubeconfig: &Path) -> Result<Self> {
        let mut file = Kubeconfig::read_from(kubeconfig)?;
        let options = KubeConfigOptions::default();
        let config = Config::from_custom_kubeconfig(file.clone(), &options).await?;
        let way = Arc::new(Way {
            client: Client::try_from(config)?,
            written: AtomicU32::new(0),
            last: AtomicU32::new(u32::MAX),
            shut: watch::Sender::new(false),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let router = Router::new().fallback(pass).with_state(Arc::clone(&way));
        let serving = tokio::spawn(async move {
            // It ends with the gate.
            let _ = axum::serve(listener, router).await;
        });
        let cluster = file.clusters.first_mut().and_then(|named| named.cluster.as_mut());
        let cluster = cluster.context("the file names no cluster")?;
        cluster.server = Some(format!("http://{address}"));
        cluster.certificate_authority = None;
        cluster.certificate_authority_data = None;
        let own = kubeconfig.with_extension("gate");
        std::fs::write(&own, serde_json::to_vec(&file)?)?;
        Ok(Self { way, serving, kubeconfig: own })
    }

    /// The file to enter with.
    #[must_use]
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// Opens it, and counts anew. The write with this number still reaches the API, and its answer
    /// nobody; 0 shuts it before the first one. `true`: it was shut, and who stood behind it then
    /// still waits.
    #[must_use]
    pub fn open_until(&self, last: u32) -> bool {
        self.way.written.store(0, Ordering::SeqCst);
        self.way.last.store(last, Ordering::SeqCst);
        self.way.shut.send_replace(false)
    }

    /// Has it shut.
    #[must_use]
    pub fn is_shut(&self) -> bool {
        *self.way.shut.borrow()
    }

    /// Writes since it was opened.
    #[must_use]
    pub fn written(&self) -> u32 {
        self.way.written.load(Ordering::SeqCst)
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn pass(State(way): State<Arc<Way>>, request: Request<Body>) -> Response {
    let reads = [Method::GET, Method::HEAD].contains(request.method());
    let is_counted = !reads && !UNCOUNTED.iter().any(|path| request.uri().path().starts_with(path));
    let mut shut = way.shut.subscribe();
    if *shut.borrow_and_update() {
        return std::future::pending().await;
    }
    let last = way.last.load(Ordering::SeqCst);
    let number = if is_counted { way.written.fetch_add(1, Ordering::SeqCst) + 1 } else { 0 };
    if number > last {
        way.shut.send_replace(true);
        return std::future::pending().await;
    }
    let answer = forward(&way.client, request).await;
    if is_counted && number == last {
        way.shut.send_replace(true);
        return std::future::pending().await;
    }
    answer.unwrap_or_else(|error| {
        let mut response = Response::new(Body::from(format!("{error:#}")));
        *response.status_mut() = StatusCode::BAD_GATEWAY;
        response
    })
}

async fn forward(client: &Client, request: Request<Body>) -> Result<Response> {
    let (mut parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, BYTES_MAX).await?;
    // The client enters with the same token, to the place that it knows.
    for name in [http::header::HOST, http::header::AUTHORIZATION] {
        parts.headers.remove(name);
    }
    let request = Request::from_parts(parts, kube::client::Body::from(body.to_vec()));
    let (mut parts, body) = client.send(request).await?.into_parts();
    parts.headers.remove(http::header::TRANSFER_ENCODING);
    Ok(Response::from_parts(parts, Body::new(body)))
}
