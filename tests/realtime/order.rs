//! Goal: one gapless order in a room, for everybody, on every server.
//! Method: two users on two servers write at once; two others follow, one on each server.

use anyhow::Result;
use chat_contract::wire::Message;
use harness::{Follower, World};
use serde_json::json;
use uuid::Uuid;

/// Rounds here; `cargo x bench order` does ten thousand.
const ROUNDS: u64 = 200;

#[tokio::test]
async fn two_servers_show_one_order() -> Result<()> {
    let world = World::named("order").servers(2).start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let room = ada.group(&[&bob]).await?;
    let writers = [world.connect(0, &ada).await?, world.connect(1, &bob).await?];
    let readers = [world.connect(0, &bob).await?, world.connect(1, &ada).await?];
    for round in 0..ROUNDS {
        let send =
            |text: &str| json!({ "roomId": room.id, "clientId": Uuid::new_v4(), "content": text });
        let (a, b) = (send(&format!("a{round}")), send(&format!("b{round}")));
        let (one, two) = tokio::try_join!(
            writers[0].emit("sendMessage", &a),
            writers[1].emit("sendMessage", &b),
        )?;
        assert_eq!((&one["ok"], &two["ok"]), (&json!(true), &json!(true)), "{one} {two}");
    }
    let mut orders = Vec::new();
    for reader in &readers {
        let mut follower = Follower::new(room.id);
        follower.follow(reader, 1 + ROUNDS * 2).await?;
        follower.check_against(&ada).await?;
        let seqs: Vec<u64> = follower.messages.keys().copied().collect();
        assert_eq!(seqs, (1..=1 + ROUNDS * 2).collect::<Vec<_>>(), "no number is missing");
        orders.push(follower.arrivals.into_iter().map(|m| (m.seq, m.content)).collect::<Vec<_>>());
    }
    assert!(orders[0].is_sorted() && orders[0] == orders[1]);
    Ok(())
}

#[tokio::test]
async fn what_one_sends_without_waiting_keeps_its_order() -> Result<()> {
    let world = World::named("fifo").servers(2).start().await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?;
    let socket = world.connect(0, &ada).await?;
    let answers: Vec<_> = (0..150)
        .map(|n| {
            let body =
                json!({ "roomId": room.id, "clientId": Uuid::new_v4(), "content": n.to_string() });
            socket.emit_later("sendMessage", &body)
        })
        .collect::<Result<_>>()?;
    let mut last = 0;
    for (n, answer) in answers.into_iter().enumerate() {
        let answer = answer.await?;
        assert_eq!(answer["message"]["content"], json!(n.to_string()));
        let seq = answer["message"]["seq"].as_u64().unwrap_or_default();
        assert!(seq > last);
        last = seq;
    }
    // After its acknowledgement any server's history has a message.
    for n in 0..20 {
        let content = format!("then {n}");
        let body = json!({ "roomId": room.id, "clientId": Uuid::new_v4(), "content": content });
        let sent = socket.emit("sendMessage", &body).await?["message"].clone();
        for server in 0..2 {
            let there = ada.at(&world.url(server)).history(room.id).await?;
            let newest = serde_json::to_value(there.messages.last())?;
            assert_eq!(newest, sent, "at server {server}");
        }
    }
    Ok(())
}

/// A server that wrote alone goes by what it recalls; every other hand in the room is noticed.
#[tokio::test]
async fn who_wrote_alone_notices_every_other_hand() -> Result<()> {
    let world = World::named("alone").servers(2).start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let room = bob.private_room("tea", &[&ada]).await?;
    let there = bob.at(&world.url(1));
    // Several in a row, the last of which need one look at the store fewer.
    let alone = async || -> Result<u64> {
        let mut last = ada.send(room.id, "one").await?;
        for text in ["two", "three", "four"] {
            let next = ada.send(room.id, text).await?;
            assert_eq!((next.seq, next.ordinal), (last.changed_seq + 1, last.ordinal + 1));
            last = next;
        }
        Ok(last.seq)
    };
    let before = alone().await?;

    let other = there.send(room.id, "from the other server").await?;
    assert_eq!(other.seq, before + 1);
    let seq = alone().await?;
    assert_eq!(seq, other.seq + 4, "a message of another server has its place");

    let thumb = format!("/api/messages/{}/reactions/%F0%9F%91%8D", other.id);
    there.api.put::<Message>(&thumb, &json!({})).await?;
    let after = alone().await?;
    assert_eq!(after, seq + 1 + 4, "a reaction took a number, and no row");

    let body = json!({ "clientId": Uuid::new_v4(), "content": "twice" });
    let messages = format!("/api/rooms/{}/messages", room.id);
    let first: Message = ada.at(&world.url(1)).api.post(&messages, &body).await?;
    let _ = alone().await?;
    let again: Message = ada.api.post(&messages, &body).await?;
    assert_eq!(again.seq, first.seq, "sent twice through two servers, written once");
    let metrics = world.metrics(0).await?;
    for outcome in ["held", "other"] {
        let series = format!("chat_commit_optimistic_total{{outcome=\"{outcome}\"}}");
        assert!(metrics.contains(&series), "{series} is missing: this proved nothing");
    }

    alone().await?;
    there.api.delete::<()>(&format!("/api/rooms/{}/members/{}", room.id, ada.id())).await?;
    let refused = ada.send(room.id, "still here").await.unwrap_err();
    assert!(refused.to_string().contains("notMember"), "{refused}");

    let carl = world.sign_up("carl").await?;
    let room = bob.private_room("coffee", &[&carl]).await?;
    for text in ["one", "two", "three"] {
        carl.send(room.id, text).await?;
    }
    there.api.delete::<()>(&format!("/api/rooms/{}", room.id)).await?;
    assert!(carl.send(room.id, "into the void").await.is_err());
    Ok(())
}
