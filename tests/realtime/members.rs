//! Goal: who comes in hears from there on, who goes hears no more, and nobody else hears at all.
//! Method: joins, invitations and removals between two servers.
//! covers: F1 F4 F5 F6 F7 F10 R8

use anyhow::Result;
use chat_contract::wire::{CreatedRoom, RoomDetail};
use harness::World;
use serde_json::json;

#[tokio::test]
async fn coming_and_going_is_felt_on_every_server() -> Result<()> {
    let world = World::named("members").servers(2).start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let room = ada.private_room("plans", &[]).await?;
    let socket = world.connect(1, &bob).await?;
    socket.event("heads").await?;

    let add = json!({ "members": [bob.me.user.username] });
    let _: RoomDetail = ada.api.post(&format!("/api/rooms/{}/members", room.id), &add).await?;
    let added = socket.event("roomChanged").await?;
    assert_eq!(added.data, json!({ "roomId": room.id, "change": "added" }));
    ada.send(room.id, "welcome").await?;
    socket.event_where("newMessage", |data| data["messages"][0]["content"] == "welcome").await?;

    let member = format!("/api/rooms/{}/members/{}", room.id, bob.id());
    ada.api.delete::<()>(&member).await?;
    socket.event_where("roomChanged", |data| data["change"] == "removed").await?;
    ada.send(room.id, "secret").await?;
    let answer = socket.emit("sync", &json!({ "rooms": { room.id.to_string(): 0 } })).await?;
    assert_eq!(answer["rooms"][room.id.to_string()]["error"]["code"], json!("notMember"));
    let send =
        json!({ "roomId": room.id, "clientId": uuid::Uuid::new_v4(), "content": "still here" });
    assert_eq!(socket.emit("sendMessage", &send).await?["error"]["code"], json!("notMember"));
    socket.disconnect().await;
    Ok(())
}

#[tokio::test]
async fn a_pair_has_one_direct_room_however_often_it_is_asked_for() -> Result<()> {
    let world = World::named("direct").servers(2).start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let ask = |member: &str| json!({ "kind": "direct", "members": [member] });
    let (by_name, by_mail) = (ask(&bob.me.user.username), ask(&bob.me.email));
    let to_ada = ask(&ada.id().to_string());
    let bob_there = bob.at(&world.url(1));
    let (one, two, three): (CreatedRoom, CreatedRoom, CreatedRoom) = tokio::try_join!(
        ada.api.post("/api/rooms", &by_name),
        ada.api.post("/api/rooms", &by_mail),
        bob_there.api.post("/api/rooms", &to_ada),
    )?;
    assert_eq!(one.room.id, two.room.id);
    assert_eq!(one.room.id, three.room.id);
    assert_eq!([one, two, three].iter().filter(|room| room.created).count(), 1);
    Ok(())
}
