//! Goal: the conversation of two users, over the calls that name users and not rooms; and its
//! entries in the cache.
//! Method: one server; sends to a user, the whole conversation, the keys in Redis.

use anyhow::{Context as _, Result, ensure};
use chat_contract::wire::{Code, Message, Room};
use harness::{Api, PATIENCE, World, eventually};
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn a_send_to_a_person_is_in_their_conversation() -> Result<()> {
    let world = World::start("send-direct").await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    for content in ["hello", "again"] {
        let body = json!({ "receiverId": bob.id(), "content": content });
        let sent: Message = ada.api.post("/api/messages/send", &body).await?;
        let there: Vec<Message> = bob.api.get(&format!("/api/messages/{}", ada.id())).await?;
        assert_eq!(there.last(), Some(&sent));
    }
    let rooms: Vec<Room> = ada.api.get("/api/rooms").await?;
    assert_eq!(rooms.len(), 1, "one room, however often somebody sends");
    Ok(())
}

#[tokio::test]
async fn a_send_is_answered_with_200_and_the_message() -> Result<()> {
    let world = World::start("send-answer").await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let client = Uuid::new_v4();
    let body = json!({
        "receiverId": bob.id(), "content": "hello", "clientId": client,
        "imageUrl": "https://img.example/a.png", "publicId": "a",
    });
    let request = ada.api.request(Method::POST, "/api/messages/send").json(&body);
    let answer = request.send().await?;
    assert_eq!(answer.status(), 200);
    let sent: Message = answer.json().await?;
    assert_eq!((sent.content.as_str(), sent.sender_id), ("hello", ada.id()));
    assert_eq!(sent.image_url.as_deref(), Some("https://img.example/a.png"));
    assert_eq!((sent.public_id.as_deref(), sent.client_id), (Some("a"), Some(client)));
    Ok(())
}

#[tokio::test]
async fn a_conversation_is_read_whole_and_in_order() -> Result<()> {
    let world = World::start("read-direct").await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let mut all: Vec<Message> = Vec::new();
    for n in 0..250 {
        let (from, to) = if n % 2 == 0 { (&bob, &ada) } else { (&ada, &bob) };
        let body =
            json!({ "receiverId": to.id(), "content": n.to_string(), "clientId": Uuid::new_v4() });
        all.push(from.api.post("/api/messages/send", &body).await?);
    }
    // Whole, in order, the newest included, and the same for both: longer than any page.
    for (me, other) in [(&ada, &bob), (&bob, &ada)] {
        let there: Vec<Message> = me.api.get(&format!("/api/messages/{}", other.id())).await?;
        assert_eq!(there, all);
    }
    Ok(())
}

#[tokio::test]
async fn a_conversation_has_a_name_for_the_outside() -> Result<()> {
    let world = World::start("alias").await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let alias = ada.direct(&bob).await?.alias;
    assert!(alias.starts_with("chat_bob_") || alias.starts_with("chat_ada_"), "{alias}");
    assert!(alias.rsplit('_').next().is_some_and(|tail| tail.len() == 4), "{alias}");
    assert_eq!(bob.direct(&ada).await?.alias, alias, "both see the same");
    Ok(())
}

#[tokio::test]
async fn nobody_has_no_conversation() -> Result<()> {
    let world = World::start("no-direct").await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let there: Vec<Message> = ada.api.get(&format!("/api/messages/{}", bob.id())).await?;
    assert!(there.is_empty());
    let nobody = "/api/messages/0000000000000";
    let refused = Api::refused(ada.api.request(Method::GET, nobody)).await?;
    assert_eq!(refused.code(), Some(Code::NotFound));
    let body = json!({ "receiverId": "0000000000000", "content": "hello" });
    let send = ada.api.request(Method::POST, "/api/messages/send").json(&body);
    assert_eq!(Api::refused(send).await?.code(), Some(Code::UserNotFound));
    Ok(())
}

#[tokio::test]
async fn a_message_stands_in_the_cache_as_it_was_sent_for_five_seconds() -> Result<()> {
    let world = World::start("message-cache").await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let (sent, left) = eventually("a message in the cache", PATIENCE, async || {
        let body = json!({ "receiverId": bob.id(), "content": "hello" });
        let sent: Message = ada.api.post("/api/messages/send", &body).await?;
        let key = format!("message:{}", sent.id);
        let left: i64 = world.redis(&["PTTL", &key])?.parse()?;
        let cached: Message = serde_json::from_str(&world.redis(&["GET", &key])?)?;
        ensure!(cached == sent, "{cached:?}");
        Ok((sent, left))
    })
    .await?;
    assert!((1..=5_000).contains(&left), "{left} ms for {}", sent.id);
    Ok(())
}

