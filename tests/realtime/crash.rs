//! Goal: what was acknowledged is there, once and in order, whatever dies.
//! Method: many senders, a server killed in the middle, the rest goes on at the other server.

use std::collections::BTreeMap;

use anyhow::Result;
use harness::{Follower, Person, Socket, World};
use serde_json::{Value, json};
use uuid::Uuid;

const SENDERS: usize = 8;
const EACH: usize = 60;

/// Sends in order, each until it is acknowledged; when the connection is lost, at the next server.
async fn send_all(
    world: &World,
    person: &Person,
    room: chat_contract::wire::Id,
    name: usize,
) -> Result<BTreeMap<u64, String>> {
    let mut acked = BTreeMap::new();
    let mut at = 0;
    let mut socket: Option<Socket> = None;
    for n in 0..EACH {
        let content = format!("{name}:{n}");
        let body = json!({ "roomId": room, "clientId": Uuid::new_v4(), "content": content });
        loop {
            let connected = match socket.take() {
                Some(socket) => Ok(socket),
                None => world.connect(at, person).await,
            };
            if let Ok(connected) = connected
                && let Ok(answer) = connected.emit("sendMessage", &body).await
                && answer["ok"] == json!(true)
            {
                acked.insert(answer["message"]["seq"].as_u64().unwrap_or_default(), content);
                socket = Some(connected);
                break;
            }
            at = 1;
        }
    }
    Ok(acked)
}

#[tokio::test]
async fn a_killed_server_loses_and_doubles_nothing() -> Result<()> {
    let mut world = World::named("crash").servers(2).start().await?;
    let mut people = Vec::new();
    for n in 0..SENDERS {
        people.push(world.sign_up(&format!("p{n}")).await?);
    }
    let room = people[0].group(&people[1..].iter().collect::<Vec<_>>()).await?;
    let reader = world.connect(1, &people[0]).await?;
    let process = world.server_process(0)?;
    let sends = people.iter().enumerate().map(|(n, person)| send_all(&world, person, room.id, n));
    let kill = async {
        // In the middle of the work: as soon as a good part is stored.
        harness::eventually("some messages", harness::TIMEOUT, async || {
            let posts: usize = world.sql("SELECT MAX(posts) FROM heads")?[0][0].parse()?;
            anyhow::ensure!(posts > SENDERS * EACH / 4, "{posts}");
            Ok(())
        })
        .await?;
        nix::sys::signal::kill(
            nix::unistd::Pid::from_raw(process.cast_signed()),
            nix::sys::signal::SIGKILL,
        )?;
        anyhow::Ok(())
    };
    let (acked, killed) = tokio::join!(futures_util::future::try_join_all(sends), kill);
    killed?;
    let mut all = BTreeMap::new();
    for acked in acked? {
        // Each sender's own order.
        let names: Vec<_> = acked.values().cloned().collect();
        let numbers: Vec<usize> =
            names.iter().filter_map(|name| name.split(':').nth(1)?.parse().ok()).collect();
        assert_eq!(numbers, (0..EACH).collect::<Vec<_>>());
        all.extend(acked);
    }
    let head = (SENDERS * EACH + 1) as u64;
    let mut follower = Follower::new(room.id);
    follower.follow(&reader, head).await?;
    follower.check_against(&people[0].at(&world.url(1))).await?;
    let stored = follower.messages.values().skip(1);
    let there: BTreeMap<u64, String> = stored.map(|m| (m.seq, m.content.clone())).collect();
    assert_eq!(there, all, "acknowledged and stored are the same, each once");
    // Nor does it need any server, or what Redis has.
    world.kill_server(1)?;
    world.kill_redis()?;
    world.forget_server(0);
    for server in 0..2 {
        world.start_server(server).await?;
        follower.check_against(&people[1].at(&world.url(server))).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_server_that_stops_answers_first_and_sends_its_sockets_away() -> Result<()> {
    let mut world = World::named("drain").servers(2).start().await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?;
    let socket = world.connect(0, &ada).await?;
    socket.event("heads").await?;
    let answers: Vec<_> = (0..100)
        .map(|n| {
            let body =
                json!({ "roomId": room.id, "clientId": Uuid::new_v4(), "content": n.to_string() });
            socket.emit_later("sendMessage", &body)
        })
        .collect::<Result<_>>()?;
    // The first answer shows that the server has begun with them.
    let mut answers = answers.into_iter();
    let first = answers.next().expect("there are some").await?;
    assert_eq!(first["ok"], json!(true));
    world.ask_server_to_end(0)?;
    socket.event("moving").await?;
    for answer in answers {
        assert_eq!(answer.await?["ok"], json!(true));
    }
    socket.disconnect().await;
    world.ended(0).await?;
    assert_eq!(world.sql("SELECT MAX(posts) FROM heads")?, [["100"]]);

    // What is soft is written once a second, and a last time at the end: several times, since that
    // second may be over.
    for round in 0..4 {
        world.start_server(0).await?;
        world.sql("UPDATE members SET read_seq = 0")?;
        let socket = world.connect(0, &ada).await?;
        let place = json!({ "roomId": room.id, "seq": 101 });
        socket.command::<Value>("read", &place).await?;
        let draft = format!("half a word {round}");
        let half = json!({ "roomId": room.id, "content": draft });
        socket.command::<Value>("draft", &half).await?;
        world.ask_server_to_end(0)?;
        socket.event("moving").await?;
        socket.disconnect().await;
        world.ended(0).await?;
        assert_eq!(world.soft_state(&ada)?, [["101", &draft]], "round {round}");
    }
    Ok(())
}
