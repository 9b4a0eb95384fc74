//! Proofs that take longer than a test may: order over ten thousand rounds, a server killed under
//! load, Redis unavailable under load. They measure too, but above all they fail where a promise
//! breaks.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use futures_util::future::try_join_all;
use harness::World;
use tokio::time::Instant;

use crate::{
    benchmark::{Benchmark, Setup},
    client::{Client, Incoming, look},
    report::{Bar, Figures, Latencies},
    seed,
};

const ROUNDS: u64 = 10_000;
const ROOM: u64 = 9_001;

/// Two servers, two senders at once: rounds in which two receivers saw different orders.
pub(crate) const ORDER: Benchmark = Benchmark {
    name: "order",
    runs: 1,
    bars: &[("rounds_that_differ", Bar::AtMost(0.0))],
    run: order,
};

fn order(setup: &Setup) -> Result<Figures> {
    tokio::runtime::Runtime::new()?.block_on(async {
        let world = setup.world("order").servers(2).start().await?;
        seed::people(&world, 4)?;
        seed::rooms(&world, &[(ROOM, vec![1, 2, 3, 4])])?;
        let receivers = [0, 1].map(|n| tokio::spawn(contents(world.url(n), 3 + n as u64)));
        let barrier = Arc::new(tokio::sync::Barrier::new(2));
        let senders =
            [0, 1].map(|n| tokio::spawn(in_rounds(world.url(n), 1 + n as u64, barrier.clone())));
        for sender in senders {
            sender.await??;
        }
        let mut orders = Vec::new();
        for receiver in receivers {
            orders.push(receiver.await??);
        }
        let differ = orders[0].chunks(2).zip(orders[1].chunks(2)).filter(|(a, b)| a != b).count();
        Ok(Figures::from([("rounds", ROUNDS as f64), ("rounds_that_differ", differ as f64)]))
    })
}

async fn in_rounds(url: String, user: u64, barrier: Arc<tokio::sync::Barrier>) -> Result<()> {
    let mut client = Client::connect(&url, &seed::token(user)).await?;
    client.wait_for("42[\"heads\"").await?;
    for round in 0..ROUNDS {
        barrier.wait().await;
        client.push(&packet(round, &format!("{user}:{round}")));
        client.flush().await?;
        client.wait_for(&format!("43{round}[{{\"ok\":true")).await?;
    }
    Ok(())
}

/// The texts of all messages, in the order in which they came, without a gap.
async fn contents(url: String, user: u64) -> Result<Vec<String>> {
    let mut client = Client::connect(&url, &seed::token(user)).await?;
    client.wait_for("42[\"heads\"").await?;
    let (mut cursor, mut texts) = (0, Vec::new());
    while cursor < ROUNDS * 2 {
        client.fill().await?;
        while let Some(text) = client.next() {
            if let Incoming::Messages(after, up_to, json) = look(text) {
                ensure!(after == cursor, "after {cursor} came what follows {after}");
                cursor = up_to;
                texts.extend(texts_of(json));
            }
        }
        client.flush().await?;
    }
    Ok(texts)
}

fn texts_of(json: &str) -> Vec<String> {
    json.split("\"content\":\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next().map(str::to_owned))
        .collect()
}

fn packet(id: u64, content: &str) -> String {
    let (room, client_id) = (seed::room_id(ROOM), uuid::Uuid::now_v7());
    format!(
        r#"42{id}["sendMessage",{{"roomId":"{room}","clientId":"{client_id}","content":"{content}"}}]"#
    )
}

/// Sends in a second while a server is killed.
const CRASH_RATE: u64 = 2_000;
const CRASH_SENDERS: u64 = 50;
const CRASH_SECONDS: u64 = 10;

/// kill -9 of a server under 2,000 sends a second.
pub(crate) const CRASH: Benchmark = Benchmark {
    name: "crash",
    runs: 1,
    bars: &[
        ("lost", Bar::AtMost(0.0)),
        ("double", Bar::AtMost(0.0)),
        ("out_of_order", Bar::AtMost(0.0)),
        ("back_after_s", Bar::AtMost(2.0)),
    ],
    run: crash,
};

fn crash(setup: &Setup) -> Result<Figures> {
    tokio::runtime::Runtime::new()?.block_on(async {
        let world = setup.world("crash").servers(2).start().await?;
        seed::people(&world, CRASH_SENDERS)?;
        seed::rooms(&world, &[(ROOM, (1..=CRASH_SENDERS).collect())])?;
        let urls = [world.url(0), world.url(1)];
        let start = Instant::now() + Duration::from_secs(1);
        let senders: Vec<_> = (1..=CRASH_SENDERS)
            .map(|user| tokio::spawn(survivor(urls.clone(), user, start)))
            .collect();
        tokio::time::sleep_until(start + Duration::from_secs(CRASH_SECONDS / 2)).await;
        let process = i32::try_from(world.server_process(0)?)?;
        let killed = Instant::now();
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(process), nix::sys::signal::SIGKILL)?;
        let mut acked = BTreeMap::new();
        let mut back = Duration::ZERO;
        for survivor in try_join_all(senders).await? {
            let (mine, returned) = survivor?;
            acked.extend(mine);
            back = back.max(returned.saturating_duration_since(killed));
        }
        check_stored(&world, &acked, back)
    })
}

