//! Goal: a disconnected socket leaves nothing behind in the server.
//! Method: many come and go, and the server's memory is read from the system before and after;
//! whom they watched is seen by the channels of Redis.

use anyhow::{Result, ensure};
use chat_contract::wire::Id;
use harness::{Person, TIMEOUT, World, eventually, usage};
use serde_json::json;

/// As many as a socket may watch; nobody needs to exist for that.
fn many_people() -> serde_json::Value {
    json!({ "watch": (1..=200).map(|n| Id(u64::MAX / 2 + n)).collect::<Vec<_>>() })
}

/// Each of them subscribes to the presence of many users, several times, and disconnects before the
/// answers.
async fn come_and_go(world: &World, person: &Person, times: usize) -> Result<()> {
    let watch = many_people();
    for _ in 0..times {
        let socket = world.connect(0, person).await?;
        for _ in 0..5 {
            socket.emit_later("presence", &watch)?;
        }
        socket.disconnect().await;
    }
    eventually("all are gone", TIMEOUT, async || {
        ensure!(world.metric(0, "chat_sockets").await? < 0.5);
        Ok(())
    })
    .await
}

/// Whoever is known, and what was said last, is read without the tables of sessions and messages.
async fn reads_ask_no_table(world: &World, ada: &Person, room: Id) -> Result<()> {
    for n in 0..30 {
        ada.send(room, &n.to_string()).await?;
    }
    ada.history(room).await?;
    let store = "chat_session_checks_total{known_by=\"store\"}";
    let before = world.metric(0, store).await?;
    world.keep_statements()?;
    for _ in 0..20 {
        ada.history(room).await?;
    }
    let asked = world.statements()?;
    let rows = |one: &&String| {
        let read = ["FROM messages", "token_hash = "].iter().any(|table| one.contains(table));
        // The marker of who sends is written beside all that.
        read && !one.contains("read_ordinal")
    };
    let read: Vec<_> = asked.iter().filter(rows).collect();
    ensure!(read.is_empty(), "twenty reads asked {read:#?}");
    let asked = world.metric(0, store).await? - before;
    ensure!(asked < 1.5, "twenty requests asked the store for their session {asked} times");
    world.sql("SET GLOBAL general_log = OFF").map(drop)
}

#[tokio::test]
async fn sockets_that_are_gone_leave_nothing_behind() -> Result<()> {
    let world = World::named("memory").own_mysql().start().await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?.id;
    reads_ask_no_table(&world, &ada, room).await?;
    let process = world.server_process(0)?;
    // The first ones fill pools and caches, which stay.
    come_and_go(&world, &ada, 500).await?;
    let before = usage::kibibytes(process, "VmRSS")?;
    come_and_go(&world, &ada, 1_000).await?;
    let grown = usage::kibibytes(process, "VmRSS")?.saturating_sub(before);
    ensure!(grown < 10_000, "1,000 sockets left {grown} kB");
    Ok(())
}

#[tokio::test]
async fn who_is_gone_watches_nobody() -> Result<()> {
    let world = World::start("watching").await?;
    let ada = world.sign_up("ada").await?;
    let channels = || world.redis(&["PUBSUB", "SHARDCHANNELS", "*:presence:*"]);
    let socket = world.connect(0, &ada).await?;
    socket.command::<serde_json::Value>("presence", &many_people()).await?;
    ensure!(channels()?.lines().count() > 100, "watching is seen by its channels");
    socket.disconnect().await;
    come_and_go(&world, &ada, 50).await?;
    eventually("nobody is watched", TIMEOUT, async || {
        let watched = channels()?.trim().to_owned();
        ensure!(watched.is_empty(), "{watched}");
        Ok(())
    })
    .await
}
