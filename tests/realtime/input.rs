//! Goal: whatever comes over a socket, the answer is an error in words, and the connection and
//! the data are unharmed.
//! Method: every kind of wrong input, then a good message over the same socket.

use anyhow::{Context as _, Result, bail, ensure};
use futures_util::{SinkExt as _, StreamExt as _};
use harness::{Outcome, TIMEOUT, World, eventually, input};
use serde_json::json;
use tokio::net::TcpStream;
use tokio_tungstenite::{client_async, tungstenite::Message};
use uuid::Uuid;

#[tokio::test]
async fn wrong_commands_are_refused_in_words() -> Result<()> {
    let world = World::start("input").await?;
    let (ada, eve) = (world.sign_up("ada").await?, world.sign_up("eve").await?);
    let room = ada.private_room("plans", &[]).await?;
    let theirs = eve.private_room("theirs", &[]).await?;
    ada.send(room.id, "hello").await?;
    let socket = world.connect(0, &ada).await?;
    for (input, code) in input::wrong(room.id, theirs.id) {
        let outcome = input.over_socket(&socket).await?;
        let Outcome::Refused(problem) = outcome else { bail!("{input:?}: {outcome:?}") };
        assert_eq!(problem.code, code, "{input:?}: {problem:?}");
        assert!(problem.detail.len() > 10, "{input:?}: {problem:?}");
    }
    // What can be said wrongly in a command alone.
    let send = |more: serde_json::Value| {
        let mut body = input::message(&more);
        body["roomId"] = more.get("roomId").unwrap_or(&json!(room.id)).clone();
        body
    };
    for (command, body, code) in [
        ("sendMessage", json!(null), "invalidRequest"),
        ("sendMessage", json!(5), "invalidRequest"),
        ("sendMessage", json!({}), "invalidRequest"),
        ("sendMessage", send(json!({ "roomId": "no id" })), "invalidRequest"),
        ("sendMessage", send(json!({ "receiverId": eve.id() })), "invalidRequest"),
        ("sync", json!({}), "invalidRequest"),
        ("sync", json!({ "rooms": [] }), "invalidRequest"),
        ("sync", json!({ "rooms": { "no id": 1 } }), "invalidRequest"),
        ("typing", json!({ "roomId": theirs.id }), "notMember"),
        ("presence", json!({ "watch": vec![ada.id(); 201] }), "invalidValue"),
        ("noSuchThing", json!({}), "invalidRequest"),
    ] {
        let answer = socket.emit(command, &body).await?;
        assert_eq!(answer["ok"], json!(false), "{command} {body}");
        assert_eq!(answer["error"]["code"], json!(code), "{command} {body}: {answer}");
        assert!(answer["error"]["detail"].as_str().is_some_and(|text| text.len() > 10), "{answer}");
    }
    let answer = socket.emit("sendMessage", &send(json!({}))).await?;
    assert_eq!(answer["message"]["seq"], json!(3), "nothing of all this left a trace");
    Ok(())
}

#[tokio::test]
async fn events_without_an_acknowledgement_do_what_they_can() -> Result<()> {
    let world = World::start("no-ack").await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?;
    let socket = world.connect(0, &ada).await?;
    for frame in [
        "42[\"sendMessage\"]",
        "42[\"typing\",{}]",
        "42[\"\"]",
        "42[\"sendMessage\",null,1,2]",
        "42[\"sendMessage\",[[[[]]]]]",
    ] {
        socket.raw(frame)?;
    }
    let body = json!({ "roomId": room.id, "clientId": Uuid::new_v4(), "content": "no answer" });
    socket.raw(&format!("42{}", json!(["sendMessage", body])))?;
    let event = socket.event("newMessage").await?;
    assert_eq!(event.data["messages"][0]["content"], json!("no answer"), "it is sent all the same");
    assert_eq!(event.data["messages"][0]["seq"], json!(2), "and nothing else was");
    Ok(())
}

