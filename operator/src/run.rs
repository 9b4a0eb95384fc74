//! Composition root: from the configuration to an operator that works, and to its end.

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

use crate::{
    admin::{self, Admin},
    cache::Scope,
    config::Config,
    controller,
    crd::ChatCluster,
    lease::Election,
    metrics::Metrics,
};

/// How often the API is asked while it does not know the kind.
const ASK_EVERY: Duration = Duration::from_secs(2);
/// The API begins to answer within this time, also to a watch, or counts as away. Nothing else would
/// end a request whose other end went silently.
const API_PATIENCE: Duration = Duration::from_secs(30);
/// What is under way at the end gets so long.
const END_PATIENCE: Duration = Duration::from_secs(10);

/// Works until a signal.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let client = client().await.context("cannot find the Kubernetes API")?;
    let metrics = Metrics::new()?;
    let admin = Admin { metrics: metrics.clone(), ready: Arc::new(AtomicBool::new(false)) };
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {}; --listen names another", config.listen))?;
    let stop = CancellationToken::new();
    let serving = axum::serve(listener, admin::router(admin.clone()));
    let probes =
        tokio::spawn(serving.with_graceful_shutdown(stop.clone().cancelled_owned()).into_future());
    let end = ended()?;
    tokio::pin!(end);

    let scopes = scopes(&config);
    tokio::select! {
        () = await_kind(&client, &scopes[0]) => admin.ready.store(true, Ordering::Relaxed),
        () = &mut end => return Ok(()),
    }
    let identity = match &config.identity {
        Some(identity) => identity.clone(),
        None => host_name()?,
    };
    let (namespace, name) = (&config.lease_namespace, &config.lease_name);
    let mut election = Election::new(client.clone(), namespace, name, &identity);
    tokio::select! {
        () = election.win() => {}
        () = &mut end => return Ok(()),
    }
    tracing::info!(identity, "works");
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
        lost = election.hold() => {
            // Nothing may be written any more: another one may write already.
            bail!("{lost}");
        }
        ended = controllers.join_next() => bail!("a controller ended: {ended:?}"),
        () = &mut end => tracing::info!("ends"),
    }
    stop.cancel();
    let rest = async { while controllers.join_next().await.is_some() {} };
    if tokio::time::timeout(END_PATIENCE, rest).await.is_err() {
        tracing::warn!("what was under way is cut off");
        controllers.abort_all();
    }
    election.release().await;
    metrics.leader.set(0);
    probes.await??;
    Ok(())
}

async fn client() -> kube::Result<Client> {
    let config = kube::Config::infer().await.map_err(kube::Error::InferConfig)?;
    let builder = ClientBuilder::try_from(config)?;
    Ok(builder.with_layer(&TimeoutLayer::new(API_PATIENCE)).build())
}

fn scopes(config: &Config) -> Vec<Scope> {
    let named: Vec<_> = config.namespaces.iter().filter(|name| !name.is_empty()).collect();
    if named.is_empty() {
        return vec![Scope::All];
    }
    named.into_iter().map(|name| Scope::Namespace(name.clone())).collect()
}

/// Waits until the API knows the kind and lets us read it.
async fn await_kind(client: &Client, scope: &Scope) {
    let api: Api<ChatCluster> = scope.api(client);
    let mut told = false;
    while let Err(error) = api.list(&ListParams::default().limit(1)).await {
        if !told {
            tracing::warn!(%error, "cannot list ChatClusters; are the definition and the rights installed?");
            told = true;
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
}

fn ended() -> std::io::Result<impl Future<Output = ()>> {
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
