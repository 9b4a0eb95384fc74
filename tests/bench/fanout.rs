//! Fan-out: deliveries in a second, with nothing lost and nothing out of order.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use futures_util::future::try_join_all;
use harness::usage;
use tokio::{
    sync::{Barrier, Semaphore},
    time::{Instant, sleep_until, timeout, timeout_at},
};

use crate::{
    benchmark::{Benchmark, Setup},
    client::{Client, Incoming, look, room_of},
    report::{Bar, Figures, Latencies},
    seed, sends,
};

/// Of the time in which messages are sent. Everything that is sent then must arrive, too, and in order; but a room that nobody
/// has written in is loaded with its first message, and a thousand at once are another question.
const WARM_UP: Duration = Duration::from_secs(1);
/// What was sent last has so long to arrive.
const GRACE: Duration = Duration::from_secs(10);
/// Who may connect at once: more than a listening socket has room for would measure the kernel.
const CONNECTING: usize = 512;
/// Everybody is in by then.
const CONNECTED: Duration = Duration::from_mins(1);

/// What is offered: a little more than what is asked for.
#[derive(Debug, Clone, Copy)]
struct Load {
    rooms: u64,
    members: u64,
    /// Sends in a second, over all rooms.
    rate: u64,
    seconds: u64,
}

/// When sending begins: a moment after everybody has come in, the same for all.
struct Start {
    door: Semaphore,
    all: Barrier,
    at: OnceLock<Instant>,
}

impl Start {
    fn new(clients: usize) -> Self {
        // Whoever counts waits with them.
        let all = Barrier::new(clients + 1);
        Self { door: Semaphore::new(CONNECTING), all, at: OnceLock::new() }
    }

    /// Comes in, and waits for the others.
    async fn enter(&self, url: &str, user: u64) -> Result<(Client, Instant)> {
        let turn = self.door.acquire().await?;
        let mut client = Client::connect(url, &seed::token(user)).await?;
        client.wait_for("42[\"heads\"").await?;
        drop(turn);
        Ok((client, self.wait().await?))
    }

    /// Waits until everybody is in, and says when sending begins.
    async fn wait(&self) -> Result<Instant> {
        timeout(CONNECTED, self.all.wait()).await.context("not everybody came in")?;
        Ok(*self.at.get_or_init(|| Instant::now() + Duration::from_secs(1)))
    }
}

/// One room of 1,000.
pub(crate) const LARGE_ROOM: Benchmark = Benchmark {
    name: "fanout-large-room",
    runs: 3,
    bars: &[("deliveries_per_second", Bar::AtLeast(800_000.0)), ("p99_ms", Bar::AtMost(250.0))],
    run: |setup| {
        let (rate, seconds) = (setup.size(850, 400), setup.size(10, 4));
        run(setup, Load { rooms: 1, members: 1_000, rate, seconds })
    },
};

/// 100 rooms of 50.
pub(crate) const SMALL_ROOMS: Benchmark = Benchmark {
    name: "fanout-small-rooms",
    runs: 3,
    bars: &[("deliveries_per_second", Bar::AtLeast(200_000.0)), ("p99_ms", Bar::AtMost(250.0))],
    run: |setup| {
        let (rooms, rate) = (setup.size(100, 40), setup.size(4_150, 1_200));
        run(setup, Load { rooms, members: 50, rate, seconds: setup.size(10, 4) })
    },
};

