//! Goal: the conversation of two users, over the calls that name users and not rooms; and its
//! entries in the cache.
//! Method: one server; sends to a user, the whole conversation, the keys in Redis.

use anyhow::{Context as _, Result, ensure};
use chat_contract::wire::{Code, Message, Room};
use chrono::{TimeDelta, Utc};
use harness::{Api, Person, TIMEOUT, World, eventually};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::cache::admin;

/// Where their conversation stands in the cache.
fn conversation(one: &Person, other: &Person) -> String {
    format!("messages:{}:{}", one.id().min(other.id()), one.id().max(other.id()))
}

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
    let room = ada.direct(&bob).await?;
    let client = Uuid::new_v4();
    let before = Utc::now();
    let body = json!({
        "receiverId": bob.id(), "content": "hello", "clientId": client,
        "imageUrl": "https://img.example/a.png", "publicId": "a",
    });
    let request = ada.api.request(Method::POST, "/api/messages/send").json(&body);
    let answer = request.send().await?;
    assert_eq!(answer.status(), 200);
    let sent: Message = answer.json().await?;
    assert_eq!((sent.content.as_str(), sent.sender_id), ("hello", ada.id()));
    assert_eq!((sent.room_id, sent.seq), (room.id, room.head + 1), "its room, and its place there");
    assert_eq!(sent.id.to_string(), format!("{}-{}", room.id, sent.seq));
    // The store keeps milliseconds.
    let before = before - TimeDelta::milliseconds(1);
    assert!((before..=Utc::now()).contains(&sent.created_at), "{}", sent.created_at);
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
    let names = format!("chat_{}_{}_", ada.me.user.username, bob.me.user.username);
    let number = alias.strip_prefix(&names).with_context(|| alias.clone())?;
    assert!(number.len() == 4 && number.bytes().all(|sign| sign.is_ascii_digit()), "{alias}");
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
    for nobody in ["0000000000000", "nobody", "nobody@example.org"] {
        for members in [json!([nobody]), json!([bob.id(), nobody])] {
            let kind = if members[1].is_null() { "direct" } else { "group" };
            let body = json!({ "kind": kind, "members": members });
            let make = ada.api.request(Method::POST, "/api/rooms").json(&body);
            let refused = Api::refused(make).await?;
            assert_eq!(refused.code(), Some(Code::UserNotFound), "{body}: {refused}");
        }
    }
    assert_eq!(world.sql("SELECT COUNT(*) FROM rooms")?, [["0"]], "none was made on the way");
    Ok(())
}

