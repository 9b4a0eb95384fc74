//! Goal: whoever opens a dashboard of a chat sees something, and no alert asks for what is not
//! there.
//! Method: two servers in use, a real Prometheus that scrapes them, and every query of the charts'
//! panels and alerts about servers.

use std::time::Duration;

use anyhow::{Result, ensure};
use chat_contract::wire::Id;
use harness::{Person, Prometheus, Socket, TIMEOUT, World, eventually, watch};
use serde_json::{Value, json};

/// What a `ServiceMonitor` of the operator makes of a server.
const SELECTOR: &str = r#"namespace="talk",chatcluster_dev_cluster="team""#;

#[tokio::test]
async fn every_query_about_servers_has_an_answer() -> Result<()> {
    let world = World::named("observe").servers(2).setting("CHAT_CACHE_MESSAGE_TTL", "60s");
    let world = world.start().await?;
    let labels = json!({ "namespace": "talk", "chatcluster_dev_cluster": "team" });
    let watched = [world.ops(0), world.ops(1)];
    let prometheus = Prometheus::start(world.dir(), &watched, &labels, &[]).await?;

    let ada = world.sign_up("ada").await?;
    let bob = world.sign_up_at(1, "bob").await?;
    let room = ada.direct(&bob).await?.id;
    the_cache_counts_right(&world, &ada, room).await?;
    let near = world.connect(0, &ada).await?;
    let far = world.connect(1, &bob).await?;
    let talking = tokio::spawn(talk([(ada, near), (bob, far)], room));

    let fleet = watch::queries("charts/chat-operator", SELECTOR)?;
    let fleet = fleet.into_iter().filter(|query| query.place.contains("fleet"));
    let mut queries = watch::queries("charts/chat-cluster", SELECTOR)?;
    queries.extend(fleet);
    ensure!(queries.len() > 60, "queries were lost: there are {}", queries.len());
    prometheus.answers(&queries).await?;
    ensure!(!talking.is_finished(), "the talk broke off: {:?}", talking.await);
    talking.abort();
    Ok(())
}

/// What is done to the cache, each thing once, and by how much its count goes up.
async fn the_cache_counts_right(world: &World, ada: &Person, room: Id) -> Result<()> {
    let there = ada.at(&world.url(1));
    let key = |outcome: &str| {
        format!("chat_cache_lookups_total{{class=\"conversation\",outcome=\"{outcome}\"}}")
    };
    for (server, outcome) in [(0, "miss"), (0, "near"), (1, "hit"), (1, "near")] {
        let person = if server == 0 { ada } else { &there };
        let mut before = Vec::new();
        for outcome in ["near", "hit", "miss", "stale", "away"] {
            before.push((outcome, world.count(server, &key(outcome)).await?));
        }
        person.history(room).await?;
        for (name, count) in before {
            let more = world.count(server, &key(name)).await? - count;
            let expected = u64::from(name == outcome);
            ensure!(more == expected, "{name} at {server}: {more} more, where it was a {outcome}");
        }
    }
    let writes = "chat_cache_writes_total{class=\"message\",operation=\"write\"}";
    let before = world.count(0, writes).await?;
    ada.send(room, "one").await?;
    eventually("it is written and counted", TIMEOUT, async || {
        let more = world.count(0, writes).await? - before;
        ensure!(more == 1, "{more} writes of one message");
        Ok(())
    })
    .await
}

/// A bit of everything, until the test ends.
async fn talk(people: [(Person, Socket); 2], room: Id) -> Result<()> {
    let mut pace = tokio::time::interval(Duration::from_millis(20));
    loop {
        for (who, socket) in &people {
            let message = json!({ "roomId": room, "content": "tea?" });
            socket.command::<Value>("sendMessage", &message).await?;
            who.send(room, "yes").await?;
            let _: Value = who.api.get(&format!("/api/rooms/{room}/messages?limit=20")).await?;
            socket.emit("typing", &json!({ "roomId": room })).await?;
        }
        pace.tick().await;
    }
}
