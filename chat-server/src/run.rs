//! Composition root: from the configuration to a running server, and its shutdown.

use std::{
    convert::Infallible,
    future::ready,
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::{Context, anyhow, bail};
use axum::{
    Extension, Router,
    extract::ConnectInfo,
    middleware::from_fn_with_state,
    serve::{IncomingStream, ListenerExt},
};
use chat_contract::config::ServerConfig;
use chrono::Utc;
use tokio::{
    net::{TcpListener, TcpSocket},
    task::JoinHandle,
};
use tower::{Layer, service_fn};

use crate::{
    background,
    commit::Committer,
    deliver::Hub,
    files::Files,
    http,
    lifecycle::{Lifecycle, Signals},
    metrics::Metrics,
    mysql::{Store, store::Identity},
    redis::{Cache, Redis, bus::Bus, cache::window::Writer},
    service::{App, Infrastructure, Parts, administration::Administration, cache::CacheAdmin},
    socket::{self, Relay},
    tls::{self, Tls},
};

/// Connections that may wait to be accepted, within the system's own limit. When another server
/// crashes, all its clients reconnect at once; one that finds the backlog full gets no answer,
/// considers itself connected, and is stuck for a minute until the kernel retries.
const BACKLOG: u32 = 16_384;
/// Concurrent TLS handshakes.
const HANDSHAKES_MAX: usize = 8_192;
/// How long a start waits for Redis: otherwise the first clients would get no notifications, and
/// other servers would not know their polling sessions.
const REDIS_TIMEOUT: Duration = Duration::from_secs(2);
/// The same for an administration command, which does nothing else.
const ADMIN_REDIS_TIMEOUT: Duration = Duration::from_secs(3);
/// Time limit for the background tasks to end.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// Serves until a signal, then shuts down in order.
pub async fn serve(config: ServerConfig) -> anyhow::Result<()> {
    let metrics = Metrics::new()?;
    let tls = Tls::open(&config, &metrics).map_err(|problems| anyhow!(tls::text(&problems)))?;
    let store = connect_store(&config).await?;
    let identity = identity(&store).await?;
    let redis = Redis::new(&config).context("Redis cannot be used")?;
    let app = assemble(config, metrics, tls, store, identity, redis.clone())?;
    redis.comes_within(REDIS_TIMEOUT).await;
    let listener = listen(app.config.http_listen, "CHAT_HTTP_LISTEN")?;
    let ops = listen(app.config.ops_listen, "CHAT_OPS_LISTEN")?;
    // Before the server becomes visible, and can be stopped.
    let mut signals = Signals::listen()?;
    background::start(&app);
    let workers = tokio::runtime::Handle::current().metrics().num_workers();
    app.metrics.worker_threads.set(i64::try_from(workers)?);
    let stopping = app.lifecycle.stopping.clone().cancelled_owned();
    let ops_server = axum::serve(ops, http::health::router(app.clone()));
    let ops_server = tokio::spawn(ops_server.with_graceful_shutdown(stopping).into_future());
    let (sockets, io) = socket::layer(&app);
    let router = http::router(app.clone())
        .layer(sockets)
        .layer(from_fn_with_state(app.clone(), socket::read_handshake))
        .layer(from_fn_with_state(Relay::new(&app), socket::relay_foreign))
        .layer(http::cors(&app.config.public_origins));
    let server = serve_clients(&app, listener, router);
    tracing::info!("ready at {}{}", app.config.scheme(), app.config.http_listen);

    signals.next().await;
    tracing::info!("draining");
    app.lifecycle.draining.cancel();
    let end = async {
        // Sockets first: their commands are still committed and answered.
        socket::drain(&app, &io, app.config.drain / 2).await;
        server.await?
    };
    tokio::select! {
        ended = end => ended?,
        () = tokio::time::sleep(app.config.drain) => tracing::warn!("requests were aborted"),
        () = signals.next() => {}
    }
    app.lifecycle.stop(STOP_TIMEOUT).await;
    ops_server.await??;
    tracing::info!("stopped");
    Ok(())
}

/// Serves requests until the server drains.
fn serve_clients(
    app: &App,
    listener: TcpListener,
    router: Router,
) -> JoinHandle<std::io::Result<()>> {
    let listener = listener.tap_io(socket::tune);
    let draining = app.lifecycle.draining.clone().cancelled_owned();
    tokio::spawn(if let Some(tls) = &app.tls {
        let listener = tls::Listener::new(listener, tls.clone(), HANDSHAKES_MAX);
        let make = service_fn(move |stream: IncomingStream<'_, tls::Listener<_>>| {
            let from = Extension(ConnectInfo(*stream.remote_addr()));
            ready(Ok::<_, Infallible>(from.layer(router.clone())))
        });
        axum::serve(listener, make).with_graceful_shutdown(draining).into_future()
    } else {
        let make = router.into_make_service_with_connect_info::<SocketAddr>();
        axum::serve(listener, make).with_graceful_shutdown(draining).into_future()
    })
}