#[tokio::test]
async fn a_command_that_is_too_large_is_refused_in_words_and_in_its_turn() -> Result<()> {
    let world = World::start("too-large").await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?;
    let send = |content: String| json!({ "roomId": room.id, "clientId": Uuid::new_v4(), "content": content });
    let socket = world.connect(0, &ada).await?;
    for bytes in [140_000, 1_000_000] {
        let before = socket.emit_later("sendMessage", &send("before".to_owned()))?;
        let large = socket.emit("sendMessage", &send("z".repeat(bytes))).await?;
        assert_eq!(large["error"]["code"], json!("tooLarge"), "{bytes}: {large}");
        assert!(large["error"]["detail"].as_str().is_some_and(|text| text.contains("128 kB")));
        assert_eq!(before.await?["ok"], json!(true));
        assert_eq!(socket.emit("sendMessage", &send("after".to_owned())).await?["ok"], json!(true));
    }
    // So many at once are no way to fill the memory: while they wait, nothing of them is kept.
    let many: Vec<_> = (0..50)
        .map(|_| socket.emit_later("sendMessage", &send("z".repeat(1_000_000))))
        .collect::<Result<_>>()?;
    for answer in many {
        assert_eq!(answer.await?["error"]["code"], json!("tooLarge"));
    }
    let attached = format!("451-77{}", json!(["typing", { "_placeholder": true, "num": 0 }]));
    socket.raw(&attached)?;
    socket.raw_bytes(vec![0; 10])?;
    let answer = socket.emit("sendMessage", &send("still here".to_owned())).await?;
    assert_eq!(answer["message"]["seq"], json!(6));
    Ok(())
}

#[tokio::test]
async fn garbage_closes_only_its_own_connection() -> Result<()> {
    let world = World::start("garbage").await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?;
    let other = world.connect(0, &ada).await?;
    let huge = format!("42[\"sendMessage\",{{\"content\":\"{}\"}}]", "z".repeat(1_200_000));
    for frame in [
        "42[]",
        "42[5,{}]",
        "42nonsense",
        "42[",
        "9",
        "45-[]",
        "4517-[\"typing\",{}]",
        huge.as_str(),
    ] {
        let socket = world.connect(0, &ada).await?;
        socket.raw(frame)?;
        socket.closed().await?;
    }
    for bytes in [vec![0xff; 10], b"42[\"typing\",{}]".to_vec()] {
        let socket = world.connect(0, &ada).await?;
        socket.raw_bytes(bytes)?;
        socket.closed().await?;
    }
    no_text(&world.url(0)).await?;
    let body = json!({ "roomId": room.id, "clientId": Uuid::new_v4(), "content": "fine" });
    assert_eq!(other.emit("sendMessage", &body).await?["ok"], json!(true));
    Ok(())
}

/// A text frame that is not UTF-8: the client's library sends none, so the frame is made by hand.
async fn no_text(url: &str) -> Result<()> {
    let host = url.strip_prefix("http://").context("no address")?;
    let url = format!("ws://{host}/socket.io/?EIO=4&transport=websocket");
    let (mut socket, _) = client_async(url, TcpStream::connect(host).await?).await?;
    let open = socket.next().await.context("closed")??;
    ensure!(open.to_text()?.starts_with("0{"), "{open:?}");
    // Masked with zeros: what is sent is what stands here.
    let frame = [0x81, 0x83, 0, 0, 0, 0, b'4', 0xff, 0xfe];
    tokio::io::AsyncWriteExt::write_all(socket.get_mut(), &frame).await?;
    while let Some(Ok(message)) = socket.next().await {
        if let Message::Close(_) = message {
            break;
        }
        let _ = socket.send(Message::text("3")).await;
    }
    Ok(())
}

#[tokio::test]
async fn a_token_that_is_worth_nothing_does_not_connect() -> Result<()> {
    let world = World::named("token").setting("CHAT_SESSION_TTL", "10s").start().await?;
    let ada = world.sign_up("ada").await?;
    let mut nobody = ada.clone();
    for token in ["", "x", &"A".repeat(43), &"é".repeat(43)] {
        nobody.token = token.to_owned();
        let error = world.connect(0, &nobody).await.err().map(|error| error.to_string());
        assert!(error.is_some_and(|text| text.contains("unauthenticated")), "{token}");
    }
    // Its time runs out by itself; nothing asks in its name, since that would move the end.
    eventually("the session has ended", TIMEOUT, async || {
        let open =
            world.sql("SELECT COUNT(*) FROM sessions WHERE expires_at > UTC_TIMESTAMP(6)")?;
        ensure!(open == [["0"]], "{open:?}");
        Ok(())
    })
    .await?;
    assert!(world.connect(0, &ada).await.is_err(), "an expired session");
    Ok(())
}
