//! Goal: who is typing and who is there is seen by those whom it concerns, on every server, and
//! by nobody else; how far somebody has read is in the store when they sign out.
//! Method: two servers; typing, presence and read markers over sockets, in rooms of every size.

use std::{collections::BTreeSet, time::Duration};

use anyhow::{Result, bail, ensure};
use chat_contract::wire::Id;
use chat_domain::limit::{READ_RECEIPT_MEMBERS_MAX, TYPING_MEMBERS_MAX};
use harness::{Socket, TIMEOUT, World, eventually};
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

    // It is nowhere kept: nobody hears of it later, and the room has not changed.
    let late = world.connect(1, &bob).await?;
    assert_eq!(ada.history(room.id).await?.head, room.head);
    let keys = world.redis(&["KEYS", "*"])?;
    let soft =
        |key: &&str| !["session:", "presence:", "worker:"].iter().any(|p| key.starts_with(p));
    let kept: Vec<&str> =
        keys.lines().filter(soft).filter(|key| !key.starts_with("room:")).collect();
    assert!(kept.iter().all(|key| key.starts_with("message")), "{kept:?}");

    // Presence may be lost, and comes back by itself.
    // Of Eve, who is at the other server alone.
    let watch = json!({ "watch": [eve.id()] });
    world.redis(&["FLUSHALL"])?;
    eventually("Eve is online again", TIMEOUT, async || {
        let answer: Value = types.command("presence", &watch).await?;
        ensure!(answer["users"][0]["status"] == json!("online"), "{answer}");
        Ok(())
    })
    .await?;

    // Whoever types does not hear of it, nor does who is not in the room, or was not there.
    for socket in [&types, &tablet, &outside, &late] {
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
        eventually("the answer to who asks", TIMEOUT, async || {
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
    // A socket that no longer watches gets nothing; the answer names the watched users.
    let nobody: Value = watcher.command("presence", &json!({ "watch": [] })).await?;
    assert_eq!(nobody["users"], json!([]));
    Ok(())
}

#[tokio::test]
async fn signing_out_writes_down_how_far_somebody_has_read() -> Result<()> {
    let world = World::named("read-sign-out").setting("CHAT_SESSION_TTL", "10s").start().await?;
    let (ada, bob, cleo) =
        (world.sign_up("ada").await?, world.sign_up("bob").await?, world.sign_up("cleo").await?);
    let room = ada.group(&[&bob, &cleo]).await?;
    let seq = ada.send(room.id, "hello").await?.seq;
    // Who writes that of everybody once a second gets no further than to Ada.
    world.refuse_soft_state(&ada).await?;
    let mut sockets = Vec::new();
    for person in [&ada, &bob, &cleo] {
        let socket = world.connect(0, person).await?;
        socket.command::<Value>("read", &json!({ "roomId": room.id, "seq": seq })).await?;
        let draft = json!({ "roomId": room.id, "content": "good night" });
        socket.command::<Value>("draft", &draft).await?;
        sockets.push(socket);
    }
    let written = [[&seq.to_string(), "good night"]];
    bob.api.post::<Value>("/api/auth/sign-out", &json!({})).await?;
    assert_eq!(world.soft_state(&bob)?, written, "at the sign-out");
    // Nothing more comes from Cleo.
    sockets[2].closed().await?;
    assert_eq!(world.soft_state(&cleo)?, written, "at the end of the session");
    Ok(())
}

/// Members who never come: a room is as large as the number of its members, on whichever servers
/// they are, or on none.
fn add_members(world: &World, room: Id, count: usize) -> Result<()> {
    let rows: Vec<String> =
        (1..=count).map(|n| format!("({}, {n}, '2020-01-01')", room.0)).collect();
    let insert = "INSERT INTO members (room_id, user_id, joined_at) VALUES ";
    world.sql(&format!("{insert}{}", rows.join(","))).map(drop)
}

/// Names of the events that a socket received before this one.
async fn heard_before(socket: &Socket, room: Id, last: &str) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    while let Some(event) = socket.next(TIMEOUT).await? {
        if event.name == last && event.data["roomId"] == json!(room) {
            return Ok(names);
        }
        names.insert(event.name);
    }
    bail!("the connection was closed")
}

#[tokio::test]
async fn in_a_large_room_others_hear_of_no_marker_and_of_nobody_typing() -> Result<()> {
    // Two members are there, and the sockets are on two servers: neither has many of them.
    let world = World::named("large-room").servers(2).start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let (middle, large) = (ada.group(&[&bob]).await?.id, ada.group(&[&bob]).await?.id);
    let small = ada.group(&[&bob]).await?.id;
    add_members(&world, small, READ_RECEIPT_MEMBERS_MAX - 2)?;
    add_members(&world, middle, TYPING_MEMBERS_MAX - 2)?;
    add_members(&world, large, TYPING_MEMBERS_MAX - 1)?;
    let (phone, desk) = (world.connect(0, &bob).await?, world.connect(1, &bob).await?);
    let (here, there) = (world.connect(0, &ada).await?, world.connect(1, &ada).await?);
    for socket in [&phone, &desk, &here, &there] {
        socket.event("heads").await?;
    }
    // A socket may say so once in two seconds; here each room has a socket of its own for it.
    let (second, third) = (world.connect(0, &bob).await?, world.connect(0, &bob).await?);
    for (room, types) in [(small, &phone), (middle, &second), (large, &third)] {
        let place = json!({ "roomId": room, "seq": 1 });
        phone.command::<Value>("read", &place).await?;
        types.command::<Value>("typing", &json!({ "roomId": room })).await?;
        // The user's own devices get the marker in every room.
        let own = |data: &Value| data["roomId"] == json!(room) && data["seq"] == json!(1);
        desk.event_where("readMarker", own).await?;
        // What a server says comes to the other one in the order in which it was said.
        bob.send(room, "the end").await?;
        for socket in [&here, &there] {
            let heard = heard_before(socket, room, "newMessage").await?;
            assert_eq!(heard.contains("readMarker"), room == small, "{room}: {heard:?}");
            assert_eq!(heard.contains("typing"), room != large, "{room}: {heard:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn many_devices_of_few_people_are_no_large_room() -> Result<()> {
    let world = World::named("many-devices").start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let room = ada.group(&[&bob]).await?.id;
    let devices = (0..=READ_RECEIPT_MEMBERS_MAX).map(|_| world.connect(0, &ada));
    let devices = futures_util::future::try_join_all(devices).await?;
    let phone = world.connect(0, &bob).await?;
    phone.command::<Value>("read", &json!({ "roomId": room, "seq": 1 })).await?;
    for device in [&devices[0], &devices[READ_RECEIPT_MEMBERS_MAX]] {
        let marker = device.event("readMarker").await?;
        assert_eq!(marker.data["userId"], json!(bob.id()));
    }
    Ok(())
}