#[tokio::test]
async fn each_class_of_the_cache_has_a_time_to_live_of_its_own() -> Result<()> {
    let world = World::named("classes")
        .setting("CHAT_CACHE_MESSAGE_TTL", "20s")
        .setting("CHAT_CACHE_WINDOW_TTL", "50s")
        .start()
        .await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?.id;
    eventually("both are as they were set", PATIENCE, async || {
        let sent = ada.send(room, "hello").await?;
        ada.history(room).await?;
        for (key, least, most) in [
            (format!("message:{}", sent.id), 5_001, 20_000),
            (format!("room:{room}:recent"), 20_001, 50_000),
        ] {
            let left: i64 = world.redis(&["PTTL", &key])?.parse()?;
            ensure!((least..=most).contains(&left), "{key}: {left} ms");
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_time_to_live_of_the_cache_is_a_setting() -> Result<()> {
    let world = World::named("ttl").setting("CHAT_CACHE_MESSAGE_TTL", "9m").start().await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?.id;
    let sent = ada.send(room, "hello").await?;
    eventually("it is as it was set", PATIENCE, async || {
        let left: i64 = world.redis(&["PTTL", &format!("message:{}", sent.id)])?.parse()?;
        ensure!((400_000..=540_000).contains(&left), "{left} ms");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn each_send_renews_the_conversation_in_the_cache() -> Result<()> {
    let world = World::named("renewed").setting("CHAT_CACHE_MESSAGE_TTL", "60s").start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let room = ada.direct(&bob).await?.id;
    let window = format!("messages:{}:{}", ada.id().min(bob.id()), ada.id().max(bob.id()));
    let left = || -> Result<i64> { Ok(world.redis(&["PTTL", &window])?.parse()?) };
    ada.send(room, "one").await?;
    ada.history(room).await?;
    for n in 0..3 {
        world.redis(&["PEXPIRE", &window, "20000"])?;
        ensure!((1..=20_000).contains(&left()?), "it is not in the cache");
        ada.send(room, &n.to_string()).await?;
        eventually("its time begins anew", PATIENCE, async || {
            let left = left()?;
            ensure!((20_001..=60_000).contains(&left), "{left} ms");
            Ok(())
        })
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn an_edit_is_never_hidden_by_the_cache() -> Result<()> {
    let world = World::named("edited").setting("CHAT_CACHE_MESSAGE_TTL", "60s").start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let room = ada.direct(&bob).await?.id;
    let sent = ada.send(room, "one").await?;
    let read = async || bob.api.get::<Vec<Message>>(&format!("/api/messages/{}", ada.id())).await;
    read().await?;
    for n in 0..5 {
        let edit = json!({ "content": format!("changed {n}") });
        let edited: Message = ada.api.patch(&format!("/api/messages/{}", sent.id), &edit).await?;
        assert_eq!(read().await?.last(), Some(&edited), "never a stale page");
    }
    let gone: Message = ada.api.delete(&format!("/api/messages/{}", sent.id)).await?;
    assert_eq!(read().await?.last(), Some(&gone), "nor one that was deleted");
    Ok(())
}

#[tokio::test]
async fn a_thousand_cached_messages_take_less_than_a_megabyte() -> Result<()> {
    let world = World::named("small").setting("CHAT_CACHE_MESSAGE_TTL", "60s").start().await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?.id;
    let key = format!("message:{}", ada.send(room, "one").await?.id);
    eventually("it is in the cache, and small", PATIENCE, async || {
        let bytes: usize = world.redis(&["MEMORY", "USAGE", &key])?.parse().context("memory")?;
        ensure!(bytes < 1_000, "{bytes} bytes for one");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_cache_holds_what_was_just_said() -> Result<()> {
    let world =
        World::named("conversation-cache").setting("CHAT_CACHE_MESSAGE_TTL", "20s").start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let body = |text: &str| json!({ "receiverId": bob.id(), "content": text });
    let sent: Message = ada.api.post("/api/messages/send", &body("one")).await?;
    let key = format!("message:{}", sent.id);
    let cached = eventually("the message in the cache", PATIENCE, async || {
        let text = world.redis(&["GET", &key])?;
        Ok(serde_json::from_str::<Message>(&text)?)
    })
    .await?;
    assert_eq!(cached, sent);
    let millis: i64 = world.redis(&["PTTL", &key])?.parse()?;
    assert!((1..=20_000).contains(&millis), "{millis}");

    // Reading creates the window; a send extends it; an edit deletes it.
    let (low, high) = (ada.id().min(bob.id()), ada.id().max(bob.id()));
    let window = format!("messages:{low}:{high}");
    let read = async || bob.api.get::<Vec<Message>>(&format!("/api/messages/{}", ada.id())).await;
    read().await?;
    assert_eq!(world.redis(&["TYPE", &window])?, "list");
    let second: Message = ada.api.post("/api/messages/send", &body("two")).await?;
    eventually("the window with both", PATIENCE, async || {
        let length: u32 = world.redis(&["LLEN", &window])?.parse()?;
        ensure!(length == 2, "{length} pieces");
        Ok(())
    })
    .await?;
    let hits = world.metric(0, "chat_cache_lookups_total").await?;
    assert_eq!(read().await?.last(), Some(&second));
    assert!(world.metric(0, "chat_cache_lookups_total").await? > hits);
    let edit = json!({ "content": "changed" });
    let edited: Message = ada.api.patch(&format!("/api/messages/{}", sent.id), &edit).await?;
    assert_eq!(read().await?.first(), Some(&edited), "never a stale page");
    Ok(())
}