/// Brings the database schema up to date.
pub async fn migrate(config: &ServerConfig) -> anyhow::Result<()> {
    let store = connect_store(config).await?;
    store.migrate(uuid::Uuid::new_v4(), crate::random::bytes()).await?;
    tracing::info!("the store at {} is up to date", store.address());
    Ok(())
}

/// Validates the settings as a start would.
pub fn check(config: &ServerConfig) -> anyhow::Result<()> {
    let redis = Redis::check(config).context("Redis cannot be used").err();
    let store = Store::new(&config.mysql_url, 1).context("CHAT_MYSQL_URL cannot be read").err();
    let problems = [redis, store].into_iter().flatten().map(|error| format!("{error:#}"));
    let files = tls::problems(config, Utc::now());
    let problems = problems.chain(files.iter().map(ToString::to_string));
    match problems.collect::<Vec<_>>().join("\n  ") {
        none if none.is_empty() => Ok(()),
        problems => bail!("the configuration cannot be used:\n  {problems}"),
    }
}

/// The store, once it accepts connections: waits for one that is just starting.
async fn connect_store(config: &ServerConfig) -> anyhow::Result<Store> {
    let store = Store::new(&config.mysql_url, u32::try_from(config.mysql_connections)?)
        .context("CHAT_MYSQL_URL cannot be read")?;
    let start = Instant::now();
    let mut is_logged = false;
    loop {
        let Err(error) = store.connect().await else { return Ok(store) };
        let (address, remedy) = (store.address(), error.remedy());
        let may_come =
            (error.number().is_none() || error.is_transient()) && error.encryption().is_none();
        if !may_come || start.elapsed() > config.mysql_startup_timeout {
            bail!("cannot connect to MySQL at {address}: {error}; {remedy}");
        }
        if !is_logged {
            tracing::warn!("waiting for MySQL at {address}: {error}; {remedy}");
            is_logged = true;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

async fn identity(store: &Store) -> anyhow::Result<Identity> {
    if !store.is_migrated().await? {
        let address = store.address();
        bail!("the store at {address} has an older schema; run `chat-server migrate` first");
    }
    Ok(store.identity().await?)
}

fn assemble(
    mut config: ServerConfig,
    metrics: Metrics,
    tls: Option<Tls>,
    store: Store,
    identity: Identity,
    redis: Redis,
) -> anyhow::Result<App> {
    if config.replica_url.is_empty() {
        config.replica_url = format!("{}{}", config.scheme(), config.http_listen);
    }
    let lifecycle = Lifecycle::default();
    let cache = Cache::new(redis.clone(), metrics.clone(), &config);
    let (bus, notifications) = Bus::start(&redis, &metrics, &lifecycle);
    let writer = Writer::start(cache.clone(), &lifecycle);
    let hub = Hub::start(bus, notifications, &store, identity.epoch, &metrics, &lifecycle);
    let (lanes, batch) = (config.commit_lanes.try_into()?, config.commit_batch.try_into()?);
    let committer = Committer::start(lanes, batch, &store, &hub, &writer, &metrics, &lifecycle);
    let files = Files::open(&config, &store)?;
    Ok(Parts::assemble(Infrastructure {
        config,
        metrics,
        lifecycle,
        tls,
        store,
        identity,
        redis,
        cache,
        hub,
        committer,
        files,
    })?)
}

/// The accounts of the store, without a server.
pub(crate) async fn administration(config: &ServerConfig) -> anyhow::Result<Administration> {
    Ok(Administration::new(connect_store(config).await?)?)
}

/// The cache, without a server.
pub(crate) async fn cache_admin(config: &ServerConfig) -> anyhow::Result<CacheAdmin> {
    let redis = Redis::new(config).context("Redis cannot be used")?;
    if !redis.comes_within(ADMIN_REDIS_TIMEOUT).await {
        let address = redis.address();
        bail!("cannot connect to Redis at {address}; is it running? See CHAT_REDIS_URL");
    }
    Ok(CacheAdmin::new(Cache::new(redis, Metrics::new()?, config)))
}

fn listen(address: SocketAddr, variable: &str) -> anyhow::Result<TcpListener> {
    bind(address).with_context(|| {
        format!("cannot listen on {address}; is the port taken? {variable} names another")
    })
}

fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A restart need not wait for the old connections to end.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
