//! Goal: a user who joins gets events from there on, one who leaves gets none any more, and nobody
//! else gets any.
//! Method: joins, invitations and removals between two servers, close together, without Redis, and
//! while sockets come in; rooms that later members see from their coming on.

use anyhow::{Result, bail, ensure};
use chat_contract::wire::{
    CreateRoom, CreatedRoom, HistoryVisibility, Id, Message, MessagesEvent, RoomDetail, RoomKind,
};
use harness::{Follower, Person, Socket, TIMEOUT, World, eventually};
use serde_json::json;

#[tokio::test]
async fn coming_and_going_is_felt_on_every_server() -> Result<()> {
    let world = World::named("members").servers(2).start().await?;
    let (ada, bob, cleo) =
        (world.sign_up("ada").await?, world.sign_up("bob").await?, world.sign_up("cleo").await?);
    let room = ada.private_room("plans", &[]).await?;
    let socket = world.connect(1, &bob).await?;
    socket.event("heads").await?;

    // Who is in it from the start hears so, and all of it: in a group, in a conversation of two.
    for content in ["we three", "we two"] {
        let made = match content {
            "we two" => ada.direct(&bob).await?,
            _ => ada.group(&[&bob, &cleo]).await?,
        };
        let there: RoomDetail = bob.api.get(&format!("/api/rooms/{}", made.id)).await?;
        let people: Vec<_> = there.members.iter().map(|member| member.user.id).collect();
        let expected = [ada.id(), bob.id(), cleo.id()];
        assert_eq!(people, expected[..if content == "we two" { 2 } else { 3 }]);
        let is_it = |data: &serde_json::Value| data["roomId"] == json!(made.id);
        let added = socket.event_where("roomChanged", is_it).await?;
        assert_eq!(added.data["change"], json!("added"));
        ada.send(made.id, content).await?;
        let heard = socket.event_where("newMessage", is_it).await?;
        assert_eq!(heard.data["messages"][0]["content"], json!(content));
    }

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

async fn add(by: &Person, room: Id, person: &Person) -> Result<()> {
    let add = json!({ "members": [person.me.user.username] });
    let _: RoomDetail = by.api.post(&format!("/api/rooms/{room}/members"), &add).await?;
    Ok(())
}

async fn remove(by: &Person, room: Id, person: &Person) -> Result<()> {
    by.api.delete::<()>(&format!("/api/rooms/{room}/members/{}", person.id())).await
}

/// Fails if the socket has received this text. Everything sent to it before the answer has arrived.
async fn has_not_heard(socket: &Socket, text: &str) -> Result<()> {
    socket.emit("presence", &json!({ "watch": [] })).await?;
    while let Ok(Some(event)) = socket.next(std::time::Duration::ZERO).await {
        ensure!(!event.data.to_string().contains(text), "it heard {text}: {event:?}");
    }
    Ok(())
}

/// A server that fetches both at once sees the coming after the going is decided.
#[tokio::test]
async fn who_comes_and_goes_at_once_hears_nothing() -> Result<()> {
    let mut world = World::named("come-and-go").servers(2).start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let cleo = world.sign_up("cleo").await?;
    let room = ada.private_room("plans", &[&cleo]).await?;
    let (outside, inside) = (world.connect(1, &bob).await?, world.connect(1, &cleo).await?);
    inside.event("heads").await?;
    // Without notifications the other server finds all of it at its next heartbeat.
    world.stop_redis().await?;
    for n in 0..4 {
        add(&ada, room.id, &bob).await?;
        remove(&ada, room.id, &bob).await?;
        let came = format!("before {n}");
        ada.send(room.id, &came).await?;
        let fits = |data: &serde_json::Value| data.to_string().contains(&came);
        inside.event_where("newMessage", fits).await?;
        let secret = format!("secret {n}");
        ada.send(room.id, &secret).await?;
        let fits = |data: &serde_json::Value| data.to_string().contains(&secret);
        inside.event_where("newMessage", fits).await?;
        has_not_heard(&outside, &secret).await?;
    }
    Ok(())
}

/// A user is removed while their socket enters its rooms.
#[tokio::test]
async fn who_is_removed_while_connecting_hears_nothing() -> Result<()> {
    let world = World::named("connecting").servers(2).start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let cleo = world.sign_up("cleo").await?;
    let room = ada.private_room("plans", &[&cleo]).await?;
    let inside = world.connect(1, &cleo).await?;
    inside.event("heads").await?;
    for n in 0..20 {
        add(&ada, room.id, &bob).await?;
        let (socket, removed) = tokio::join!(world.connect(1, &bob), remove(&ada, room.id, &bob));
        let (socket, ()) = (socket?, removed?);
        socket.event("heads").await?;
        let secret = format!("secret {n}");
        ada.send(room.id, &secret).await?;
        let fits = |data: &serde_json::Value| data.to_string().contains(&secret);
        inside.event_where("newMessage", fits).await?;
        has_not_heard(&socket, &secret).await?;
        socket.disconnect().await;
    }
    Ok(())
}

/// Deleting moves no head: if the notification is lost, the heartbeat finds it.
#[tokio::test]
async fn a_deleted_room_is_gone_on_every_server_without_redis() -> Result<()> {
    let mut world = World::named("deleted").servers(2).start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let room = ada.private_room("plans", &[&bob]).await?;
    let socket = world.connect(1, &bob).await?;
    socket.event("heads").await?;
    world.stop_redis().await?;
    ada.api.delete::<()>(&format!("/api/rooms/{}", room.id)).await?;
    let changed = socket.event("roomChanged").await?;
    assert_eq!(changed.data, json!({ "roomId": room.id, "change": "deleted" }));
    Ok(())
}

/// An old message changes: those who were there see what it says now, those who came later see
/// that something happened, and miss nothing.
#[tokio::test]
async fn later_members_do_not_see_what_was_said_before() -> Result<()> {
    let world = World::named("since-joined").servers(2).start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let cleo = world.sign_up("cleo").await?;
    let body = CreateRoom {
        kind: RoomKind::Private,
        name: Some("plans".to_owned()),
        topic: None,
        members: vec![cleo.id().to_string()],
        history: Some(HistoryVisibility::SinceJoined),
    };
    let CreatedRoom { room, .. } = ada.api.post("/api/rooms", &body).await?;
    let old = ada.send(room.id, "an old secret").await?;
    add(&ada, room.id, &bob).await?;

    let late = [world.connect(0, &bob).await?, world.connect(1, &bob).await?];
    let early = [world.connect(0, &cleo).await?, world.connect(1, &cleo).await?];
    let mut followers = Vec::new();
    for socket in &late {
        let mut follower = Follower::new(room.id);
        follower.sync(socket).await?;
        followers.push(follower);
    }
    for socket in &early {
        socket.event("heads").await?;
    }
    let message = format!("/api/messages/{}", old.id);
    let edit = json!({ "content": "an old secret, told better" });
    let edited: Message = ada.api.patch(&message, &edit).await?;
    let new = ada.send(room.id, "new").await?;
    for socket in &early {
        let event: MessagesEvent = socket.event("messageChanged").await?.parse()?;
        assert_eq!(event.messages, std::slice::from_ref(&edited));
    }
    for (follower, socket) in followers.iter_mut().zip(&late) {
        follower.gaps = 0;
        while follower.cursor < new.changed_seq {
            let Some(event) = socket.next(TIMEOUT).await? else { bail!("closed") };
            ensure!(!event.data.to_string().contains("secret"), "{event:?}");
            ensure!(follower.take(&event)?, "a gap: {event:?}");
        }
        follower.check_against(&bob).await?;
    }
    Ok(())
}

/// Notifications in flight when a user's last socket disconnects leave nothing behind.
#[tokio::test]
async fn who_comes_and_goes_is_absent_in_the_end() -> Result<()> {
    let world = World::start("absent").await?;
    let ada = world.sign_up("ada").await?;
    let key = format!("presence:{}", ada.id().0);
    let socket = world.connect(0, &ada).await?;
    eventually("she is there", TIMEOUT, async || {
        ensure!(world.redis(&["HLEN", &key])?.trim() == "1");
        Ok(())
    })
    .await?;
    socket.disconnect().await;
    let done = "chat_commands_total{command=\"presence\",outcome=\"ok\"}";
    for round in 1..=10 {
        let socket = world.connect(0, &ada).await?;
        // Of whoever goes before they are let in, nothing is done.
        socket.event("heads").await?;
        for n in 0..6 {
            socket.emit_later("presence", &json!({ "watch": [], "away": n % 2 == 0 }))?;
        }
        socket.disconnect().await;
        // An entry that stays lives for longer than we wait.
        eventually("nobody is there", TIMEOUT, async || {
            ensure!(world.metric(0, done).await? > f64::from(6 * round) - 0.5, "not all is done");
            ensure!(world.metric(0, "chat_users_connected").await? < 0.5);
            ensure!(world.redis(&["HLEN", &key])?.trim() == "0", "somebody is told to be there");
            Ok(())
        })
        .await?;
    }
    Ok(())
}
