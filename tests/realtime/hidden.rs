//! Goal: a command reveals nothing of a room that its user may not see.
//! Method: somebody who joined later and tries each command on what was before.

use anyhow::Result;
use harness::World;
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn a_message_from_before_one_joined_is_like_none() -> Result<()> {
    let world = World::named("hidden").servers(2).start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let room = ada.short_room().await?.id;
    let mine = bob.at(&world.url(1));
    mine.join(room).await?;
    let old = mine.send(room, "mine, from before").await?;
    mine.api.post::<()>(&format!("/api/rooms/{room}/leave"), &json!({})).await?;
    let secret = ada.send(room, "secret").await?;
    mine.join(room).await?;

    let socket = world.connect(1, &bob).await?;
    let refusal = async |id: &str| -> Result<Vec<String>> {
        let mut codes = Vec::new();
        for (command, body) in [
            ("react", json!({ "id": id, "emoji": "👍", "on": true })),
            ("react", json!({ "id": id, "emoji": "👍", "on": false })),
            ("editMessage", json!({ "id": id, "content": "other" })),
            ("deleteMessage", json!({ "id": id })),
            (
                "sendMessage",
                json!({ "roomId": room, "clientId": Uuid::new_v4(), "content": "and?", "replyTo": id }),
            ),
        ] {
            codes.push(socket.emit(command, &body).await?.to_string());
        }
        Ok(codes)
    };
    let none = refusal(&format!("{room}-999")).await?;
    assert!(none.iter().all(|answer| answer.contains(r#""code":"notFound""#)), "{none:?}");
    for id in [secret.id, old.id] {
        assert_eq!(refusal(&id.to_string()).await?, none);
    }

    let sync = socket.emit("sync", &json!({ "rooms": { room.to_string(): 0 } })).await?;
    let page = &sync["rooms"][room.to_string()];
    assert_eq!(page["messages"].as_array().map(Vec::len), Some(1), "their coming alone: {page}");
    assert_eq!(page["upTo"], json!(secret.seq + 1), "nothing of all this left a trace");
    Ok(())
}
