//! Goal: alerts fire when what they are about has happened, and clear when it is over.
//! Method: two servers under load, a real Prometheus with the chart's rules, which look back over
//! seconds here; then each cause is made.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context as _, Result, ensure};
use chat_contract::wire::Id;
use harness::{Person, Prometheus, Socket, World, watch};
use serde_json::{Value, json};
use uuid::Uuid;

/// What a `ServiceMonitor` of the operator makes of a server.
const SELECTOR: &str = r#"namespace="talk",chatcluster_dev_cluster="team""#;

/// Reads both servers and watches by the chart's rules.
async fn watching(world: &World) -> Result<Prometheus> {
    let labels = json!({ "namespace": "talk", "chatcluster_dev_cluster": "team" });
    let rules = watch::hurried("charts/chat-cluster", SELECTOR)?;
    let watched: [SocketAddr; 2] = [world.ops(0), world.ops(1)];
    Prometheus::start(world.dir(), &watched, &labels, &rules).await
}

#[tokio::test]
async fn each_cause_has_its_alert() -> Result<()> {
    let mut world = World::named("alarm").servers(2).own_mysql().start().await?;
    let prometheus = watching(&world).await?;

    let ada = world.sign_up("ada").await?;
    let bob = world.sign_up_at(1, "bob").await?;
    let room = ada.direct(&bob).await?.id;
    let talking: Vec<_> = [ada.clone(), bob.clone()]
        .into_iter()
        .flat_map(|who| (0..4).map(move |_| tokio::spawn(talk(who.clone(), room))))
        .collect();
    // Connected servers receive notifications.
    let here = [world.connect(0, &ada).await?, world.connect(1, &bob).await?];

    let redis = ["ChatRedisUnavailable", "ChatNotificationsLost"];
    world.stop_redis().await?;
    prometheus.fire(&redis, true).await?;
    world.start_redis().await?;
    prometheus.fire(&redis, false).await?;

    let store = ["ChatMySQLUnavailable", "ChatSendsRejected", "ChatHttpFailing", "ChatAckSlow"];
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
        drop(Socket::connect(&url, &token).await);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Sockets that send at once, and what each of them does not wait for.
const SENDERS: usize = 20;
const SENDS: usize = 200;

#[tokio::test]
async fn who_waits_and_who_is_left_behind_is_noticed() -> Result<()> {
    let world = World::named("late").servers(2).own_mysql().setting("CHAT_SOCKET_SEND_QUEUE", "16");
    let mut world = world.start().await?;
    let prometheus = watching(&world).await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up_at(1, "bob").await?);
    let room = ada.direct(&bob).await?.id;
    let there = world.connect(1, &bob).await?;
    there.event("heads").await?;

    // The other server receives them when it resumes.
    world.freeze_server(1)?;
    for _ in 0..30 {
        ada.send(room, "are you there?").await?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    world.thaw_server(1)?;
    prometheus.fire(&["ChatDeliverySlow"], true).await?;
    prometheus.fire(&["ChatDeliverySlow"], false).await?;

    let slow = world.connect(0, &bob).await?;
    slow.event("heads").await?;
    let writer = world.connect(0, &ada).await?;
    let left_behind = ["ChatClientsLagging"];
    let writing = tokio::spawn(fill(writer, room));
    tokio::select! {
        fired = prometheus.fire(&left_behind, true) => fired?,
        () = read_little(&slow) => {}
    }
    writing.abort();
    drop((slow, there));
    prometheus.fire(&left_behind, false).await?;

    let mut senders = Vec::new();
    for _ in 0..SENDERS {
        let sender = world.connect(0, &ada).await?;
        sender.event("heads").await?;
        senders.push(sender);
    }
    world.kill_mysql()?;
    let mut answers = Vec::new();
    for sender in &senders {
        for _ in 0..SENDS {
            let body = json!({ "roomId": room, "clientId": Uuid::new_v4(), "content": "wait" });
            answers.push(sender.emit_later("sendMessage", &body).context("it was closed")?);
        }
    }
    prometheus.fire(&["ChatCommitBacklog"], true).await?;
    world.start_mysql().await?;
    prometheus.fire(&["ChatCommitBacklog"], false).await?;
    // None of them was dropped without a word.
    for answer in answers {
        let answer = answer.await.context("it was closed before the answer")?;
        ensure!(
            answer["ok"] == json!(true) || answer["error"]["code"] == "unavailable",
            "{answer}"
        );
    }
    Ok(())
}

/// Sends more than the kernel and a queue can hold together.
async fn fill(writer: Socket, room: Id) {
    let mut message = json!({ "roomId": room, "content": "x".repeat(7_900) });
    loop {
        let mut answers = Vec::new();
        for _ in 0..50 {
            message["clientId"] = json!(Uuid::new_v4());
            answers.extend(writer.emit_later("sendMessage", &message));
        }
        for answer in answers {
            let _ = answer.await;
        }
    }
}

/// Falls behind, and looks up now and then.
async fn read_little(slow: &Socket) {
    loop {
        slow.set_reading(false);
        tokio::time::sleep(Duration::from_secs(6)).await;
        slow.set_reading(true);
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