fn check_stored(world: &World, acked: &BTreeMap<String, u64>, back: Duration) -> Result<Figures> {
    let rows = world
        .sql(&format!("SELECT content, seq FROM messages WHERE room_id = {ROOM} ORDER BY seq"))?;
    let mut seen = HashSet::new();
    let mut newest: BTreeMap<&str, u64> = BTreeMap::new();
    let (mut double, mut out_of_order) = (0, 0);
    for row in &rows {
        double += usize::from(!seen.insert(row[0].as_str()));
        let (user, number) = row[0].split_once(':').context("a text of ours")?;
        let number: u64 = number.parse()?;
        out_of_order +=
            usize::from(newest.insert(user, number).is_some_and(|before| before >= number));
    }
    let stored: BTreeMap<&str, &str> =
        rows.iter().map(|row| (row[0].as_str(), row[1].as_str())).collect();
    let lost = acked
        .iter()
        .filter(|(text, seq)| stored.get(text.as_str()) != Some(&seq.to_string().as_str()));
    Ok(Figures::from([
        ("acknowledged", acked.len() as f64),
        ("lost", lost.count() as f64),
        ("double", double as f64),
        ("out_of_order", out_of_order as f64),
        ("back_after_s", back.as_secs_f64()),
    ]))
}

/// Sends at its rate; when the connection is lost it connects to the other server and sends what
/// was not acknowledged again, with the same ids. Gives what was acknowledged, and when the first
/// acknowledgement came after the loss.
async fn survivor(
    urls: [String; 2],
    user: u64,
    start: Instant,
) -> Result<(BTreeMap<String, u64>, Instant)> {
    let every = Duration::from_secs(CRASH_SENDERS).div_f64(CRASH_RATE as f64);
    let all = CRASH_RATE * CRASH_SECONDS / CRASH_SENDERS;
    let packets: Vec<String> = (0..all).map(|n| packet(n, &format!("{user}:{n}"))).collect();
    let mut acked = BTreeMap::new();
    let (mut done, mut back) = (0, start);
    for (place, url) in urls.iter().enumerate() {
        let ended =
            one_connection(url, user, (start, every), &packets, &mut acked, &mut done, &mut back)
                .await;
        match ended {
            Ok(()) => return Ok((acked, back)),
            Err(_) if place == 0 => back = start,
            Err(error) => return Err(error),
        }
    }
    bail!("no server is left")
}

async fn one_connection(
    url: &str,
    user: u64,
    (start, every): (Instant, Duration),
    packets: &[String],
    acked: &mut BTreeMap<String, u64>,
    done: &mut usize,
    back: &mut Instant,
) -> Result<()> {
    let mut client = Client::connect(url, &seed::token(user)).await?;
    client.wait_for("42[\"heads\"").await?;
    let mut sent = *done;
    while *done < packets.len() {
        let due = start + every.mul_f64(sent as f64);
        tokio::select! {
            () = tokio::time::sleep_until(due), if sent < packets.len() => {
                client.push(&packets[sent]);
                sent += 1;
                client.flush().await?;
            }
            filled = client.fill() => {
                filled?;
                while let Some(text) = client.next() {
                    if let Incoming::Ack(id, ok) = look(text) {
                        ensure!(ok, "refused: {text}");
                        let seq = text.split("\"seq\":").nth(1).and_then(|rest| rest.split(',').next());
                        acked.insert(format!("{user}:{id}"), seq.context("no seq")?.parse()?);
                        *done += 1;
                        if *back == start {
                            *back = Instant::now();
                        }
                    }
                }
                client.flush().await?;
            }
        }
    }
    Ok(())
}

