//! The bare loop: the committer's own SQL in batches of 256, with nothing around it.

use std::time::{Duration, Instant};

use anyhow::Result;
use chat_domain::{
    id::{RoomId, UserId},
    message::Message,
};
use chat_server::mysql::{
    Store,
    commit::{Plan, Wanted, load, store},
};
use harness::World;

const BATCH: u64 = 256;
const ROOMS: u64 = 1_000;

/// Rows that one connection commits in a second.
pub(crate) async fn rows_per_second(world: &World, time: Duration) -> Result<f64> {
    let mut connection = Store::new(world.database_url(), 1)?.connect().await?;
    let began = Instant::now();
    let mut rows = 0_u64;
    while began.elapsed() < time {
        let rooms: Vec<RoomId> =
            (0..BATCH).map(|n| RoomId(1_000_001 + (rows + n) % ROOMS)).collect();
        let drafts: Vec<_> = rooms
            .iter()
            .map(|room| (*room, UserId(1 + room.0 % 64), uuid::Uuid::now_v7()))
            .collect();
        let mut locked = rooms.clone();
        locked.sort_unstable();
        let wanted = Wanted {
            rooms: locked,
            members: drafts.iter().map(|(room, user, _)| (*room, *user)).collect(),
            clients: drafts.clone(),
            rows: Vec::new(),
            wait: true,
        };
        let loaded = load(&mut connection, &wanted).await?;
        let mut plan = Plan::default();
        for (room, user, client_id) in drafts {
            let Some(Some(head)) = loaded.heads.get(&room) else { continue };
            let (seq, ordinal) = (head.head + 1, head.posts + 1);
            plan.inserts.push((message(room, user, client_id, seq, ordinal), Some(1)));
            plan.heads.push((room, seq, ordinal));
        }
        rows += plan.inserts.len() as u64;
        store(&mut connection, &plan).await?;
    }
    Ok(rows as f64 / began.elapsed().as_secs_f64())
}

fn message(room: RoomId, sender: UserId, client_id: uuid::Uuid, seq: u64, ordinal: u64) -> Message {
    Message {
        room,
        seq,
        changed_seq: seq,
        ordinal,
        sender,
        client_id: Some(client_id),
        content: "m".repeat(128),
        reply_to: None,
        image: None,
        mentions: Vec::new(),
        reactions: Vec::new(),
        system: None,
        created_at: chrono::Utc::now(),
        edited_at: None,
        deleted_at: None,
    }
}
