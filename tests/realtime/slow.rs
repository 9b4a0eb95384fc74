//! Goal: a socket that does not keep up is asked to sync; it misses nothing in the end, and nobody
//! else notices. One that sends too much at once is closed with a reason.
//! Method: a client that stops reading while others write; a client that does not wait.

use anyhow::{Result, ensure};
use chat_contract::wire::Id;
use harness::{Follower, Person, Socket, TIMEOUT, World, eventually};
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn a_slow_reader_is_asked_to_sync() -> Result<()> {
    let world = World::named("slow").setting("CHAT_SOCKET_SEND_QUEUE", "16").start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let room = ada.group(&[&bob]).await?;
    let slow = world.connect(0, &bob).await?;
    let quick = world.connect(0, &bob).await?;
    let writer = world.connect(0, &ada).await?;
    slow.event("heads").await?;
    slow.set_reading(false);
    let long = "x".repeat(7_900);
    let mut others = Follower::new(room.id);
    others.sync(&quick).await?;
    let head = loop {
        let body = json!({ "roomId": room.id, "clientId": Uuid::new_v4(), "content": long });
        let answer = writer.emit("sendMessage", &body).await?;
        let head = answer["message"]["seq"].as_u64().unwrap_or_default();
        others.follow(&quick, head).await?;
        // More than the kernel and the queue can hold together.
        if head > 250 {
            break head;
        }
    };
    assert_eq!(others.gaps, 0, "whoever reads is not held up");
    slow.set_reading(true);
    let mut follower = Follower::new(room.id);
    if follower.follow(&slow, head).await.is_ok() {
        assert!(follower.gaps > 0, "it was told that it had missed something");
        // An event that came through before the word of it says the same by where it begins.
        eventually("the log says so", TIMEOUT, async || {
            ensure!(world.metric(0, "chat_resyncs_total").await? >= 1.0, "not yet");
            Ok(())
        })
        .await?;
    } else {
        // It took nothing for so long that it was given up; it comes back and misses nothing.
        let again = world.connect(0, &bob).await?;
        follower.follow(&again, head).await?;
    }
    follower.check_against(&bob).await?;
    Ok(())
}

/// A socket of this user that has stopped reading, with a full send queue, and the other user's
/// socket that filled it.
pub(crate) async fn deafened(
    world: &World,
    deaf: &Person,
    writer: &Person,
    room: Id,
) -> Result<(Socket, Socket)> {
    let deaf = world.connect(0, deaf).await?;
    let writer = world.connect(0, writer).await?;
    deaf.event("heads").await?;
    deaf.set_reading(false);
    flood(&writer, room).await?;
    Ok((deaf, writer))
}

/// Sends more to a room than the kernel and the queue of one who does not read can hold together.
async fn flood(writer: &Socket, room: Id) -> Result<()> {
    let long = "\u{1f375}".repeat(7_900);
    for _ in 0..4 {
        let mut answers = Vec::new();
        for _ in 0..30 {
            let body = json!({ "roomId": room, "clientId": Uuid::new_v4(), "content": long });
            answers.push(writer.emit_later("sendMessage", &body)?);
        }
        for answer in answers {
            let answer = tokio::time::timeout(TIMEOUT, answer).await??;
            ensure!(answer["ok"] == json!(true), "{answer}");
        }
    }
    Ok(())
}

/// It has not read for so long that it is closed: once it reads again it gets the reason.
#[tokio::test]
async fn who_does_not_read_is_closed_with_a_reason() -> Result<()> {
    let world = World::named("deaf").setting("CHAT_SOCKET_SEND_QUEUE", "16").start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let room = ada.group(&[&bob]).await?;
    // Who reads again before that is told to sync, and has everything then.
    let (slow, _writer) = deafened(&world, &bob, &ada, room.id).await?;
    slow.set_reading(true);
    slow.event("resync").await?;
    let mut follower = Follower::new(room.id);
    follower.sync(&slow).await?;
    follower.check_against(&bob).await?;
    let (deaf, _writer) = deafened(&world, &bob, &ada, room.id).await?;
    let closed = "chat_sockets_closed_total{reason=\"too_slow\"}";
    eventually("it is given up", TIMEOUT, async || {
        ensure!(world.metric(0, closed).await? > 0.5);
        Ok(())
    })
    .await?;
    ada.send(room.id, "too late for him").await?;
    deaf.set_reading(true);
    let events = deaf.closed().await?;
    let last = events.last().map(|event| (event.name.as_str(), &event.data["reason"]));
    assert_eq!(last, Some(("closing", &json!("tooSlow"))));
    assert!(!events.iter().any(|event| event.data.to_string().contains("too late for him")));
    Ok(())
}

#[tokio::test]
async fn who_sends_too_much_at_once_is_closed_with_a_reason() -> Result<()> {
    let world = World::named("flood").setting("CHAT_SOCKET_COMMAND_QUEUE", "16").start().await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?;
    let socket = world.connect(0, &ada).await?;
    let mut sent = 0;
    for n in 0..5_000 {
        let body =
            json!({ "roomId": room.id, "clientId": Uuid::new_v4(), "content": n.to_string() });
        if socket.emit_later("sendMessage", &body).is_err() {
            break;
        }
        sent += 1;
    }
    let events = socket.closed().await?;
    let closing = events.iter().find(|event| event.name == "closing").expect("a last word");
    assert_eq!(closing.data["reason"], json!("tooManyCommands"), "after {sent}");
    // The commands accepted before are there in order, without a gap.
    let page = ada.history(room.id).await?;
    let texts: Vec<String> =
        page.messages.iter().filter(|m| m.system.is_none()).map(|m| m.content.clone()).collect();
    let first: usize = texts.first().map_or(0, |text| text.parse().unwrap_or_default());
    let expected: Vec<String> = (first..first + texts.len()).map(|n| n.to_string()).collect();
    assert_eq!(texts, expected);
    Ok(())
}

/// More answers at once than its queue holds: each comes, in order.
#[tokio::test]
async fn every_answer_finds_room() -> Result<()> {
    let world = World::named("answers").setting("CHAT_SOCKET_SEND_QUEUE", "16").start().await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?;
    let socket = world.connect(0, &ada).await?;
    socket.event("heads").await?;
    for round in 0..5 {
        let mut answers = Vec::new();
        for n in 0..200 {
            let content = format!("{round}:{n}");
            let body = json!({ "roomId": room.id, "clientId": Uuid::new_v4(), "content": content });
            answers.push((content, socket.emit_later("sendMessage", &body)?));
        }
        for (content, answer) in answers {
            let answer = tokio::time::timeout(harness::TIMEOUT, answer).await??;
            assert_eq!(answer["message"]["content"], json!(content));
        }
    }
    Ok(())
}