fn run(setup: &Setup, load: Load) -> Result<Figures> {
    tokio::runtime::Runtime::new()?.block_on(async {
        let world = setup.world("fanout").start().await?;
        let users = load.rooms * load.members;
        seed::people(&world, users + load.rooms)?;
        // Its sender is a member of each room too, and the first one of it.
        let rooms: Vec<_> = (0..load.rooms)
            .map(|room| {
                let mut members: Vec<u64> =
                    (1..=load.members).map(|n| room * load.members + n).collect();
                members.push(users + 1 + room);
                (2_000 + room, members)
            })
            .collect();
        seed::rooms(&world, &rooms)?;
        let url = world.url(0);
        let start = Arc::new(Start::new(usize::try_from(users + load.rooms)?));
        let each = load.rate * load.seconds / load.rooms;
        let receivers: Vec<_> = (1..=users)
            .map(|user| tokio::spawn(receiver(url.clone(), user, each, load, start.clone())))
            .collect();
        let senders: Vec<_> = (0..load.rooms)
            .map(|room| {
                let id = seed::room_id(2_000 + room);
                tokio::spawn(sender(url.clone(), users + 1 + room, id, each, load, start.clone()))
            })
            .collect();
        sleep_until(start.wait().await?).await;
        let cpu_before = usage::cpu_seconds(world.server_process(0)?)?;
        for sent in try_join_all(senders).await? {
            sent?;
        }
        let mut latencies = Latencies::new()?;
        let start = *start.at.get().context("nobody began")?;
        let mut last = start;
        // Nobody leaves before all have everything: a crowd that goes is work for the server.
        for received in try_join_all(receivers).await? {
            let (_client, these, end) = received?;
            latencies.merge(&these)?;
            last = last.max(end);
        }
        let cpu = usage::cpu_seconds(world.server_process(0)?)? - cpu_before;
        let (deliveries, seconds) = ((users * each) as f64, (last - start).as_secs_f64());
        Ok(Figures::from([
            ("deliveries_per_second", deliveries / seconds),
            ("deliveries_per_cpu_second", deliveries / cpu),
            ("p50_ms", latencies.ms(50.0)),
            ("p99_ms", latencies.ms(99.0)),
        ]))
    })
}

async fn sender(
    url: String,
    user: u64,
    room: String,
    count: u64,
    load: Load,
    start: Arc<Start>,
) -> Result<()> {
    let (mut client, start) = start.enter(&url, user).await?;
    let every = Duration::from_secs(1).mul_f64(load.rooms as f64 / load.rate as f64);
    let (mut sent, mut acked) = (0, 0);
    while acked < count {
        tokio::select! {
            () = sleep_until(start + every.mul_f64(sent as f64)), if sent < count => {
                while sent < count && Instant::now() >= start + every.mul_f64(sent as f64) {
                    client.push(&sends::packet(sent, &room));
                    sent += 1;
                }
                client.flush().await?;
            }
            filled = client.fill() => {
                filled?;
                while let Some(text) = client.next() {
                    match look(text) {
                        Incoming::Ack(_, true) => acked += 1,
                        Incoming::Ack(_, false) => bail!("refused: {text}"),
                        _ => {}
                    }
                }
                client.flush().await?;
            }
        }
    }
    Ok(())
}

/// Takes all messages of its room; a gap or a step back is an error. The latency of an event is
/// that of its oldest message: when it was due. The client comes back with them, still connected.
async fn receiver(
    url: String,
    user: u64,
    count: u64,
    load: Load,
    start: Arc<Start>,
) -> Result<(Client, Latencies, Instant)> {
    let (mut client, start) = start.enter(&url, user).await?;
    let sending = Duration::from_secs(load.seconds);
    let end = start + sending + GRACE;
    let mut latencies = Latencies::new()?;
    let every = sending.div_f64(count as f64);
    let mut cursors: HashMap<String, u64> = HashMap::new();
    let mut seen = 0;
    while seen < count {
        timeout_at(end, client.fill())
            .await
            .with_context(|| format!("user {user} has {seen} of {count}: {cursors:?}"))??;
        while let Some(text) = client.next() {
            match look(text) {
                Incoming::Messages(after, up_to, json) => {
                    let cursor = cursors.entry(room_of(json).to_owned()).or_default();
                    if *cursor != after {
                        bail!("after {cursor} came what follows {after}");
                    }
                    *cursor = up_to;
                    let now = Instant::now();
                    for due in (after..up_to).map(|n| every.mul_f64(n as f64)) {
                        if due >= WARM_UP {
                            latencies.add(now.saturating_duration_since(start + due));
                        }
                    }
                    seen += up_to - after;
                }
                Incoming::Other(text) if text.starts_with("42[\"resync\"") => {
                    bail!("left out: {text}")
                }
                _ => {}
            }
        }
        client.flush().await?;
    }
    Ok((client, latencies, Instant::now()))
}
