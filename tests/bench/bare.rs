//! The bare loop: the committer's own SQL in batches of 256, with nothing around it.

use std::time::{Duration, Instant};

use anyhow::Result;
use chat_domain::{
    change::{Head, NewHead, Plan, Wanted},
    id::{RoomId, UserId},
    message::Message,
};
use chat_server::mysql::Store;
use harness::World;

const BATCH: u64 = 256;
const ROOMS: u64 = 1_000;

/// Rows that one connection commits in a second, in the cheapest way that the committer has: it
/// knows the rooms' counters, and only has them confirmed.
pub(crate) async fn rows_per_second(world: &World, time: Duration) -> Result<f64> {
    let mut connection = Store::new(world.database_url(), 1)?.connect().await?;
    let rooms: Vec<_> = (0..ROOMS).map(|n| RoomId(1_000_001 + n)).collect();
    let members = vec![(rooms[0], UserId(1))];
    let wanted = Wanted { rooms, members, wait: true, ..Wanted::default() };
    let mut heads = connection.load(&wanted).await?.heads;
    connection.release().await?;
    let began = Instant::now();
    let mut rows = 0_u64;
    while began.elapsed() < time {
        let mut plan = Plan::default();
        for n in 0..BATCH {
            let room = RoomId(1_000_001 + (rows + n) % ROOMS);
            let Some(Some(head)) = heads.get_mut(&room) else { continue };
            let before = *head;
            (head.head, head.posts) = (before.head + 1, before.posts + 1);
            plan.inserts.push((message(room, UserId(1 + room.0 % 64), *head), Some(1)));
            plan.heads.push(NewHead { room, before, after: *head });
        }
        plan.heads.sort_unstable_by_key(|head| head.room);
        rows += plan.inserts.len() as u64;
        connection.store_if_unchanged(&plan).await?;
    }
    Ok(rows as f64 / began.elapsed().as_secs_f64())
}

fn message(room: RoomId, sender: UserId, head: Head) -> Message {
    Message {
        client_id: Some(uuid::Uuid::now_v7()),
        content: "m".repeat(128),
        ..Message::new(room, head.head, head.posts, sender, chrono::Utc::now())
    }
}
