//! Goal: what one has read on one device is read on the others, and what is unread is exact.
//! Method: two devices of one user on two servers; messages, and other changes.

use anyhow::{Result, ensure};
use chat_contract::wire::{Id, Room};
use harness::{Person, TIMEOUT, World, eventually};
use serde_json::{Value, json};
use uuid::Uuid;

/// Markers are written every second: the number that is shown at last, on every server.
async fn unread(world: &World, person: &Person, room: Id, expected: u64) -> Result<()> {
    for server in 0..2 {
        let there = person.at(&world.url(server));
        eventually("what is unread", TIMEOUT, async || {
            let rooms: Vec<Room> = there.api.get("/api/rooms").await?;
            let unread = rooms.iter().find(|one| one.id == room).map(|one| one.unread);
            ensure!(unread == Some(expected), "{unread:?} instead of {expected} at {server}");
            Ok(())
        })
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn two_devices_agree_on_what_is_read() -> Result<()> {
    let world = World::named("marker").servers(2).start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let room = ada.group(&[&bob]).await?.id;
    let (phone, desk) = (world.connect(0, &bob).await?, world.connect(1, &bob).await?);
    let one = ada.send(room, "one").await?;
    let two = ada.send(room, "two").await?;
    // Neither of these is a message that somebody wrote.
    let _: Value = ada.api.patch(&format!("/api/rooms/{room}"), &json!({ "topic": "tea" })).await?;
    let edit = json!({ "content": "one!" });
    let _: Value = ada.api.patch(&format!("/api/messages/{}", one.id), &edit).await?;
    let three = ada.send(room, "three").await?;
    assert_eq!((one.ordinal, two.ordinal, three.ordinal), (1, 2, 3));
    unread(&world, &bob, room, 3).await?;

    let read = |seq: u64| json!({ "roomId": room, "seq": seq });
    // Between the messages, at the change of the topic: both before it are read.
    assert_eq!(phone.emit("read", &read(two.seq + 1)).await?["ok"], json!(true));
    let marker = desk.event_where("readMarker", |data| data["userId"] == json!(bob.id())).await?;
    assert_eq!((&marker.data["roomId"], &marker.data["seq"]), (&json!(room), &json!(two.seq + 1)));
    unread(&world, &bob, room, 1).await?;

    // Back goes no marker.
    assert_eq!(desk.emit("read", &read(one.seq)).await?["ok"], json!(true));
    unread(&world, &bob, room, 1).await?;

    // Who writes has read.
    let send = json!({ "roomId": room, "clientId": Uuid::new_v4(), "content": "four" });
    assert_eq!(desk.emit("sendMessage", &send).await?["ok"], json!(true));
    unread(&world, &bob, room, 0).await?;
    ada.send(room, "five").await?;
    unread(&world, &bob, room, 1).await
}

/// A marker beyond the last change would stand there as read for ever, and at its next change the
/// room would have a reader of what is not written yet.
#[tokio::test]
async fn no_marker_goes_beyond_the_last_change() -> Result<()> {
    let world = World::named("marker-beyond").servers(2).start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let (desk, phone) = (world.connect(0, &ada).await?, world.connect(1, &bob).await?);
    desk.event("heads").await?;
    phone.event("heads").await?;
    let mut markers = 0;
    for round in 0..10 {
        let room = ada.public_room("tea").await?.id;
        let read = json!({ "roomId": room, "seq": 1_000_000 });
        // Bob comes in at one server while his socket at the other says again and again that he has
        // read: the first times that it may say so, its server does not serve the room yet.
        let joined = bob.at(&world.url(0));
        let comes = async { joined.join(room).await };
        let reads = async {
            let mut accepted = 0;
            while accepted < 20 {
                accepted += u32::from(phone.emit("read", &read).await?["ok"] == json!(true));
            }
            anyhow::Ok(())
        };
        let (came, done) = tokio::join!(comes, reads);
        came?;
        done?;
        // What comes from that server after the markers comes here after them, too.
        let end = json!({ "roomId": room, "clientId": Uuid::new_v4(), "content": "the end" });
        phone.command::<Value>("sendMessage", &end).await?;
        loop {
            let event = desk.event_where_any(|data| data["roomId"] == json!(room)).await?;
            if event.name == "readMarker" {
                assert_eq!(event.data["seq"], json!(2), "in round {round}: {event:?}");
                markers += 1;
            } else if event.data["messages"][0]["content"] == json!("the end") {
                break;
            }
        }
        // What is not written yet is not read.
        ada.send(room, "hello").await?;
        unread(&world, &bob, room, 1).await?;
    }
    assert!(markers > 10, "only {markers} markers were heard");
    Ok(())
}
