//! Goal: what is sent on one server arrives on the other.
//! Method: two servers, a user with a socket on each.

use anyhow::{Context as _, Result, ensure};
use chat_contract::wire::{
    HeadsEvent, MessagesEvent,
    event_name::{HEADS, NEW_MESSAGE},
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use harness::{TIMEOUT, World};
use serde_json::{Value, json};
use uuid::Uuid;

#[tokio::test]
async fn a_message_reaches_the_sockets_of_every_server() -> Result<()> {
    let world = World::named("delivery").servers(2).start().await?;
    let ada = world.sign_up("ada").await?;
    let bob = world.sign_up("bob").await?;
    let room = ada.direct(&bob).await?;
    let sockets = [
        world.connect(0, &ada).await?,
        world.connect(1, &ada).await?,
        world.connect(0, &bob).await?,
        world.connect(1, &bob).await?,
        world.connect(1, &bob).await?,
    ];

    let sent = ada.send(room.id, "hello").await?;

    for socket in sockets {
        let event = socket
            .event_where(NEW_MESSAGE, |data| data["roomId"] == json!(room.id))
            .await?
            .parse::<MessagesEvent>()?;
        assert_eq!(event.messages, std::slice::from_ref(&sent));
        assert_eq!(event.up_to, sent.changed_seq);
    }
    Ok(())
}

/// A client that compares no heads and never syncs. It has many rooms to enter, which takes time on
/// a server that does not serve them yet.
#[tokio::test]
async fn who_is_connected_hears_everything_from_that_moment_on() -> Result<()> {
    let world = World::named("connected").servers(4).start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let mut room = ada.direct(&bob).await?.id;
    for n in 0..200 {
        room = ada.private_room(&format!("room {n}"), &[&bob]).await?.id;
    }
    let writer = world.connect(0, &ada).await?;
    for server in 1..4 {
        let reader = world.connect(server, &bob).await?;
        let hello = json!({ "roomId": room, "clientId": Uuid::new_v4(), "content": "hello" });
        let answer = writer.emit("sendMessage", &hello).await?;
        let first = reader.next(TIMEOUT).await?.context("closed")?;
        ensure!(first.name == HEADS, "{first:?} came first");
        let head = first.parse::<HeadsEvent>()?.heads.get(&room).copied();
        let head = head.with_context(|| format!("at {server}: {room} is not among the heads"))?;
        let seq = answer["message"]["seq"].as_u64().context("no seq")?;
        ensure!(head < seq, "{head} was the head before {seq}");
        let is_it = |event: &Value| event["messages"][0]["seq"] == json!(seq);
        reader.event_where(NEW_MESSAGE, is_it).await.with_context(|| format!("at {server}"))?;
    }
    Ok(())
}

/// Of clients that connect while their server finds out, by another way, that they are new in
/// their rooms: each is in all of them when it learns that it is connected.
#[tokio::test]
async fn who_connects_is_in_rooms_that_are_new_to_them() -> Result<()> {
    let world = World::named("new_rooms").servers(4).start().await?;
    let ada = world.sign_up("ada").await?;
    let crowd = stream::iter(0..200).map(async |n| {
        let bob = world.sign_up(&format!("bob{n}")).await?;
        let room = ada.private_room("new", &[&bob]).await?.id;
        anyhow::Ok((bob, room))
    });
    let crowd: Vec<_> = crowd.buffer_unordered(8).try_collect().await?;
    // New members are looked for once a second by each server, which then meets those who are
    // connecting.
    let come = crowd.iter().flat_map(|(bob, room)| (1..4).map(move |server| (server, bob, *room)));
    let heads = stream::iter(come).map(async |(server, bob, room)| {
        let reader = world.connect(server, bob).await?;
        let first = reader.next(TIMEOUT).await?.context("closed")?;
        ensure!(first.name == HEADS, "{first:?} came first");
        let heads = first.parse::<HeadsEvent>()?.heads;
        ensure!(heads.contains_key(&room), "at {server}: {room} is not among {heads:?}");
        Ok(reader)
    });
    let readers: Vec<_> = heads.buffer_unordered(16).try_collect().await?;
    assert_eq!(readers.len(), 600);
    Ok(())
}
