//! Goal: a user cannot send faster than the limit; a rejection says how long to wait, loses
//! nothing, and sending works afterwards. Each server counts sends for itself, because that must
//! cost no round trip.
//! Method: a real limit, over HTTP and over a socket, on two servers.

use anyhow::{Context as _, Result, ensure};
use chat_contract::wire::{Code, Id};
use futures_util::future::join_all;
use harness::{Api, Person, Refusal, TIMEOUT, World, eventually};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

/// Messages that may be sent at once.
const BURST: usize = 3;

async fn world(name: &str) -> Result<World> {
    World::named(name)
        .servers(2)
        .setting("CHAT_LIMIT_SENDS_PER_SECOND", "1")
        .setting("CHAT_LIMIT_SENDS_BURST", &BURST.to_string())
        .start()
        .await
}

fn message(room: Id) -> Value {
    json!({ "roomId": room, "clientId": Uuid::new_v4(), "content": "x" })
}

/// Sends twenty at once over HTTP; those that were refused.
async fn rush(person: &Person, room: Id) -> Result<Vec<Refusal>> {
    let answers = join_all((0..20).map(|_| person.send(room, "x"))).await;
    let refused = answers.into_iter().filter_map(Result::err);
    refused.map(anyhow::Error::downcast::<Refusal>).collect()
}

#[tokio::test]
async fn over_http_who_is_too_fast_learns_when_to_come_again() -> Result<()> {
    let world = world("limit-rest").await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let room = ada.group(&[&bob]).await?;
    let refused = rush(&ada, room.id).await?;
    assert!(!refused.is_empty(), "twenty at once were accepted");
    for refusal in &refused {
        assert_eq!(refusal.code(), Some(Code::TooManyRequests), "{refusal}");
        let wait = refusal.problem.as_ref().and_then(|problem| problem.retry_after);
        assert!(wait.is_some_and(|wait| (1..=BURST as u64).contains(&wait)), "{refusal}");
    }
    bob.send(room.id, "others are not held up").await?;
    // The header says the same as the body.
    eventually("a refusal with its header", TIMEOUT, async || {
        let path = format!("/api/rooms/{}/messages", room.id);
        let body = json!({ "clientId": Uuid::new_v4(), "content": "x" });
        let answer = ada.api.request(Method::POST, &path).json(&body).send().await?;
        ensure!(answer.status() == 429, "{}", answer.status());
        let header: u64 = answer.headers()["retry-after"].to_str()?.parse()?;
        let body: Value = answer.json().await?;
        ensure!(body["retryAfter"] == json!(header), "{body}");
        Ok(())
    })
    .await?;
    eventually("after a while it works again", TIMEOUT, async || ada.send(room.id, "x").await)
        .await?;
    assert!(world.metric(0, "chat_requests_rate_limited_total").await? >= 1.0);
    Ok(())
}

#[tokio::test]
async fn over_a_socket_the_acknowledgement_says_so_and_the_connection_stays() -> Result<()> {
    let world = world("limit-socket").await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?;
    let socket = world.connect(0, &ada).await?;
    let answers: Vec<_> = (0..20)
        .map(|_| socket.emit_later("sendMessage", &message(room.id)))
        .collect::<Result<_>>()?;
    let (mut accepted, mut refused) = (0, 0);
    for answer in answers {
        let answer = answer.await?;
        if answer["ok"] == json!(true) {
            accepted += 1;
            continue;
        }
        refused += 1;
        assert_eq!(answer["error"]["code"], json!("tooManyRequests"), "{answer}");
        let wait = answer["error"]["retryAfter"].as_u64().context("how long to wait")?;
        assert!((1..=BURST as u64).contains(&wait), "{answer}");
    }
    assert!(accepted >= BURST && refused > 0, "{accepted} accepted, {refused} refused");
    let again = eventually("after a while it works again", TIMEOUT, async || {
        socket.command::<Value>("sendMessage", &message(room.id)).await
    })
    .await?;
    // What was refused was not stored.
    assert_eq!(again["message"]["ordinal"], json!(accepted + 1));
    Ok(())
}

#[tokio::test]
async fn each_server_counts_for_itself_and_each_person_alone() -> Result<()> {
    let world = world("limit-servers").await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?;
    assert!(!rush(&ada, room.id).await?.is_empty());
    let there = ada.at(&world.url(1));
    let refused = rush(&there, room.id).await?;
    assert!((1..=20 - BURST).contains(&refused.len()), "{} of 20 were refused", refused.len());
    // Signing up and in are counted for all servers together; see the ring `api`.
    let refusal = Api::refused(world.api(1)?.request(Method::GET, "/api/me")).await?;
    assert_eq!(refusal.code(), Some(Code::Unauthenticated));
    Ok(())
}
