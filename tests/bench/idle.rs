//! Memory of an idle connection: signed in, in 20 rooms.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use anyhow::Result;
use futures_util::{StreamExt as _, stream};
use harness::{Socket, World, usage};
use tokio::runtime::Runtime;

use crate::{
    benchmark::{Benchmark, Setup},
    client::Client,
    report::{Bar, Figures},
    seed,
};

const ROOMS_EACH: u64 = 20;
/// Members of each room.
const MEMBERS: u64 = 50;

/// What 10,000 connections add to the server's memory.
pub(crate) const IDLE: Benchmark = Benchmark {
    name: "idle",
    runs: 3,
    bars: &[("kilobytes_per_connection", Bar::AtMost(24.0))],
    run: |setup| Runtime::new()?.block_on(plain(setup)),
};

/// What 2,000 connections add to a server that speaks HTTPS itself.
pub(crate) const IDLE_HTTPS: Benchmark = Benchmark {
    name: "idle-https",
    runs: 3,
    bars: &[],
    run: |setup| Runtime::new()?.block_on(encrypted(setup)),
};

async fn plain(setup: &Setup) -> Result<Figures> {
    let world = setup.world("idle").start().await?;
    let url = world.url(0);
    let connect = async |token: String| {
        let mut client = Client::connect(&url, &token).await?;
        client.wait_for("42[\"heads\"").await?;
        Ok(client)
    };
    added(setup, &world, setup.size(10_000, 4_000), connect).await
}

async fn encrypted(setup: &Setup) -> Result<Figures> {
    let world = setup.world("idle-https").https().setting("CHAT_LOG", "error").start().await?;
    let (url, authority) = (world.url(0), world.https()?.authority());
    let connect = async |token: String| {
        let socket = Socket::connect_believing(&url, &token, Some(&authority)).await?;
        socket.event("heads").await?;
        Ok(socket)
    };
    // Each of them costs the client as much as the server.
    added(setup, &world, setup.size(2_000, 1_000), connect).await
}

/// What so many connections add.
async fn added<C>(
    setup: &Setup,
    world: &World,
    connections: u64,
    connect: impl AsyncFn(String) -> Result<C>,
) -> Result<Figures> {
    seed::people(world, connections)?;
    let count = connections * ROOMS_EACH / MEMBERS;
    let rooms: Vec<_> = (0..count)
        .map(|room| {
            // Spread, so that people who share one room do not share all.
            let members = (0..MEMBERS)
                .map(|n| 1 + (room * 7 + n * count.div_ceil(7) * 3 + n * 13) % connections);
            let members: BTreeSet<u64> = members.collect();
            (1_000_000 + room, members.into_iter().collect())
        })
        .collect();
    seed::rooms(world, &rooms)?;
    let before = held(world)?;
    let began = Instant::now();
    let clients: Vec<Result<C>> = stream::iter(1..=connections)
        .map(|user| connect(seed::token(user)))
        .buffer_unordered(64)
        .collect()
        .await;
    let clients: Vec<C> = clients.into_iter().collect::<Result<_>>()?;
    let seconds = began.elapsed().as_secs_f64();
    tokio::time::sleep(Duration::from_secs(setup.size(5, 2))).await;
    let after = held(world)?;
    let each = |n: usize| (after[n] - before[n]) / clients.len() as f64;
    Ok(Figures::from([
        ("kilobytes_per_connection", each(0)),
        ("own_kilobytes_per_connection", each(1)),
        ("connections", clients.len() as f64),
        ("connections_per_second", clients.len() as f64 / seconds),
    ]))
}

/// Kilobytes of memory that the server holds: with what it has read of its program, and without,
/// which does not depend on who read it before.
fn held(world: &World) -> Result<[f64; 2]> {
    let process = world.server_process(0)?;
    let kilobytes = |line| usage::kibibytes(process, line).map(|kib| kib as f64 * 1.024);
    Ok([kilobytes("VmRSS")?, kilobytes("RssAnon")?])
}
