//! The process: configuration, leader election, probes, metrics, and the controller that runs the
//! steps for every `ChatCluster`.

mod config;
mod context;
mod controller;
mod leader;
pub mod metrics;
mod probes;
mod reconcile;
mod requeue;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, bail};
use kube::{Api, Client, api::ListParams, client::ClientBuilder};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;
use tower::timeout::TimeoutLayer;

pub use self::config::Config;
use self::{leader::Election, metrics::Metrics, probes::Probes};
use crate::{crd::ChatCluster, observe::Scope};

/// Interval at which the API is asked while it does not know the kind.
const KIND_RETRY: Duration = Duration::from_secs(2);
/// The API begins to answer within this time, also to a watch, or counts as unavailable. Nothing
/// else would end a request whose connection broke silently.
const API_TIMEOUT: Duration = Duration::from_secs(30);
/// Reconciliations that run at the shutdown have this long to finish.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// Runs the operator until SIGTERM or SIGINT; an error where leadership is lost.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let client = client().await.context("cannot find the Kubernetes API")?;
    let metrics = Metrics::new()?;
    let probes = Probes { metrics: metrics.clone(), ready: Arc::new(AtomicBool::new(false)) };
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {}; --listen names another", config.listen))?;
    let stop = CancellationToken::new();
    let serving = axum::serve(listener, probes::router(probes.clone()));
    let server =
        tokio::spawn(serving.with_graceful_shutdown(stop.clone().cancelled_owned()).into_future());
    let shutdown = shutdown()?;
    tokio::pin!(shutdown);

    let scopes = scopes(&config);
    tokio::select! {
        () = await_kind(&client, &scopes[0]) => probes.ready.store(true, Ordering::Relaxed),
        () = &mut shutdown => return Ok(()),
    }
    let identity = match &config.identity {
        Some(identity) => identity.clone(),
        None => host_name()?,
    };
    let (namespace, name) = (&config.lease_namespace, &config.lease_name);
    let mut election = Election::new(client.clone(), namespace, name, &identity);
    tokio::select! {
        () = election.acquire() => {}
        () = &mut shutdown => return Ok(()),
    }
    tracing::info!(identity, "acquired leadership");
    metrics.leader.set(1);
    let mut controllers = JoinSet::new();
    for scope in scopes {
        controllers.spawn(controller::run(
            client.clone(),
            scope,
            config.concurrency,
            identity.clone(),
            metrics.clone(),
            stop.clone(),
        ));
    }
    tokio::select! {
        lost = election.renew() => {
            // Nothing may be written any more: another leader may write already.
            bail!("{lost}");
        }
        ended = controllers.join_next() => bail!("a controller ended: {ended:?}"),
        () = &mut shutdown => tracing::info!("shutting down"),
    }
    stop.cancel();
    finish(controllers).await;
    election.release().await;
    metrics.leader.set(0);
    server.await??;
    Ok(())
}

/// Waits until the controllers have finished what they were reconciling.
async fn finish(mut controllers: JoinSet<()>) {
    let rest = async { while controllers.join_next().await.is_some() {} };
    if tokio::time::timeout(SHUTDOWN_TIMEOUT, rest).await.is_err() {
        tracing::warn!("reconciliations did not finish in time and are aborted");
        controllers.abort_all();
    }
}

async fn client() -> kube::Result<Client> {
    let config = kube::Config::infer().await.map_err(kube::Error::InferConfig)?;
    let builder = ClientBuilder::try_from(config)?;
    Ok(builder.with_layer(&TimeoutLayer::new(API_TIMEOUT)).build())
}

fn scopes(config: &Config) -> Vec<Scope> {
    let named: Vec<_> = config.namespaces.iter().filter(|name| !name.is_empty()).collect();
    if named.is_empty() {
        return vec![Scope::All];
    }
    named.into_iter().map(|name| Scope::Namespace(name.clone())).collect()
}

/// Waits until the API knows the kind and allows to list it.
async fn await_kind(client: &Client, scope: &Scope) {
    let api: Api<ChatCluster> = scope.api(client);
    let mut reported = false;
    while let Err(error) = api.list(&ListParams::default().limit(1)).await {
        if !reported {
            tracing::warn!(%error, "cannot list ChatClusters; are the CRD and the RBAC rules installed?");
            reported = true;
        }
        tokio::time::sleep(KIND_RETRY).await;
    }
}

fn shutdown() -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

fn host_name() -> anyhow::Result<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname");
    Ok(name.context("no host name; set --identity")?.trim().to_owned())
}
