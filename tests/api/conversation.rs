//! Goal: two people and their conversation, over the calls that name people and not rooms; and
//! what of it stands in the cache.
//! Method: one server; sends by person, the whole conversation, the keys in Redis.
//! covers: R1 R2 R3 F6 F23 K1 K2 K3 K4 K8 K10 K14 P4 U3 W10

use anyhow::{Context as _, Result, ensure};
use chat_contract::wire::{Code, Message, Room};
use harness::{Api, PATIENCE, World, eventually};
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn a_send_to_a_person_is_answered_with_the_message() -> Result<()> {
    let world = World::start("send-direct").await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let body = json!({ "receiverId": bob.id(), "content": "hello", "imageUrl": "https://img.example/a.png", "publicId": "a" });
    let sent: Message = ada.api.post("/api/messages/send", &body).await?;
    assert_eq!((sent.content.as_str(), sent.public_id.as_deref()), ("hello", Some("a")));
    let mut all = vec![sent];
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
    let rooms: Vec<Room> = ada.api.get("/api/rooms").await?;
    assert_eq!(rooms.len(), 1, "one room, however often somebody sends");
    let alias = &rooms[0].alias;
    assert!(alias.starts_with("chat_bob_") || alias.starts_with("chat_ada_"), "{alias}");
    assert!(alias.rsplit('_').next().is_some_and(|tail| tail.len() == 4), "{alias}");
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

    // Reading makes the window; a send goes on in it; an edit takes it away.
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

    // A thousand cached messages take less than a megabyte.
    let bytes: usize = world.redis(&["MEMORY", "USAGE", &key])?.parse().context("memory")?;
    assert!(bytes < 1_000, "{bytes} bytes for one");
    Ok(())
}
