//! Goal: who is typing and who is there is seen by those whom it concerns, on every server, and
//! by nobody else; how far somebody has read is in the store when they sign out.
//! Method: two servers; typing, presence and read markers over sockets.

use std::time::Duration;

use anyhow::{Result, ensure};
use harness::{PATIENCE, World, eventually};
use serde_json::{Value, json};

#[tokio::test]
async fn members_see_who_is_typing_and_others_do_not() -> Result<()> {
    let world = World::named("typing").servers(2).start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let eve = world.sign_up("eve").await?;
    let room = ada.private_room("plans", &[&bob]).await?;
    let (types, tablet) = (world.connect(0, &ada).await?, world.connect(1, &ada).await?);
    let (here, there) = (world.connect(0, &bob).await?, world.connect(1, &bob).await?);
    let outside = world.connect(1, &eve).await?;
    for socket in [&types, &tablet, &here, &there, &outside] {
        socket.event("heads").await?;
    }
    let typing = json!({ "roomId": room.id });
    types.command::<Value>("typing", &typing).await?;
    for socket in [&here, &there] {
        let event = socket.event("typing").await?;
        assert_eq!(event.data, json!({ "roomId": room.id, "userId": ada.id() }));
    }
    let refused = outside.emit("typing", &typing).await?;
    assert_eq!(refused["error"]["code"], json!("notMember"));

    // Whoever types does not hear of it, nor does who is not in the room.
    for socket in [&types, &tablet, &outside] {
        socket.command::<Value>("presence", &json!({ "watch": [] })).await?;
        while let Ok(Some(event)) = socket.next(Duration::ZERO).await {
            assert_ne!(event.name, "typing", "{event:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn who_watches_sees_people_come_rest_and_go() -> Result<()> {
    let world = World::named("presence").servers(2).start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let watcher = world.connect(0, &ada).await?;
    let watch = json!({ "watch": [bob.id()] });
    let answer: Value = watcher.command("presence", &watch).await?;
    assert_eq!(answer["users"][0]["status"], json!("offline"), "{answer}");

    let becomes = async |status: &str| {
        let fits = |data: &Value| data["userId"] == json!(bob.id()) && data["status"] == status;
        watcher.event_where("presence", fits).await
    };
    // An event may be lost; what is asked for is true.
    let asked = async |status: &str| {
        eventually("the answer to who asks", PATIENCE, async || {
            let answer: Value = watcher.command("presence", &watch).await?;
            ensure!(answer["users"][0]["status"] == json!(status), "{answer}");
            Ok(answer)
        })
        .await
    };
    let phone = world.connect(1, &bob).await?;
    becomes("online").await?;
    asked("online").await?;
    phone.command::<Value>("presence", &json!({ "watch": [], "away": true })).await?;
    becomes("away").await?;
    let laptop = world.connect(0, &bob).await?;
    becomes("online").await?;
    laptop.disconnect().await;
    asked("away").await?;
    phone.disconnect().await;
    becomes("offline").await?;
    let gone = asked("offline").await?;
    assert!(gone["users"][0]["lastSeenAt"].is_string(), "{gone}");
    // Who no longer watches hears nothing; the answer names those who are watched.
    let nobody: Value = watcher.command("presence", &json!({ "watch": [] })).await?;
    assert_eq!(nobody["users"], json!([]));
    Ok(())
}

#[tokio::test]
async fn signing_out_writes_down_how_far_somebody_has_read() -> Result<()> {
    let world = World::start("read-sign-out").await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let room = ada.group(&[&bob]).await?;
    let last = ada.send(room.id, "hello").await?;
    let socket = world.connect(0, &bob).await?;
    let read = json!({ "roomId": room.id, "seq": last.seq });
    socket.command::<Value>("read", &read).await?;
    // At once, whenever the writer comes by.
    bob.api.post::<Value>("/api/auth/sign-out", &json!({})).await?;
    let written = format!("SELECT read_seq FROM members WHERE user_id = {}", bob.id().0);
    assert_eq!(world.sql(&written)?, [[last.seq.to_string()]]);
    Ok(())
}
