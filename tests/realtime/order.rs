//! Goal: one gapless order in a room, for everybody, on every server.
//! Method: two people on two servers write at once; two others follow, one on each server.
//! covers: D1 K15 P6

use anyhow::Result;
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
    let world = World::start("fifo").await?;
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
    Ok(())
}