const OUTAGE: Duration = Duration::from_secs(20);
const OUTAGE_RATE: u64 = 200;
const OUTAGE_SECONDS: u64 = 26;

/// Redis stopped for 20 seconds under load.
pub(crate) const OUTAGE_OF_REDIS: Benchmark = Benchmark {
    name: "outage",
    runs: 1,
    bars: &[
        ("refused", Bar::AtMost(0.0)),
        ("same_server_p99_ms", Bar::AtMost(50.0)),
        ("complete_after_s", Bar::AtMost(3.0)),
    ],
    run: outage,
};

fn outage(setup: &Setup) -> Result<Figures> {
    tokio::runtime::Runtime::new()?.block_on(async {
        let world = setup.world("outage").servers(2).setting("CHAT_LOG", "error");
        let mut world = world.start().await?;
        seed::people(&world, 3)?;
        seed::rooms(&world, &[(ROOM, vec![1, 2, 3])])?;
        let all = OUTAGE_RATE * OUTAGE_SECONDS;
        let start = Instant::now() + Duration::from_secs(1);
        let refused = Arc::new(AtomicUsize::new(0));
        let there = Arc::new(AtomicU64::new(0));
        let sender = tokio::spawn(steady(world.url(0), all, start, refused.clone()));
        let here = tokio::spawn(complete(world.url(0), 2, all, start, Arc::default()));
        let other = tokio::spawn(complete(world.url(1), 3, all, start, there.clone()));
        tokio::time::sleep_until(start + Duration::from_secs(2)).await;
        world.stop_redis().await?;
        tokio::time::sleep(OUTAGE).await;
        world.start_redis().await?;
        let returned = Instant::now();
        let due = (returned - start).as_secs_f64() * OUTAGE_RATE as f64;
        while (there.load(Ordering::Relaxed) as f64) < due {
            tokio::time::sleep(Duration::from_millis(5)).await;
            ensure!(returned.elapsed() < Duration::from_secs(30), "the other server stays behind");
        }
        let complete_after = returned.elapsed().as_secs_f64();
        sender.await??;
        let (same, other) = (here.await??, other.await??);
        Ok(Figures::from([
            ("refused", refused.load(Ordering::Relaxed) as f64),
            ("same_server_p99_ms", same.ms(99.0)),
            ("other_server_max_ms", other.ms(100.0)),
            ("complete_after_s", complete_after),
        ]))
    })
}

async fn steady(url: String, all: u64, start: Instant, refused: Arc<AtomicUsize>) -> Result<()> {
    let mut client = Client::connect(&url, &seed::token(1)).await?;
    client.wait_for("42[\"heads\"").await?;
    let every = Duration::from_secs(1).div_f64(OUTAGE_RATE as f64);
    let (mut sent, mut answered) = (0, 0);
    while answered < all {
        tokio::select! {
            () = tokio::time::sleep_until(start + every.mul_f64(sent as f64)), if sent < all => {
                client.push(&packet(sent, &sent.to_string()));
                sent += 1;
                client.flush().await?;
            }
            filled = client.fill() => {
                filled?;
                while let Some(text) = client.next() {
                    if let Incoming::Ack(_, ok) = look(text) {
                        answered += 1;
                        refused.fetch_add(usize::from(!ok), Ordering::Relaxed);
                    }
                }
                client.flush().await?;
            }
        }
    }
    Ok(())
}

/// Follows the room without a gap; returns its cursor.
async fn complete(
    url: String,
    user: u64,
    all: u64,
    start: Instant,
    at: Arc<AtomicU64>,
) -> Result<Latencies> {
    let mut client = Client::connect(&url, &seed::token(user)).await?;
    client.wait_for("42[\"heads\"").await?;
    let every = Duration::from_secs(1).div_f64(OUTAGE_RATE as f64);
    let mut latencies = Latencies::new()?;
    let mut cursor = 0;
    while cursor < all {
        client.fill().await?;
        while let Some(text) = client.next() {
            if let Incoming::Messages(after, up_to, _) = look(text) {
                ensure!(after == cursor, "after {cursor} came what follows {after}");
                for n in after..up_to {
                    latencies.add((start + every.mul_f64(n as f64)).elapsed());
                }
                cursor = up_to;
                at.store(cursor, Ordering::Relaxed);
            }
        }
        client.flush().await?;
    }
    Ok(latencies)
}
