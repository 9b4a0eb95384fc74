//! Goal: a hidden conversation disappears on all devices of its user, and reappears with the next
//! message; the other user notices nothing.
//! Method: two devices of one user on two servers; a reaction, an edit and a message.

use std::time::Duration;

use anyhow::{Result, ensure};
use chat_contract::wire::{Id, RoomDetail};
use harness::{Person, Socket, TIMEOUT, World, eventually};
use serde_json::{Value, json};

/// Whether it is hidden from this user on both servers.
async fn is_hidden(world: &World, person: &Person, room: Id) -> Result<bool> {
    let mut said = Vec::new();
    for server in 0..2 {
        let there = person.at(&world.url(server));
        let detail: RoomDetail = there.api.get(&format!("/api/rooms/{room}")).await?;
        said.push(detail.room.hidden);
    }
    ensure!(said[0] == said[1], "{said:?}");
    Ok(said[0])
}

async fn change(socket: &Socket, room: Id, change: &str) -> Result<()> {
    let expected = json!({ "roomId": room, "change": change });
    socket.event_where("roomChanged", |data| *data == expected).await.map(drop)
}

#[tokio::test]
async fn all_devices_hide_and_show_it() -> Result<()> {
    let world = World::named("hide").servers(2).start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let room = ada.direct(&bob).await?.id;
    let first = bob.send(room, "hello").await?;
    let (phone, desk) = (world.connect(0, &ada).await?, world.connect(1, &ada).await?);
    let other = world.connect(1, &bob).await?;
    for socket in [&phone, &desk, &other] {
        socket.event("heads").await?;
    }
    let path = format!("/api/rooms/{room}/hidden");
    ada.api.put::<Value>(&path, &json!({})).await?;
    for socket in [&phone, &desk] {
        change(socket, room, "hidden").await?;
    }
    assert!(is_hidden(&world, &ada, room).await? && !is_hidden(&world, &bob, room).await?);

    // Events still arrive, and anything but a message leaves it hidden.
    other.command::<Value>("react", &json!({ "id": first.id, "emoji": "👍" })).await?;
    other.command::<Value>("editMessage", &json!({ "id": first.id, "content": "hello!" })).await?;
    for socket in [&phone, &desk] {
        socket.event_where("messageChanged", |data| data["upTo"] == json!(first.seq + 2)).await?;
    }
    assert!(is_hidden(&world, &ada, room).await?);
    let post = json!({ "receiverId": ada.id(), "content": "are you there?" });
    other.command::<Value>("sendMessage", &post).await?;
    for socket in [&phone, &desk] {
        socket.event("newMessage").await?;
    }
    assert!(!is_hidden(&world, &ada, room).await?);

    // By hand, and by starting it anew.
    for again in [false, true] {
        ada.api.put::<Value>(&path, &json!({})).await?;
        change(&desk, room, "hidden").await?;
        if again {
            ada.direct(&bob).await?;
        } else {
            ada.api.delete::<Value>(&path).await?;
        }
        change(&desk, room, "shown").await?;
        assert!(!is_hidden(&world, &ada, room).await?);
    }
    other.command::<Value>("presence", &json!({ "watch": [] })).await?;
    while let Ok(Some(event)) = other.next(Duration::ZERO).await {
        assert_ne!(event.name, "roomChanged", "the other one notices nothing: {event:?}");
    }
    Ok(())
}

#[tokio::test]
async fn it_comes_back_while_redis_is_away() -> Result<()> {
    let mut world = World::named("hide-no-redis").servers(2).start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let room = ada.direct(&bob).await?.id;
    let desk = world.connect(1, &ada).await?;
    desk.event("heads").await?;
    world.stop_redis().await?;
    ada.api.put::<Value>(&format!("/api/rooms/{room}/hidden"), &json!({})).await?;
    assert!(is_hidden(&world, &ada, room).await?, "the room tells it where the event was lost");
    bob.send(room, "hello").await?;
    desk.event("newMessage").await?;
    eventually("it is back", TIMEOUT, async || {
        ensure!(!is_hidden(&world, &ada, room).await?);
        Ok(())
    })
    .await
}
