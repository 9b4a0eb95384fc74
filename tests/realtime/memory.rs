//! Goal: a socket that is gone leaves nothing behind in the server.
//! Method: many come and go, and the server's memory is read from the system before and after;
//! whom they watched is seen by the channels of Redis.

use anyhow::{Result, ensure};
use chat_contract::wire::Id;
use harness::{PATIENCE, Person, World, eventually, usage};
use serde_json::json;

/// As many as a socket may watch; nobody needs to exist for that.
fn many_people() -> serde_json::Value {
    json!({ "watch": (1..=200).map(|n| Id(u64::MAX / 2 + n)).collect::<Vec<_>>() })
}

/// Each of them asks for the presence of many people, several times, and goes before the answers.
async fn come_and_go(world: &World, person: &Person, times: usize) -> Result<()> {
    let watch = many_people();
    for _ in 0..times {
        let socket = world.connect(0, person).await?;
        for _ in 0..5 {
            socket.emit_later("presence", &watch)?;
        }
        socket.disconnect().await;
    }
    eventually("all are gone", PATIENCE, async || {
        ensure!(world.metric(0, "chat_sockets").await? < 0.5);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn sockets_that_are_gone_leave_nothing_behind() -> Result<()> {
    let world = World::start("memory").await?;
    let ada = world.sign_up("ada").await?;
    ada.public_room("tea").await?;
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
    eventually("nobody is watched", PATIENCE, async || {
        let watched = channels()?.trim().to_owned();
        ensure!(watched.is_empty(), "{watched}");
        Ok(())
    })
    .await
}
