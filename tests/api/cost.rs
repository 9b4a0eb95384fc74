//! Goal: what people wait for costs a fixed number of round trips to the database, however much is
//! there already. What that takes in time, the benchmarks say.
//! Method: a database server that keeps what it is asked, while one thing is done again and again.

use anyhow::{Result, ensure};
use chat_contract::wire::{Id, Message};
use harness::{Person, TIMEOUT, World, eventually};
use serde_json::json;
use uuid::Uuid;

/// Two people in a room in which something was said, and whose window is cached.
async fn talk(name: &str) -> Result<(World, [Person; 2], Id)> {
    let world = World::named(name).own_mysql().setting("CHAT_CACHE_WINDOW_TTL", "10m");
    let world = world.start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let room = ada.group(&[&bob]).await?.id;
    for n in 0..150 {
        ada.send(room, &n.to_string()).await?;
    }
    ada.history(room).await?;
    bob.history(room).await?;
    world.keep_statements()?;
    Ok((world, [ada, bob], room))
}

/// What was asked about this room for somebody who waits: not the read markers, which are written
/// once a second beside all that.
fn about(room: Id, statements: &[String]) -> Vec<&String> {
    let number = room.0.to_string();
    let of_the_room = |one: &&String| one.contains(&number) || one.contains("FROM heads h JOIN");
    statements.iter().filter(of_the_room).filter(|one| !one.contains("read_ordinal")).collect()
}

#[tokio::test]
async fn a_send_is_one_round_trip_and_many_at_once_are_fewer() -> Result<()> {
    let (world, [ada, _bob], room) = talk("cost-send").await?;
    for n in 0..20 {
        ada.send(room, &format!("one after the other {n}")).await?;
        let asked = world.statements()?;
        let asked = about(room, &asked);
        ensure!(asked.len() == 1, "send {n}: {asked:#?}");
        ensure!(asked[0].contains("INSERT INTO messages"), "send {n}: {asked:#?}");
    }
    let socket = world.connect(0, &ada).await?;
    let answers = (0..100).map(|n| {
        let content = format!("at once {n}");
        let body = json!({ "roomId": room, "clientId": Uuid::new_v4(), "content": content });
        socket.emit_later("sendMessage", &body)
    });
    for answer in answers.collect::<Result<Vec<_>>>()? {
        ensure!(answer.await?["ok"] == json!(true));
    }
    let asked = world.statements()?;
    let writes = about(room, &asked);
    let writes = writes.iter().filter(|one| one.contains("INSERT INTO messages")).count();
    ensure!((1..=50).contains(&writes), "{writes} transactions for a hundred messages");
    Ok(())
}

#[tokio::test]
async fn a_conversation_opens_with_one_round_trip_and_no_message_is_read() -> Result<()> {
    let (world, people, room) = talk("cost-open").await?;
    let window = format!("room:{room}:recent");
    for n in 0..10 {
        // Also right after somebody wrote.
        let sent = people[n % 2].send(room, &format!("hello {n}")).await?;
        eventually("it is in the cache", TIMEOUT, async || {
            ensure!(world.redis(&["LINDEX", &window, "0"])?.contains(&sent.content));
            Ok(())
        })
        .await?;
        for person in &people {
            world.statements()?;
            let page = person.history(room).await?;
            let asked = world.statements()?;
            ensure!(page.messages.last() == Some(&sent), "{:?}", page.messages.last());
            let asked = about(room, &asked);
            ensure!(asked.len() == 1, "opened for the {n}th time: {asked:#?}");
            ensure!(!asked[0].contains("messages"), "{asked:#?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_reaction_is_two_round_trips_however_many_there_are() -> Result<()> {
    let (world, people, room) = talk("cost-react").await?;
    let said = people[0].send(room, "what do you say?").await?;
    // Who writes the sender's read marker locks the room for a moment.
    let marker = format!(
        "SELECT read_seq FROM members WHERE room_id = {} AND user_id = {}",
        room.0,
        people[0].id().0
    );
    eventually("the marker is written", TIMEOUT, async || {
        let marker = world.sql(&marker)?;
        ensure!(marker == [[said.seq.to_string()]], "{marker:?}");
        Ok(())
    })
    .await?;
    for (n, emoji) in ["%F0%9F%91%8D", "%F0%9F%8E%89", "%F0%9F%91%80"].iter().enumerate() {
        for person in &people {
            for on in [true, false, true] {
                let path = format!("/api/messages/{}/reactions/{emoji}", said.id);
                world.statements()?;
                let changed: Message = if on {
                    person.api.put(&path, &json!({})).await?
                } else {
                    person.api.delete(&path).await?
                };
                let asked = world.statements()?;
                ensure!(changed.changed_seq > said.seq, "{changed:?}");
                let asked = about(room, &asked);
                ensure!(asked.len() == 2, "reaction {n}: {asked:#?}");
            }
        }
    }
    Ok(())
}
