//! Opening a conversation, and reacting, at a steady rate, open loop.

use std::time::Duration;

use anyhow::{Result, bail};
use harness::http;
use tokio::time::Instant;

use crate::{
    benchmark::{Benchmark, Setup},
    client::{Client, Incoming, look},
    pace::Pace,
    report::{Bar, Figures, Latencies},
    seed,
};

const ROOMS: u64 = 50;
const MESSAGES: u64 = 200;
/// Openings in a second.
const OPENINGS: u64 = 1_000;
/// Reactions in a second.
const REACTIONS: u64 = 200;
/// Connections that share the openings.
const READERS: u64 = 16;

/// Opening a conversation of 50 messages, warm; and a reaction, from the send to its answer.
pub(crate) const OPEN: Benchmark = Benchmark {
    name: "open",
    runs: 3,
    bars: &[("open_p99_ms", Bar::AtMost(5.0)), ("reaction_p99_ms", Bar::AtMost(10.0))],
    run,
};

fn run(setup: &Setup) -> Result<Figures> {
    let seconds = setup.size(5, 10);
    tokio::runtime::Runtime::new()?.block_on(async {
        let world = setup.world("open").start().await?;
        seed::people(&world, 2)?;
        let rooms: Vec<_> = (1..=ROOMS).map(|room| (3_000 + room, vec![1, 2])).collect();
        seed::rooms(&world, &rooms)?;
        for (room, _) in &rooms {
            seed::messages(&world, *room, 1, MESSAGES)?;
        }
        let client = http::client().build()?;
        // Warm: every room was opened, and every connection is there.
        open_all(&client, &world.url(0), OPENINGS).await?;
        let open = open_all(&client, &world.url(0), OPENINGS * seconds).await?;
        let reactions = react(&world.url(0), seconds).await?;
        Ok(Figures::from([
            ("open_p50_ms", open.ms(50.0)),
            ("open_p99_ms", open.ms(99.0)),
            ("reaction_p50_ms", reactions.ms(50.0)),
            ("reaction_p99_ms", reactions.ms(99.0)),
        ]))
    })
}

/// So many openings, by all readers together.
async fn open_all(client: &reqwest::Client, url: &str, all: u64) -> Result<Latencies> {
    let start = Instant::now() + Duration::from_millis(200);
    let mut tasks = Vec::new();
    for reader in 0..READERS {
        let pace = Pace {
            start: start + Duration::from_micros(1_000_000 / OPENINGS * reader),
            every: Duration::from_micros(1_000_000 / OPENINGS * READERS),
            count: (all - reader).div_ceil(READERS),
        };
        tasks.push(tokio::spawn(read(client.clone(), url.to_owned(), reader, pace)));
    }
    let mut latencies = Latencies::new()?;
    for task in tasks {
        latencies.merge(&task.await??)?;
    }
    Ok(latencies)
}

/// One reader's share of the openings, each at its time.
async fn read(client: reqwest::Client, url: String, reader: u64, pace: Pace) -> Result<Latencies> {
    let mut latencies = Latencies::new()?;
    let token = seed::token(2);
    let mut turns = pace.turns();
    while let Some(turn) = turns.recv().await {
        let room = seed::room_id(3_001 + (reader + turn * READERS) % ROOMS);
        let address = format!("{url}/api/rooms/{room}/messages?limit=50");
        let answer = client.get(address).bearer_auth(&token).send().await?;
        let text = answer.error_for_status()?.text().await?;
        latencies.add(pace.due(turn).elapsed());
        if !text.contains("\"messages\":[{") {
            bail!("an empty page: {text}");
        }
    }
    Ok(latencies)
}

async fn react(url: &str, seconds: u64) -> Result<Latencies> {
    let mut client = Client::connect(url, &seed::token(2)).await?;
    client.wait_for("42[\"heads\"").await?;
    let mut latencies = Latencies::new()?;
    let every = Duration::from_micros(1_000_000 / REACTIONS);
    let pace = Pace { start: Instant::now(), every, count: REACTIONS * seconds };
    let mut turns = pace.turns();
    while latencies.count() < pace.count {
        tokio::select! {
            Some(turn) = turns.recv() => {
                let (room, seq) = (seed::room_id(3_001 + turn % ROOMS), 1 + turn / ROOMS % MESSAGES);
                client.push(&format!(r#"42{turn}["react",{{"id":"{room}-{seq}","emoji":"👍"}}]"#));
                client.flush().await?;
            }
            filled = client.fill() => {
                filled?;
                while let Some(text) = client.next() {
                    match look(text) {
                        Incoming::Ack(id, true) => latencies.add(pace.due(id).elapsed()),
                        Incoming::Ack(_, false) => bail!("refused: {text}"),
                        _ => {}
                    }
                }
                client.flush().await?;
            }
        }
    }
    Ok(latencies)
}
