//! Goal: Redis may restart, lose its data or be unavailable, and MySQL may restart or stop
//! answering: nothing is lost, and all clients are complete again shortly after.
//! Method: stop, start, flush and freeze them under work; followers on both servers.

use anyhow::{Result, ensure};
use harness::{Follower, TIMEOUT, World, eventually};
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn redis_may_be_away() -> Result<()> {
    let mut world = World::named("redis-away").servers(2).start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let room = ada.group(&[&bob]).await?;
    let here = world.connect(0, &bob).await?;
    let there = world.connect(1, &bob).await?;
    let mut followers = [Follower::new(room.id), Follower::new(room.id)];
    ada.send(room.id, "before").await?;
    followers[0].follow(&here, 2).await?;
    followers[1].follow(&there, 2).await?;

    let gaps = followers[0].gaps;
    world.stop_redis().await?;
    for n in 0..20 {
        ada.send(room.id, &format!("without {n}")).await?;
    }
    // The same server needs no Redis at all; the other one finds out by comparing heads.
    followers[0].follow(&here, 22).await?;
    assert_eq!(followers[0].gaps, gaps);
    followers[1].follow(&there, 22).await?;
    // One alone is noticed as well, with nothing behind it: each by one heartbeat.
    let noticed = "chat_gaps_fetched_total{noticed_by=\"heartbeat\"}";
    for head in 23..26 {
        let before = world.count(1, noticed).await?;
        ada.send(room.id, "one alone").await?;
        followers[1].follow(&there, head).await?;
        assert_eq!(world.count(1, noticed).await?, before + 1, "noticed by something else");
    }

    world.start_redis().await?;
    for n in 0..20 {
        ada.send(room.id, &format!("after {n}")).await?;
    }
    followers[0].follow(&here, 45).await?;
    followers[1].follow(&there, 45).await?;
    // Notifications work again, without a restart of any server.
    eventually("hints", TIMEOUT, async || {
        let before = world.metric(1, "chat_publish_to_deliver_seconds_count").await?;
        ada.send(room.id, "hint").await?;
        let after = world.metric(1, "chat_publish_to_deliver_seconds_count").await?;
        ensure!(after > before, "no hint was heard");
        Ok(())
    })
    .await?;
    let head = ada.history(room.id).await?.head;
    for (follower, socket) in followers.iter_mut().zip([&here, &there]) {
        follower.follow(socket, head).await?;
        follower.check_against(&bob).await?;
    }
    Ok(())
}

#[tokio::test]
async fn redis_may_come_after_the_servers() -> Result<()> {
    let mut world = World::start("redis-late").await?;
    world.stop_redis().await?;
    world.stop_server(0).await?;
    let before = world.log(0)?.len();
    world.start_server(0).await?;
    eventually("it is missed", TIMEOUT, async || {
        ensure!(world.log(0)?.split_off(before).contains("ECONNREFUSED"));
        Ok(())
    })
    .await?;
    world.start_redis().await?;
    eventually("it is found", TIMEOUT, async || {
        ensure!(world.metric(0, "chat_redis_connected").await? > 0.0);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn redis_may_forget_everything() -> Result<()> {
    let world = World::named("flushall").servers(2).start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let room = ada.group(&[&bob]).await?;
    let socket = world.connect(1, &bob).await?;
    let mut follower = Follower::new(room.id);
    let window = format!("room:{}:recent", room.id);
    for n in 0..60 {
        match n % 10 {
            // It forgets all; what it has is old, lacks a piece, or is nonsense.
            1 => drop(world.redis(&["COPY", &window, "old", "REPLACE"])?),
            3 => drop(world.redis(&["COPY", "old", &window, "REPLACE"])?),
            4 => drop(world.redis(&["LPOP", &window])?),
            5 => drop(world.redis(&["FLUSHALL"])?),
            7 => drop(world.redis(&["LSET", &window, "0", "nonsense"])),
            _ => {}
        }
        let sent = ada.send(room.id, &n.to_string()).await?;
        let page = bob.at(&world.url(1)).history(room.id).await?;
        assert_eq!(page.messages.last(), Some(&sent), "read after the acknowledgement");
    }
    follower.follow(&socket, 61).await?;
    follower.check_against(&bob).await?;
    let me: chat_contract::wire::Me = ada.api.get("/api/me").await?;
    assert_eq!(me.user.id, ada.id(), "nobody was signed out");
    Ok(())
}

#[tokio::test]
async fn the_database_may_restart() -> Result<()> {
    let mut world = World::named("mysql").servers(2).own_mysql().start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let room = ada.group(&[&bob]).await?;
    let socket = world.connect(0, &ada).await?;
    let reader = world.connect(1, &bob).await?;
    let body =
        |text: &str| json!({ "roomId": room.id, "clientId": Uuid::new_v4(), "content": text });
    assert_eq!(socket.emit("sendMessage", &body("before")).await?["ok"], json!(true));
    world.kill_mysql()?;
    let waiting = body("meanwhile");
    let answer = socket.emit_later("sendMessage", &waiting)?;
    world.start_mysql().await?;
    let answer = answer.await?;
    // Committed when the database came back, or refused in words; never acknowledged and lost.
    if answer["ok"] != json!(true) {
        assert_eq!(answer["error"]["code"], json!("unavailable"), "{answer}");
    }
    eventually("sends", TIMEOUT, async || {
        let answer = socket.emit("sendMessage", &waiting).await?;
        ensure!(answer["ok"] == json!(true), "{answer}");
        Ok(())
    })
    .await?;
    let mut follower = Follower::new(room.id);
    follower.follow(&reader, 3).await?;
    follower.check_against(&bob).await
}

/// A host that disappears, or a process that hangs: there is neither an answer nor an error.
#[tokio::test]
async fn a_silent_database_is_refused_in_words() -> Result<()> {
    let mut world = World::named("silent").servers(2).own_mysql().start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let room = ada.group(&[&bob]).await?;
    let socket = world.connect(0, &ada).await?;
    let reader = world.connect(1, &bob).await?;
    let body = |n: usize| json!({ "roomId": room.id, "clientId": Uuid::new_v4(), "content": n.to_string() });
    // Several in a row: the last ones are sent to the store without a look before.
    for n in 0..5 {
        assert_eq!(socket.emit("sendMessage", &body(n)).await?["ok"], json!(true));
    }
    let waiting: Vec<_> = (5..25).map(body).collect();
    world.freeze_mysql()?;
    let answers = waiting.iter().map(|body| socket.emit_later("sendMessage", body));
    let answers = answers.collect::<Result<Vec<_>>>()?;
    let read = ada.history(room.id);
    for answer in answers {
        let answer = tokio::time::timeout(TIMEOUT, answer).await??;
        assert_eq!(answer["error"]["code"], json!("unavailable"), "{answer}");
    }
    assert!(read.await.unwrap_err().to_string().contains("unavailable"));
    world.thaw_mysql()?;
    for body in &waiting {
        eventually("sends", TIMEOUT, async || {
            let answer = socket.emit("sendMessage", body).await?;
            ensure!(answer["ok"] == json!(true), "{answer}");
            Ok(())
        })
        .await?;
    }
    let mut follower = Follower::new(room.id);
    follower.follow(&reader, 26).await?;
    follower.check_against(&bob).await?;
    let there = follower.messages.into_values().skip(1).map(|message| message.content);
    let sent = (0..25).map(|n| n.to_string());
    assert!(there.eq(sent), "each once, in the order in which it was sent");
    Ok(())
}