#[tokio::test]
async fn a_message_stands_in_the_cache_as_it_was_sent_for_five_seconds() -> Result<()> {
    let world = World::start("message-cache").await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    // Asked for soon enough after one of the sends, it has nearly all of its time left.
    eventually("a message in the cache, for five seconds", TIMEOUT, async || {
        let body = json!({ "receiverId": bob.id(), "content": "hello" });
        let sent: Message = ada.api.post("/api/messages/send", &body).await?;
        let key = format!("message:{}", sent.id);
        let left: i64 = world.redis(&["PTTL", &key])?.parse()?;
        let cached: Message = serde_json::from_str(&world.redis(&["GET", &key])?)?;
        ensure!(cached == sent, "{cached:?}");
        ensure!((4_001..=5_000).contains(&left), "{left} ms for {key}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn each_class_of_the_cache_has_a_time_to_live_of_its_own() -> Result<()> {
    let world = World::named("classes")
        .setting("CHAT_CACHE_MESSAGE_TTL", "20s")
        .setting("CHAT_CACHE_WINDOW_TTL", "50s")
        .start()
        .await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let (room, direct) = (ada.public_room("tea").await?.id, ada.direct(&bob).await?.id);
    let (conversation, recent) = (conversation(&ada, &bob), format!("room:{room}:recent"));
    eventually("each is as it was set", TIMEOUT, async || {
        let sent = ada.send(room, "hello").await?;
        ada.send(direct, "hello").await?;
        for room in [room, direct] {
            ada.history(room).await?;
        }
        for (key, least, most) in [
            (&format!("message:{}", sent.id), 5_001, 20_000),
            (&conversation, 5_001, 20_000),
            (&recent, 20_001, 50_000),
        ] {
            let left: i64 = world.redis(&["PTTL", key])?.parse()?;
            ensure!((least..=most).contains(&left), "{key}: {left} ms");
        }
        Ok(())
    })
    .await?;
    // And a call may say otherwise for each of them.
    let operator = admin(&world).await?;
    for key in [&format!("message:{room}-1"), &conversation, &recent] {
        let body = json!({ "value": "[]", "ttlMs": 90_000 });
        operator.api.put::<()>(&format!("/api/admin/cache/{key}"), &body).await?;
        let left: i64 = world.redis(&["PTTL", key])?.parse()?;
        ensure!((50_001..=90_000).contains(&left), "{key}: {left} ms");
    }
    Ok(())
}

#[tokio::test]
async fn the_time_to_live_of_the_cache_is_a_setting() -> Result<()> {
    let world = World::named("ttl").setting("CHAT_CACHE_MESSAGE_TTL", "9m").start().await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?.id;
    let sent = ada.send(room, "hello").await?;
    eventually("it is as it was set", TIMEOUT, async || {
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
    let window = conversation(&ada, &bob);
    let left = || -> Result<i64> { Ok(world.redis(&["PTTL", &window])?.parse()?) };
    ada.send(room, "one").await?;
    ada.history(room).await?;
    let socket = world.connect(0, &bob).await?;
    // By either of the two, to the person, to the room, and by a socket.
    for way in 0..4 {
        world.redis(&["PEXPIRE", &window, "20000"])?;
        ensure!((1..=20_000).contains(&left()?), "it is not in the cache");
        let content = format!("way {way}");
        match way {
            0 => drop(ada.send(room, &content).await?),
            1 => drop(bob.send(room, &content).await?),
            2 => {
                let body = json!({ "receiverId": ada.id(), "content": content });
                bob.api.post::<Message>("/api/messages/send", &body).await?;
            }
            _ => {
                let body = json!({ "roomId": room, "content": content });
                socket.command::<Value>("sendMessage", &body).await?;
            }
        }
        eventually("its time begins anew, and the message is in it", TIMEOUT, async || {
            let left = left()?;
            ensure!((20_001..=60_000).contains(&left), "way {way}: {left} ms");
            let newest = world.redis(&["LINDEX", &window, "0"])?;
            ensure!(newest.contains(&content), "way {way}: {newest}");
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
    let path = format!("/api/messages/{}", sent.id);
    let thumb = format!("{path}/reactions/%F0%9F%91%8D");
    let edit = |n: usize| {
        ada.api.request(Method::PATCH, &path).json(&json!({ "content": format!("edit {n}") }))
    };
    for (what, request) in [
        ("an edit", edit(1)),
        ("another edit", edit(2)),
        ("a reaction", bob.api.request(Method::PUT, &thumb)),
        ("the end of a reaction", bob.api.request(Method::DELETE, &thumb)),
        ("a deletion", ada.api.request(Method::DELETE, &path)),
    ] {
        read().await?;
        let changed: Message = Api::answer(request).await?;
        assert_eq!(read().await?.last(), Some(&changed), "{what}: a stale page");
        let key = format!("message:{}", sent.id);
        eventually("the message itself in the cache", TIMEOUT, async || {
            let cached: Message = serde_json::from_str(&world.redis(&["GET", &key])?)?;
            ensure!(cached == changed, "{what}: {cached:?}");
            Ok(())
        })
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_thousand_cached_messages_take_less_than_a_megabyte() -> Result<()> {
    let world = World::named("small").setting("CHAT_CACHE_MESSAGE_TTL", "60s").start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let room = ada.group(&[&bob]).await?.id;
    // From one word to a paragraph, as people write; some of them answers.
    let lengths = [3, 20, 60, 120, 300];
    let mut bytes = 0;
    for length in lengths {
        let said = ada.send(room, &"x".repeat(length)).await?;
        let body = json!({ "clientId": Uuid::new_v4(), "content": "x".repeat(length),
            "replyTo": said.id });
        let answer: Message = bob.api.post(&format!("/api/rooms/{room}/messages"), &body).await?;
        for message in [said, answer] {
            let key = format!("message:{}", message.id);
            bytes += eventually("it is in the cache", TIMEOUT, async || {
                world.redis(&["MEMORY", "USAGE", &key])?.parse::<usize>().context("no memory")
            })
            .await?;
        }
    }
    let thousand = bytes * 1_000 / (2 * lengths.len());
    ensure!(thousand < 1_000_000, "{thousand} bytes for a thousand");
    Ok(())
}

#[tokio::test]
async fn the_cache_holds_what_was_just_said() -> Result<()> {
    let world =
        World::named("conversation-cache").setting("CHAT_CACHE_MESSAGE_TTL", "20s").start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let body = |text: &str| json!({ "receiverId": bob.id(), "content": text });
    let sent: Message = ada.api.post("/api/messages/send", &body("one")).await?;
    let key = format!("message:{}", sent.id);
    let cached = eventually("the message in the cache", TIMEOUT, async || {
        let text = world.redis(&["GET", &key])?;
        Ok(serde_json::from_str::<Message>(&text)?)
    })
    .await?;
    assert_eq!(cached, sent);
    let millis: i64 = world.redis(&["PTTL", &key])?.parse()?;
    assert!((1..=20_000).contains(&millis), "{millis}");

    // Reading creates the window; a send extends it; an edit deletes it.
    let window = conversation(&ada, &bob);
    let read = async || bob.api.get::<Vec<Message>>(&format!("/api/messages/{}", ada.id())).await;
    read().await?;
    assert_eq!(world.redis(&["TYPE", &window])?, "list");
    let second: Message = ada.api.post("/api/messages/send", &body("two")).await?;
    eventually("the window with both", TIMEOUT, async || {
        let length: u32 = world.redis(&["LLEN", &window])?.parse()?;
        ensure!(length == 2, "{length} pieces");
        Ok(())
    })
    .await?;
    let newest: Value = serde_json::from_str(&world.redis(&["LINDEX", &window, "0"])?)?;
    assert_eq!(newest["m"], json!([second]), "the newest comes first");
    let hit = "chat_cache_lookups_total{class=\"conversation\",outcome=\"hit\"}";
    let hits = world.metric(0, hit).await?;
    assert_eq!(read().await?.last(), Some(&second));
    assert!(world.metric(0, hit).await? > hits, "it was read from somewhere else");
    let edit = json!({ "content": "changed" });
    let edited: Message = ada.api.patch(&format!("/api/messages/{}", sent.id), &edit).await?;
    assert_eq!(read().await?.first(), Some(&edited), "never a stale page");
    Ok(())
}
