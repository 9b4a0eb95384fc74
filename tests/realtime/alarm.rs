//! Goal: alerts fire when what they are about has happened, and clear when it is over.
//! Method: two servers under load, a real Prometheus with the chart's rules, which look back over
//! seconds here; then each cause is made.
//! covers: U3

use std::{net::SocketAddr, time::Duration};

use anyhow::Result;
use chat_contract::wire::Id;
use harness::{Person, Prometheus, World, watch};
use serde_json::{Value, json};

/// What a `ServiceMonitor` of the operator makes of a server.
const SELECTOR: &str = r#"namespace="talk",chatcluster_dev_cluster="team""#;

#[tokio::test]
async fn each_cause_has_its_alert() -> Result<()> {
    let mut world = World::named("alarm").servers(2).own_mysql().start().await?;
    let labels = json!({ "namespace": "talk", "chatcluster_dev_cluster": "team" });
    let rules = watch::hurried("charts/chat-cluster", SELECTOR)?;
    let watched: [SocketAddr; 2] = [world.ops(0), world.ops(1)];
    let prometheus = Prometheus::start(world.dir(), &watched, &labels, &rules).await?;

    let ada = world.sign_up("ada").await?;
    let bob = world.sign_up_at(1, "bob").await?;
    let room = ada.direct(&bob).await?.id;
    let talking: Vec<_> = [ada.clone(), bob.clone()]
        .into_iter()
        .flat_map(|who| (0..4).map(move |_| tokio::spawn(talk(who.clone(), room))))
        .collect();
    // Who is connected hears hints.
    let here = [world.connect(0, &ada).await?, world.connect(1, &bob).await?];

    let redis = ["ChatRedisAway", "ChatHintsLost"];
    world.stop_redis().await?;
    prometheus.fire(&redis, true).await?;
    world.start_redis().await?;
    prometheus.fire(&redis, false).await?;

    let store = ["ChatStoreAway", "ChatSendsRefused", "ChatHttpFailing", "ChatAckSlow"];
    world.stop_mysql().await?;
    prometheus.fire(&store, true).await?;
    world.start_mysql().await?;
    prometheus.fire(&store, false).await?;

    let again = tokio::spawn(reconnect(world.url(0), ada.token.clone()));
    prometheus.fire(&["ChatReconnects"], true).await?;
    again.abort();
    prometheus.fire(&["ChatReconnects"], false).await?;

    drop(here);
    for server in [0, 1] {
        world.kill_server(server)?;
    }
    prometheus.fire(&["ChatAbsent"], true).await?;
    for server in [0, 1] {
        world.start_server(server).await?;
    }
    prometheus.fire(&["ChatAbsent"], false).await?;
    talking.iter().for_each(tokio::task::JoinHandle::abort);
    Ok(())
}

/// Sends and reads, whatever comes of it.
async fn talk(who: Person, room: Id) {
    loop {
        let _ = who.send(room, "tea?").await;
        let _: Result<Value> = who.api.get("/api/rooms").await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Comes and goes.
async fn reconnect(url: String, token: String) {
    loop {
        drop(harness::Socket::connect(&url, &token).await);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
