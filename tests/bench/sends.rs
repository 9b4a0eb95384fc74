//! Durable sends: how many are acknowledged in a second, over many rooms and in a single one.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use futures_util::future::try_join_all;

use crate::{
    bare,
    benchmark::{Benchmark, Setup},
    client::{Client, Incoming, look},
    report::{Bar, Figures},
    seed,
};

/// Sockets that send.
const SENDERS: u64 = 64;
/// Sends that one socket has under way.
const WINDOW: u64 = 32;

/// Over 1,000 rooms.
pub(crate) const MANY_ROOMS: Benchmark = Benchmark {
    name: "sends",
    runs: 3,
    bars: &[("acks_per_second", Bar::AtLeast(15_000.0)), ("of_bare_loop", Bar::AtLeast(0.5))],
    run: |setup| run(setup, 1_000),
};

/// In a single room.
pub(crate) const ONE_ROOM: Benchmark = Benchmark {
    name: "sends-one-room",
    runs: 3,
    bars: &[("acks_per_second", Bar::AtLeast(8_000.0))],
    run: |setup| run(setup, 1),
};

fn run(setup: &Setup, rooms: u64) -> Result<Figures> {
    let seconds = setup.size(5, 4);
    tokio::runtime::Runtime::new()?.block_on(async {
        let world = setup.world("sends").start().await?;
        seed::people(&world, SENDERS)?;
        let ids: Vec<u64> = (1..=rooms).map(|room| room + 1_000_000).collect();
        let plan: Vec<_> = if rooms == 1 {
            vec![(ids[0], (1..=SENDERS).collect())]
        } else {
            ids.iter().map(|room| (*room, vec![1 + room % SENDERS])).collect()
        };
        seed::rooms(&world, &plan)?;
        let mut figures = Figures::new();
        let url = world.url(0);
        let until = Instant::now() + Duration::from_secs(seconds);
        let senders = (1..=SENDERS).map(|user| {
            let mine: Vec<String> = plan
                .iter()
                .filter(|(_, members)| members.contains(&user))
                .map(|(room, _)| seed::room_id(*room))
                .collect();
            tokio::spawn(sender(url.clone(), user, mine, until))
        });
        let mut acks = 0;
        for result in try_join_all(senders).await? {
            acks += result?;
        }
        let stored: u64 = world.sql("SELECT SUM(posts) FROM heads")?[0][0].parse()?;
        if stored < acks {
            bail!("{acks} were acknowledged and {stored} are stored");
        }
        let per_second = acks as f64 / seconds as f64;
        figures.insert("acks_per_second", per_second);
        if rooms > 1 && !setup.is_paired() {
            let bare = bare::rows_per_second(&world, Duration::from_secs(3)).await?;
            figures.insert("bare_rows_per_second", bare);
            figures.insert("of_bare_loop", per_second / bare);
        }
        Ok(figures)
    })
}

/// The packet of a send.
pub(crate) fn packet(id: u64, room: &str) -> String {
    let client_id = uuid::Uuid::now_v7();
    let content = "m".repeat(128);
    format!(
        r#"42{id}["sendMessage",{{"roomId":"{room}","clientId":"{client_id}","content":"{content}"}}]"#
    )
}

/// Keeps a window of sends under way; gives the number of acknowledgements.
async fn sender(url: String, user: u64, rooms: Vec<String>, until: Instant) -> Result<u64> {
    let mut client = Client::connect(&url, &seed::token(user)).await?;
    client.wait_for("42[\"heads\"").await?;
    let (mut sent, mut acked) = (0_u64, 0_u64);
    let mut rooms = rooms.iter().cycle();
    loop {
        while sent - acked < WINDOW && Instant::now() < until {
            if let Some(room) = rooms.next() {
                client.push(&packet(sent, room));
            }
            sent += 1;
        }
        client.flush().await?;
        if sent == acked {
            return Ok(acked);
        }
        client.fill().await?;
        while let Some(text) = client.next() {
            match look(text) {
                Incoming::Ack(_, true) => acked += 1,
                Incoming::Ack(_, false) => bail!("refused: {text}"),
                _ => {}
            }
        }
    }
}
