//! Memory of an idle connection: signed in, in 20 rooms.

use std::time::Duration;

use anyhow::{Context as _, Result};
use futures_util::{StreamExt as _, stream};
use harness::World;

use crate::{
    client::Client,
    report::{Bar, Figures, measure},
    seed,
};

const CONNECTIONS: u64 = 10_000;
const ROOMS_EACH: u64 = 20;
/// Members of each room.
const MEMBERS: u64 = 50;

/// What 10,000 connections add to the server's memory.
pub(crate) fn idle() -> Result<()> {
    measure("idle", &[("kilobytes_per_connection", Bar::AtMost(24.0))], run)
}

fn run() -> Result<Figures> {
    tokio::runtime::Runtime::new()?.block_on(async {
        let world = World::named("idle").setting("CHAT_LOG", "warn").start().await?;
        seed::people(&world, CONNECTIONS)?;
        let count = CONNECTIONS * ROOMS_EACH / MEMBERS;
        let rooms: Vec<_> = (0..count)
            .map(|room| {
                // Spread, so that people who share one room do not share all.
                let members = (0..MEMBERS)
                    .map(|n| 1 + (room * 7 + n * count.div_ceil(7) * 3 + n * 13) % CONNECTIONS);
                let members: std::collections::BTreeSet<u64> = members.collect();
                (1_000_000 + room, members.into_iter().collect())
            })
            .collect();
        seed::rooms(&world, &rooms)?;
        let before = resident(&world)?;
        let url = world.url(0);
        let clients: Vec<Result<Client>> = stream::iter(1..=CONNECTIONS)
            .map(|user| {
                let url = url.clone();
                async move {
                    let mut client = Client::connect(&url, &seed::token(user)).await?;
                    client.wait_for("42[\"heads\"").await?;
                    Ok(client)
                }
            })
            .buffer_unordered(64)
            .collect()
            .await;
        let clients: Vec<Client> = clients.into_iter().collect::<Result<_>>()?;
        tokio::time::sleep(Duration::from_secs(5)).await;
        let after = resident(&world)?;
        let kilobytes = (after - before) / clients.len() as f64 / 1_000.0;
        Ok(Figures::from([
            ("kilobytes_per_connection", kilobytes),
            ("connections", clients.len() as f64),
        ]))
    })
}

/// Bytes of memory that the server holds.
fn resident(world: &World) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", world.server_process(0)?))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").trim().parse()?;
    Ok(kilobytes * 1_024.0)
}
