//! Goal: a message that is sent again is the same message, whenever and wherever.
//! Method: the same client id at once on two servers, later, after an edit, with other content.

use anyhow::Result;
use harness::World;
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn the_same_id_at_once_on_two_servers_is_one_message() -> Result<()> {
    let mut world = World::named("retry").servers(2).start().await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?;
    let sockets = [world.connect(0, &ada).await?, world.connect(1, &ada).await?];
    let mut sent = Vec::new();
    for _ in 0..30 {
        let body = json!({ "roomId": room.id, "clientId": Uuid::new_v4(), "content": "once" });
        let (one, two, three) = tokio::try_join!(
            sockets[0].emit("sendMessage", &body),
            sockets[1].emit("sendMessage", &body),
            sockets[1].emit("sendMessage", &body),
        )?;
        assert_eq!(one, two);
        assert_eq!(one, three);
        assert_eq!(one["ok"], json!(true));
        sent.push((body, one["message"].clone()));
    }
    // A day later too, when the server that took it is gone, and after others have spoken: the place
    // of the first.
    world.kill_server(0)?;
    world.sql("UPDATE messages SET created_at = created_at - INTERVAL 1 DAY")?;
    for (body, first) in sent.iter().step_by(7) {
        let again = sockets[1].emit("sendMessage", body).await?["message"].clone();
        for field in ["id", "seq", "changedSeq", "content"] {
            assert_eq!(again[field], first[field], "{again}");
        }
    }
    assert_eq!(
        world.sql("SELECT posts, head FROM heads ORDER BY posts DESC LIMIT 1")?,
        [["30", "31"]]
    );
    Ok(())
}

#[tokio::test]
async fn a_late_retry_gets_the_first_place() -> Result<()> {
    let mut world = World::named("late").servers(2).start().await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?;
    let body = json!({ "roomId": room.id, "clientId": Uuid::new_v4(), "content": "once" });
    let socket = world.connect(0, &ada).await?;
    let first = socket.emit("sendMessage", &body).await?["message"].clone();
    let edit = json!({ "id": first["id"], "content": "changed" });
    socket.emit("editMessage", &edit).await?;
    world.kill_server(0)?;
    let socket = world.connect(1, &ada).await?;
    let again = socket.emit("sendMessage", &body).await?["message"].clone();
    assert_eq!((&again["seq"], &again["content"]), (&first["seq"], &json!("changed")));
    let mut other = body;
    other["content"] = json!("twice");
    let refused = socket.emit("sendMessage", &other).await?;
    assert_eq!(refused["error"]["code"], json!("clientIdReused"));
    assert_eq!(refused["error"]["status"], json!(409));
    Ok(())
}
