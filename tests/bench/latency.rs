//! Latency at 1,000 sends a second, open loop: measured from the time at which each send was due,
//! so that a stall counts for everything that it held up.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::{sync::mpsc, time::Instant};

use crate::{
    benchmark::{Benchmark, Setup},
    client::{Client, Incoming, look},
    pace::Pace,
    report::{Bar, Figures, Latencies},
    seed, sends,
};

/// Sockets that send, each to a room of its own; in the room a receiver on the other server.
const PAIRS: u64 = 20;
/// Sends of one socket in a second.
const RATE: u64 = 50;

/// From the send to the acknowledgement, and to a receiver on another server.
pub(crate) const LATENCY: Benchmark = Benchmark {
    name: "latency",
    runs: 3,
    bars: &[
        ("ack_p50_ms", Bar::AtMost(2.0)),
        ("ack_p99_ms", Bar::AtMost(10.0)),
        ("other_server_p50_ms", Bar::AtMost(3.0)),
        ("other_server_p99_ms", Bar::AtMost(15.0)),
    ],
    run,
};

fn run(setup: &Setup) -> Result<Figures> {
    let each = RATE * setup.size(8, 15);
    tokio::runtime::Runtime::new()?.block_on(async {
        let world = setup.world("latency").servers(2).start().await?;
        seed::people(&world, PAIRS * 2)?;
        let rooms: Vec<_> = (1..=PAIRS).map(|n| (1_000 + n, vec![n, n + PAIRS])).collect();
        seed::rooms(&world, &rooms)?;
        let start = Instant::now() + Duration::from_secs(1);
        let mut tasks = Vec::new();
        for n in 1..=PAIRS {
            let (started, due) = mpsc::unbounded_channel();
            let room = seed::room_id(1_000 + n);
            tasks.push(tokio::spawn(receiver(world.url(1), n + PAIRS, each, due)));
            // Spread over time, like the sends of people.
            let pace = Pace {
                start: start + Duration::from_micros(1_000_000 / RATE / PAIRS * n),
                every: Duration::from_micros(1_000_000 / RATE),
                count: each,
            };
            tasks.push(tokio::spawn(sender(world.url(0), n, room, pace, started)));
        }
        let (mut acks, mut other) = (Latencies::new()?, Latencies::new()?);
        for (place, task) in tasks.into_iter().enumerate() {
            let latencies = task.await??;
            if place % 2 == 0 { &mut other } else { &mut acks }.merge(&latencies)?;
        }
        let expected = PAIRS * each;
        if acks.count() != expected || other.count() != expected {
            bail!("{} acknowledged and {} received of {expected}", acks.count(), other.count());
        }
        Ok(Figures::from([
            ("ack_p50_ms", acks.ms(50.0)),
            ("ack_p99_ms", acks.ms(99.0)),
            ("other_server_p50_ms", other.ms(50.0)),
            ("other_server_p99_ms", other.ms(99.0)),
        ]))
    })
}

async fn sender(
    url: String,
    user: u64,
    room: String,
    pace: Pace,
    started: mpsc::UnboundedSender<Instant>,
) -> Result<Latencies> {
    let mut client = Client::connect(&url, &seed::token(user)).await?;
    client.wait_for("42[\"heads\"").await?;
    let mut latencies = Latencies::new()?;
    let mut turns = pace.turns();
    while latencies.count() < pace.count {
        tokio::select! {
            Some(turn) = turns.recv() => {
                client.push(&sends::packet(turn, &room));
                started.send(pace.due(turn)).ok().context("the receiver is gone")?;
                client.flush().await?;
            }
            filled = client.fill() => {
                filled?;
                while let Some(text) = client.next() {
                    if let Incoming::Ack(id, ok) = look(text) {
                        if !ok {
                            bail!("refused: {text}");
                        }
                        latencies.add(pace.due(id).elapsed());
                    }
                }
                client.flush().await?;
            }
        }
    }
    Ok(latencies)
}

/// Each message that comes is the oldest of those that are under way: the order holds.
async fn receiver(
    url: String,
    user: u64,
    count: u64,
    mut due: mpsc::UnboundedReceiver<Instant>,
) -> Result<Latencies> {
    let mut client = Client::connect(&url, &seed::token(user)).await?;
    client.wait_for("42[\"heads\"").await?;
    let mut latencies = Latencies::new()?;
    while latencies.count() < count {
        client.fill().await?;
        while let Some(text) = client.next() {
            if let Incoming::Messages(after, up_to, _) = look(text) {
                for _ in after..up_to {
                    latencies.add(due.recv().await.context("more came than was sent")?.elapsed());
                }
            }
        }
        client.flush().await?;
    }
    Ok(latencies)
}
