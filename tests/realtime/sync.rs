//! Goal: after an absence of any length a client has exactly what is there.
//! Method: changes of all kinds while disconnected, then a sync from the old cursor, compared with
//! a fresh read; invalid cursors.

use anyhow::{Context as _, Result};
use chat_contract::wire::Room;
use harness::{Follower, World};
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn a_sync_brings_edits_deletions_and_reactions() -> Result<()> {
    let world = World::named("sync").servers(2).start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let room = ada.group(&[&bob]).await?;
    let mut sent = Vec::new();
    for n in 0..300 {
        sent.push(ada.send(room.id, &format!("message {n}")).await?);
    }
    let mut away = Follower::new(room.id);
    let socket = world.connect(1, &bob).await?;
    away.sync(&socket).await?;
    socket.disconnect().await;
    let cursor = away.cursor;

    let work = world.connect(0, &ada).await?;
    for (n, message) in sent.iter().enumerate() {
        let id = message.id;
        let answer = match n % 4 {
            0 => {
                work.emit("editMessage", &json!({ "id": id, "content": format!("new {n}") }))
                    .await?
            }
            1 => work.emit("deleteMessage", &json!({ "id": id })).await?,
            2 => work.emit("react", &json!({ "id": id, "emoji": "🎉" })).await?,
            _ => continue,
        };
        assert_eq!(answer["ok"], json!(true), "{answer}");
        // Changed twice: it is there once, as it is now.
        if n % 12 == 0 {
            work.emit("react", &json!({ "id": id, "emoji": "👀" })).await?;
        }
    }

    let socket = world.connect(1, &bob).await?;
    away.sync(&socket).await?;
    assert!(away.cursor > cursor + 200, "more than one page");
    for (n, message) in sent.iter().enumerate() {
        let now = away.messages.get(&message.seq).context("a message is missing")?;
        let reaction = |emoji: &str| now.reactions.iter().any(|one| one.emoji == emoji);
        let (content, gone) = match n % 4 {
            0 => (format!("new {n}"), false),
            1 => (String::new(), true),
            _ => (message.content.clone(), false),
        };
        assert_eq!((&now.content, now.deleted_at.is_some()), (&content, gone), "{now:?}");
        assert_eq!(now.edited_at.is_some(), n % 4 == 0, "{now:?}");
        assert_eq!((reaction("🎉"), reaction("👀")), (n % 4 == 2, n % 12 == 0), "{now:?}");
    }
    away.check_against(&bob).await
}

#[tokio::test]
async fn a_change_that_changes_nothing_takes_no_number() -> Result<()> {
    let world = World::start("nothing").await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?;
    let message = ada.send(room.id, "hello").await?;
    let socket = world.connect(0, &ada).await?;
    for (command, body) in [
        ("editMessage", json!({ "id": message.id, "content": "hello" })),
        ("react", json!({ "id": message.id, "emoji": "👍", "on": false })),
    ] {
        let answer = socket.emit(command, &body).await?;
        assert_eq!(answer["message"]["changedSeq"], json!(message.changed_seq), "{answer}");
    }
    let change = json!({ "name": room.name, "topic": "leaves" });
    let first: Room = ada.api.patch(&format!("/api/rooms/{}", room.id), &change).await?;
    assert_eq!(first.head, message.seq + 1, "the topic alone is another one");
    let again: Room = ada.api.patch(&format!("/api/rooms/{}", room.id), &change).await?;
    assert_eq!((again.head, again.topic), (first.head, first.topic));
    Ok(())
}

#[tokio::test]
async fn a_cursor_that_means_nothing_is_refused() -> Result<()> {
    let world = World::start("cursor").await?;
    let (ada, eve) = (world.sign_up("ada").await?, world.sign_up("eve").await?);
    let room = ada.private_room("plans", &[]).await?;
    let socket = world.connect(0, &ada).await?;
    let sync = |cursor: u64| json!({ "rooms": { room.id.to_string(): cursor } });
    let page = &socket.emit("sync", &sync(999)).await?["rooms"][room.id.to_string()];
    assert_eq!((&page["reset"], &page["upTo"]), (&json!(true), &json!(1)));
    // Of another epoch, as after a backup was restored; a client of old says none.
    let epoch = world.connect(0, &ada).await?.event("heads").await?.data["epoch"].clone();
    for (epoch, reset) in [(epoch, false), (json!(Uuid::nil()), true)] {
        let command = json!({ "rooms": { room.id.to_string(): 1 }, "epoch": epoch });
        let page = &socket.emit("sync", &command).await?["rooms"][room.id.to_string()];
        assert_eq!((&page["reset"], &page["upTo"]), (&json!(reset), &json!(1)), "{command}");
    }
    let outside = world.connect(0, &eve).await?;
    let page = &outside.emit("sync", &sync(0)).await?["rooms"][room.id.to_string()];
    assert_eq!(page["error"]["code"], json!("notMember"));
    let refused = socket.emit("sync", &json!({ "rooms": { room.id.to_string(): -1 } })).await?;
    assert_eq!(refused["error"]["code"], json!("invalidRequest"));
    Ok(())
}
