//! Goal: a conversation of two can be hidden, and comes back with the next message; what can be left
//! cannot be hidden.
//! Method: one server; the list of rooms and the room itself, after each of what may bring it back.

use anyhow::{Context as _, Result};
use chat_contract::wire::{Code, Id, Room, RoomDetail};
use harness::{Api, Person, World};
use reqwest::Method;
use serde_json::{Value, json};

/// Whether it is hidden from them, as their list and the room itself say.
async fn hidden(person: &Person, room: Id) -> Result<bool> {
    let list: Vec<Room> = person.api.get("/api/rooms").await?;
    let listed = list.iter().find(|one| one.id == room).context("it is not listed")?.hidden;
    let there: RoomDetail = person.api.get(&format!("/api/rooms/{room}")).await?;
    anyhow::ensure!(there.room.hidden == listed, "list and room differ");
    Ok(listed)
}

#[tokio::test]
async fn a_hidden_conversation_comes_back() -> Result<()> {
    let world = World::start("hide").await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let room = ada.direct(&bob).await?.id;
    let first = ada.send(room, "hello").await?;
    let path = format!("/api/rooms/{room}/hidden");
    let hide = async || ada.api.put::<Room>(&path, &json!({})).await;
    // Twice is no error.
    for _ in 0..2 {
        assert!(hide().await?.hidden);
    }
    assert!(hidden(&ada, room).await? && !hidden(&bob, room).await?);
    assert_eq!(ada.history(room).await?.messages.len(), 2, "all of it is there");

    // What nobody has written does not bring it back.
    let edit = json!({ "content": "hello!" });
    ada.api.patch::<Value>(&format!("/api/messages/{}", first.id), &edit).await?;
    let reaction = format!("/api/messages/{}/reactions/%F0%9F%91%8D", first.id);
    bob.api.put::<Value>(&reaction, &json!({})).await?;
    ada.api.delete::<Value>(&format!("/api/messages/{}", first.id)).await?;
    assert!(hidden(&ada, room).await?);

    bob.send(room, "and?").await?;
    assert!(!hidden(&ada, room).await?, "the other one posts");
    hide().await?;
    let send = json!({ "receiverId": bob.id(), "content": "here" });
    ada.api.post::<Value>("/api/messages/send", &send).await?;
    assert!(!hidden(&ada, room).await?, "oneself posts");
    hide().await?;
    bob.direct(&ada).await?;
    assert!(hidden(&ada, room).await?, "the other one starts it anew");
    assert!(!ada.direct(&bob).await?.hidden, "oneself starts it anew");

    // Somebody posted while one was about to hide it.
    let posts = ada.direct(&bob).await?.posts;
    bob.send(room, "wait").await?;
    let blind = format!("{path}?posts={posts}");
    assert!(!ada.api.put::<Room>(&blind, &json!({})).await?.hidden);
    let seen = format!("{path}?posts={}", posts + 1);
    assert!(ada.api.put::<Room>(&seen, &json!({})).await?.hidden);
    for _ in 0..2 {
        assert!(!ada.api.delete::<Room>(&path).await?.hidden, "as before");
    }
    assert!(!hidden(&ada, room).await?);
    Ok(())
}

#[tokio::test]
async fn what_can_be_left_cannot_be_hidden() -> Result<()> {
    let world = World::start("hide-refused").await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let eve = world.sign_up("eve").await?;
    let (direct, group) = (ada.direct(&bob).await?, ada.group(&[&bob]).await?);
    let (public, private) =
        (ada.public_room("tea").await?, ada.private_room("plans", &[&bob]).await?);
    for method in [Method::PUT, Method::DELETE] {
        let ask = async |person: &Person, room: &str| {
            let path = format!("/api/rooms/{room}/hidden");
            Api::refused(person.api.request(method.clone(), &path).json(&json!({}))).await
        };
        for room in [&group, &public, &private] {
            let refused = ask(&ada, &room.id.to_string()).await?;
            assert_eq!(refused.code(), Some(Code::Forbidden), "{refused}");
            assert!(refused.body.contains("leave this room instead"), "{refused}");
        }
        for room in [&direct, &group, &public, &private].map(|room| room.id.to_string()) {
            let refused = ask(&eve, &room).await?;
            assert_eq!(refused.code(), Some(Code::NotFound), "she is in none of them: {refused}");
        }
        let refused = ask(&ada, "0000000000001").await?;
        assert_eq!(refused.code(), Some(Code::NotFound), "{refused}");
    }
    Ok(())
}
