//! Goal: a session that ends, ends everywhere, open sockets included.
//! Method: sockets on two servers; sign-out, a new password, also while Redis is unavailable; a
//! socket that does not read; short sessions, with and without use.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use chat_contract::wire::SignedIn;
use harness::{TIMEOUT, World, eventually, person::PASSWORD};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::slow::deafened;

#[tokio::test]
async fn signing_out_closes_the_sockets_on_every_server() -> Result<()> {
    let world = World::named("sign-out").servers(2).start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let sockets = [world.connect(0, &ada).await?, world.connect(1, &ada).await?];
    let other = world.connect(1, &bob).await?;
    ada.api.post::<()>("/api/auth/sign-out", &json!({})).await?;
    for socket in &sockets {
        let events = socket.closed().await?;
        let last = events.iter().find(|event| event.name == "closing").expect("a last word");
        assert_eq!(last.data["reason"], json!("signedOut"));
    }
    assert!(world.connect(0, &ada).await.is_err(), "the token is worth nothing");
    assert_eq!(other.emit("presence", &json!({ "watch": [] })).await?["ok"], json!(true));
    Ok(())
}

#[tokio::test]
async fn signing_out_works_while_redis_is_away() -> Result<()> {
    let mut world = World::named("sign-out-away").servers(2).start().await?;
    let ada = world.sign_up("ada").await?;
    let socket = world.connect(1, &ada).await?;
    world.stop_redis().await?;
    ada.api.post::<()>("/api/auth/sign-out", &json!({})).await?;
    socket.closed().await?;
    assert!(world.connect(0, &ada).await.is_err());
    Ok(())
}

/// The notification may be lost, and a server may be cut off for longer than a transaction takes:
/// it looks back to its last answer.
#[tokio::test]
async fn a_server_that_stood_still_learns_of_the_end_all_the_same() -> Result<()> {
    let mut world = World::named("sign-out-late").servers(2).start().await?;
    let ada = world.sign_up("ada").await?;
    let socket = world.connect(1, &ada).await?;
    socket.event("heads").await?;
    world.stop_redis().await?;
    world.freeze_server(1)?;
    ada.api.post::<()>("/api/auth/sign-out", &json!({})).await?;
    eventually("it is long ago", TIMEOUT, async || {
        let old = "SELECT COUNT(*) FROM sessions \
                   WHERE revoked_at < UTC_TIMESTAMP(6) - INTERVAL 12 SECOND";
        ensure!(world.sql(old)? == [["1"]]);
        Ok(())
    })
    .await?;
    world.thaw_server(1)?;
    socket.closed().await?;
    Ok(())
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions() -> Result<()> {
    let world = World::named("password").servers(2).start().await?;
    let ada = world.sign_up("ada").await?;
    let login = json!({ "login": ada.me.user.username, "password": PASSWORD });
    let second: SignedIn = world.api(1)?.post("/api/auth/sign-in", &login).await?;
    let mut elsewhere = ada.clone();
    elsewhere.token = second.token;
    let (mine, other) = (world.connect(0, &ada).await?, world.connect(1, &elsewhere).await?);
    let change = json!({ "currentPassword": PASSWORD, "newPassword": "another horse 8" });
    ada.api.put::<()>("/api/me/password", &change).await?;
    other.closed().await?;
    assert_eq!(mine.emit("presence", &json!({ "watch": [] })).await?["ok"], json!(true));
    Ok(())
}

/// A full send queue: the socket gets no event after the sign-out, its commands are not executed,
/// and once it reads again it gets the reason and is closed.
#[tokio::test]
async fn signing_out_ends_a_socket_that_does_not_read() -> Result<()> {
    let world =
        World::named("sign-out-full").setting("CHAT_SOCKET_SEND_QUEUE", "16").start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let room = ada.group(&[&bob]).await?;
    let (deaf, writer) = deafened(&world, &bob, &ada, room.id).await?;
    let say =
        |text: &str| json!({ "roomId": room.id, "clientId": Uuid::new_v4(), "content": text });
    bob.api.post::<()>("/api/auth/sign-out", &json!({})).await?;
    deaf.emit_later("sendMessage", &say("I am still here"))?;
    writer.emit("sendMessage", &say("he is gone")).await?;
    deaf.set_reading(true);
    let events = deaf.closed().await?;
    let last = events.last().map(|event| (event.name.as_str(), &event.data["reason"]));
    assert_eq!(last, Some(("closing", &json!("signedOut"))));
    let heard = events.iter().any(|event| event.data.to_string().contains("he is gone"));
    assert!(!heard, "it heard what was said after the sign-out");
    let page = ada.history(room.id).await?;
    assert_eq!(page.messages.last().map(|last| last.content.as_str()), Some("he is gone"));
    Ok(())
}

#[tokio::test]
async fn a_session_that_expires_closes_its_sockets_and_one_in_use_does_not_expire() -> Result<()> {
    let world =
        World::named("expiry").servers(2).setting("CHAT_SESSION_TTL", "10s").start().await?;
    let ada = world.sign_up("ada").await?;
    let active = world.connect(1, &ada).await?;
    let bob = world.sign_up("bob").await?;
    let idle = [world.connect(0, &bob).await?, world.connect(1, &bob).await?];
    let room = ada.direct(&bob).await?.id;
    let seq = ada.send(room, "good night").await?.seq;
    // Who writes what is soft of everybody, once a second, gets no further than to Ada.
    world.refuse_soft_state(&ada).await?;
    let draft = json!({ "roomId": room, "content": "and" });
    world.connect(0, &ada).await?.command::<Value>("draft", &draft).await?;
    ada.api.put::<Value>(&format!("/api/rooms/{room}/read"), &json!({ "seq": seq })).await?;
    // The last that is heard of Bob, and told to one server only.
    idle[0].command::<Value>("read", &json!({ "roomId": room, "seq": seq })).await?;
    let draft = json!({ "roomId": room, "content": "and to you" });
    idle[0].command::<Value>("draft", &draft).await?;
    // Ada came first and would be the first to go.
    for socket in idle {
        let (began, mut last) = (Instant::now(), None);
        loop {
            let answer = active.emit("presence", &json!({ "watch": [] })).await?;
            ensure!(answer["ok"] == json!(true), "{answer}");
            match socket.next(Duration::from_millis(200)).await {
                Ok(Some(event)) => last = Some(event),
                Ok(None) => break,
                Err(_) => ensure!(began.elapsed() < TIMEOUT, "the idle one stays"),
            }
        }
        let last = last.map(|event| event.data);
        assert_eq!(last, Some(json!({ "reason": "signedOut" })));
    }
    assert!(world.connect(0, &bob).await.is_err(), "the token is worth nothing");
    world.connect(0, &ada).await?;
    assert_eq!(world.soft_state(&bob)?, [[&seq.to_string(), "and to you"]]);
    Ok(())
}
