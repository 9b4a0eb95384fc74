//! Goal: whoever opens a dashboard of a chat sees something, and no alert asks for what is not
//! there.
//! Method: two servers in use, a real Prometheus that scrapes them, and every query of the charts'
//! panels and alerts about servers.

use std::time::Duration;

use anyhow::{Result, ensure};
use chat_contract::wire::Id;
use harness::{Person, Prometheus, Socket, World, watch};
use serde_json::{Value, json};

/// What a `ServiceMonitor` of the operator makes of a server.
const SELECTOR: &str = r#"namespace="talk",chatcluster_dev_cluster="team""#;

#[tokio::test]
async fn every_query_about_servers_has_an_answer() -> Result<()> {
    let world = World::named("observe").servers(2).start().await?;
    let labels = json!({ "namespace": "talk", "chatcluster_dev_cluster": "team" });
    let watched = [world.ops(0), world.ops(1)];
    let prometheus = Prometheus::start(world.dir(), &watched, &labels, &[]).await?;

    let ada = world.sign_up("ada").await?;
    let bob = world.sign_up_at(1, "bob").await?;
    let room = ada.direct(&bob).await?.id;
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
