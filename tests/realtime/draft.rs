//! Goal: what one is writing on one device is there on the others, whatever happens to a server or
//! to Redis, and the last word is the one that counts.
//! Method: two servers; devices of one user on both; a crash, a shutdown, a sign-out.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use chat_contract::wire::{Id, Room};
use harness::{Person, TIMEOUT, World, eventually};
use serde_json::{Value, json};

/// The draft of this user, as a server returns it.
async fn draft(world: &World, server: usize, person: &Person, room: Id) -> Result<Option<String>> {
    let rooms: Vec<Room> = person.at(&world.url(server)).api.get("/api/rooms").await?;
    let room = rooms.into_iter().find(|one| one.id == room).context("it is not listed")?;
    Ok(room.draft.map(|draft| draft.content))
}

/// What is in the store, whether or not anybody asks a server for it.
fn stored(world: &World, person: &Person) -> Result<Vec<Vec<String>>> {
    world.sql(&format!("SELECT content FROM drafts WHERE user_id = {}", person.id().0))
}

async fn is_stored(world: &World, person: &Person, content: &str) -> Result<()> {
    eventually("it is in the store", TIMEOUT, async || {
        let stored = stored(world, person)?;
        ensure!(stored == [[content]], "{stored:?}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn all_other_devices_hear_of_it() -> Result<()> {
    let world = World::named("draft").servers(2).start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let room = ada.group(&[&bob]).await?.id;
    let message = bob.send(room, "well?").await?;
    let (phone, tablet) = (world.connect(0, &ada).await?, world.connect(0, &ada).await?);
    let (desk, other) = (world.connect(1, &ada).await?, world.connect(1, &bob).await?);
    for socket in [&phone, &tablet, &desk, &other] {
        socket.event("heads").await?;
    }
    let writing = json!({ "roomId": room, "content": "half a ", "replyTo": message.id });
    assert_eq!(phone.emit("draft", &writing).await?, json!({ "ok": true }));
    for socket in [&tablet, &desk] {
        let event = socket.event("draftChanged").await?.data;
        assert_eq!(event["roomId"], json!(room));
        assert_eq!(event["draft"]["content"], json!("half a "));
        assert_eq!(event["draft"]["replyTo"], json!(message.id));
        assert!(event["draft"]["changedAt"].is_string(), "{event}");
    }
    // Over HTTP there is no device that would know it already.
    let path = format!("/api/rooms/{room}/draft");
    ada.api.put::<()>(&path, &json!({ "content": "half a thought" })).await?;
    for socket in [&phone, &tablet, &desk] {
        let event = socket.event("draftChanged").await?.data;
        assert_eq!(event["draft"]["content"], json!("half a thought"), "{event}");
    }
    let refused = other.emit("draft", &json!({ "roomId": room, "content": 5 })).await?;
    assert_eq!(refused["error"]["code"], json!("invalidRequest"));
    desk.command::<Value>("draft", &json!({ "roomId": room, "content": "" })).await?;
    for socket in [&phone, &tablet] {
        assert_eq!(socket.event("draftChanged").await?.data, json!({ "roomId": room }));
    }
    let eve = world.sign_up("eve").await?;
    let outside = world.connect(1, &eve).await?;
    let refused = outside.emit("draft", &json!({ "roomId": room, "content": "x" })).await?;
    assert_eq!(refused["error"]["code"], json!("notMember"));
    for socket in [&other, &desk] {
        socket.command::<Value>("presence", &json!({ "watch": [] })).await?;
        while let Ok(Some(event)) = socket.next(Duration::ZERO).await {
            assert_ne!(event.name, "draftChanged", "nobody hears of what they said: {event:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn the_last_word_counts_on_every_server() -> Result<()> {
    let world = World::named("draft-last").servers(2).start().await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.group(&[]).await?.id;
    let there = ada.at(&world.url(1));
    let path = format!("/api/rooms/{room}/draft");
    for (first, last) in [("old", "new"), ("sent", "")] {
        ada.api.put::<()>(&path, &json!({ "content": first })).await?;
        there.api.put::<()>(&path, &json!({ "content": last })).await?;
        // Who asks a server makes it write what it has: the newer one is written first.
        let expected = (!last.is_empty()).then(|| last.to_owned());
        assert_eq!(draft(&world, 1, &ada, room).await?, expected);
        for server in [0, 1] {
            assert_eq!(draft(&world, server, &ada, room).await?, expected, "at {server}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn it_survives_without_redis_and_a_server_that_ends() -> Result<()> {
    let mut world = World::start("draft-survives").await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.group(&[]).await?.id;
    world.stop_redis().await?;
    let socket = world.connect(0, &ada).await?;
    let writing = |content: &str| json!({ "roomId": room, "content": content });
    socket.command::<Value>("draft", &writing("before the crash")).await?;
    is_stored(&world, &ada, "before the crash").await?;
    world.kill_server(0)?;
    world.start_server(0).await?;
    assert_eq!(draft(&world, 0, &ada, room).await?.as_deref(), Some("before the crash"));

    // One that ends in order writes what it has.
    let socket = world.connect(0, &ada).await?;
    socket.command::<Value>("draft", &writing("before the end")).await?;
    world.stop_server(0).await?;
    assert_eq!(stored(&world, &ada)?, [["before the end"]]);
    Ok(())
}

#[tokio::test]
async fn signing_out_writes_it_down() -> Result<()> {
    let world = World::start("draft-sign-out").await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.group(&[]).await?.id;
    let socket = world.connect(0, &ada).await?;
    let writing = json!({ "roomId": room, "content": "until tomorrow" });
    socket.command::<Value>("draft", &writing).await?;
    // At once, whenever the writer comes by.
    ada.api.post::<Value>("/api/auth/sign-out", &json!({})).await?;
    assert_eq!(stored(&world, &ada)?, [["until tomorrow"]]);
    Ok(())
}
