//! Goal: whatever comes over a socket, the answer is an error in words, and the connection and
//! the data are unharmed.
//! Method: every kind of wrong input, then a good message over the same socket.
//! covers: R4 R7 Z3

use anyhow::Result;
use harness::World;
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn wrong_commands_are_refused_in_words() -> Result<()> {
    let world = World::start("input").await?;
    let (ada, eve) = (world.sign_up("ada").await?, world.sign_up("eve").await?);
    let room = ada.private_room("plans", &[]).await?;
    let theirs = eve.private_room("theirs", &[]).await?;
    let socket = world.connect(0, &ada).await?;
    let id = Uuid::new_v4();
    let send = |more: serde_json::Value| {
        let mut body = json!({ "roomId": room.id, "clientId": id, "content": "x" });
        for (key, value) in more.as_object().cloned().unwrap_or_default() {
            body[key] = value;
        }
        body
    };
    for (command, body, code) in [
        ("sendMessage", json!(null), "invalidRequest"),
        ("sendMessage", json!(5), "invalidRequest"),
        ("sendMessage", json!({}), "invalidRequest"),
        ("sendMessage", send(json!({ "content": 7 })), "invalidRequest"),
        ("sendMessage", send(json!({ "unknown": 1 })), "invalidRequest"),
        ("sendMessage", send(json!({ "clientId": "no uuid" })), "invalidRequest"),
        ("sendMessage", send(json!({ "roomId": "no id" })), "invalidRequest"),
        ("sendMessage", send(json!({ "content": "   " })), "invalidValue"),
        ("sendMessage", send(json!({ "content": "y".repeat(8_001) })), "invalidValue"),
        ("sendMessage", send(json!({ "imageUrl": "http://plain.example/a.png" })), "invalidValue"),
        ("sendMessage", send(json!({ "imageUrl": "javascript:alert(1)" })), "invalidValue"),
        ("sendMessage", send(json!({ "roomId": theirs.id })), "notMember"),
        ("sendMessage", send(json!({ "replyTo": format!("{}-77", room.id) })), "notFound"),
        ("sendMessage", send(json!({ "replyTo": format!("{}-1", theirs.id) })), "invalidValue"),
        ("editMessage", json!({ "id": format!("{}-99", room.id), "content": "x" }), "notFound"),
        ("react", json!({ "id": format!("{}-1", room.id), "emoji": "<b>" }), "invalidValue"),
        ("react", json!({ "id": format!("{}-1", room.id), "emoji": "👍" }), "forbidden"),
        ("deleteMessage", json!({ "id": format!("{}-1", room.id) }), "forbidden"),
        ("read", json!({ "roomId": room.id, "seq": -1 }), "invalidRequest"),
        ("read", json!({ "roomId": theirs.id, "seq": 1 }), "notMember"),
        ("typing", json!({ "roomId": theirs.id }), "notMember"),
        ("presence", json!({ "watch": vec![ada.id(); 201] }), "invalidValue"),
        ("noSuchThing", json!({}), "invalidRequest"),
    ] {
        let answer = socket.emit(command, &body).await?;
        assert_eq!(answer["ok"], json!(false), "{command} {body}");
        assert_eq!(answer["error"]["code"], json!(code), "{command} {body}: {answer}");
        assert!(answer["error"]["detail"].as_str().is_some_and(|text| text.len() > 10), "{answer}");
    }
    // Without an acknowledgement, or without arguments: no answer, no harm.
    for frame in
        ["42[\"sendMessage\"]", "42[\"typing\",{}]", "42[\"\"]", "42[\"sendMessage\",null,1,2]"]
    {
        socket.raw(frame)?;
    }
    let answer = socket.emit("sendMessage", &send(json!({}))).await?;
    assert_eq!(answer["message"]["seq"], json!(2), "nothing of all this left a trace");
    Ok(())
}

#[tokio::test]
async fn garbage_closes_only_its_own_connection() -> Result<()> {
    let world = World::start("garbage").await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?;
    let other = world.connect(0, &ada).await?;
    let huge = format!("42[\"sendMessage\",{{\"content\":\"{}\"}}]", "z".repeat(1_000_000));
    for frame in ["42nonsense", "42[", "9", "45-[]", huge.as_str()] {
        let socket = world.connect(0, &ada).await?;
        socket.raw(frame)?;
        socket.closed().await?;
    }
    let body = json!({ "roomId": room.id, "clientId": Uuid::new_v4(), "content": "fine" });
    assert_eq!(other.emit("sendMessage", &body).await?["ok"], json!(true));
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
    world.sql("UPDATE sessions SET expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND")?;
    world.redis(&["FLUSHALL"])?;
    assert!(world.connect(0, &ada).await.is_err(), "an expired session");
    Ok(())
}

#[tokio::test]
async fn a_message_takes_a_thousand_reactions_and_no_more() -> Result<()> {
    let world = World::start("reactions").await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?;
    let message = ada.send(room.id, "hello").await?;
    let socket = world.connect(0, &ada).await?;
    let emoji = [
        "👍", "🎉", "❤️", "👀", "🙏", "😀", "😂", "😮", "😢", "🔥", "🚀", "✅", "❌", "💯", "🤔",
        "👏", "🌱", "🍵", "☀️", "🌙",
    ];
    for emoji in emoji {
        let answer = socket.emit("react", &json!({ "id": message.id, "emoji": emoji })).await?;
        assert_eq!(answer["ok"], json!(true), "{emoji} {answer}");
    }
    let answer = socket.emit("react", &json!({ "id": message.id, "emoji": "🐢" })).await?;
    assert_eq!(answer["error"]["code"], json!("tooManyReactions"));
    let many: Vec<u64> = (1..=1_000).collect();
    let many = serde_json::to_string(&json!([["👍", many]]))?;
    world.sql(&format!("UPDATE messages SET reactions = '{many}' WHERE seq = 2"))?;
    let answer = socket.emit("react", &json!({ "id": message.id, "emoji": "👍" })).await?;
    assert_eq!(answer["error"]["code"], json!("tooManyReactions"));
    Ok(())
}
