//! Goal: a Redis that is full lets go of what was not used for longest, and nothing that counts
//! goes with it.
//! Method: a Redis with less memory than is written at once; then sessions, events and messages.

use anyhow::{Context as _, Result, ensure};
use chat_contract::wire::{HistoryPage, Me};
use harness::{PATIENCE, World, eventually};
use serde_json::json;
use uuid::Uuid;

/// A megabyte and a half of content, several times in the cache.
const MESSAGES: usize = 300;
const BYTES: usize = 5_000;

#[tokio::test]
async fn a_full_cache_drops_what_is_old_and_nothing_that_counts() -> Result<()> {
    let world = World::named("evict").servers(2).start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up_at(1, "bob").await?);
    let room = ada.direct(&bob).await?.id;
    let used = world.redis(&["INFO", "memory"])?;
    let used = used.lines().find_map(|line| line.strip_prefix("used_memory:"));
    let used: u64 = used.context("no used_memory")?.trim().parse()?;
    // As the operator starts the one that it manages.
    world.redis(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"])?;
    world.redis(&["CONFIG", "SET", "maxmemory", &(used + 500_000).to_string()])?;

    let reader = world.connect(1, &bob).await?;
    let writer = world.connect(0, &ada).await?;
    let mut contents = Vec::new();
    for n in 0..MESSAGES {
        let content = format!("{n} {}", "x".repeat(BYTES));
        let answer = writer
            .emit(
                "sendMessage",
                &json!({ "roomId": room, "clientId": Uuid::new_v4(), "content": content }),
            )
            .await?;
        ensure!(answer["ok"] == json!(true), "{n}: {answer}");
        contents.push(content);
    }
    eventually("something was let go of", PATIENCE, async || {
        let stats = world.redis(&["INFO", "stats"])?;
        let evicted = stats.lines().find_map(|line| line.strip_prefix("evicted_keys:"));
        ensure!(evicted.is_some_and(|count| count.trim() != "0"), "{evicted:?}");
        Ok(())
    })
    .await?;

    let last = contents.last().context("nothing was sent")?;
    let is_last = |event: &serde_json::Value| {
        event["messages"]
            .as_array()
            .is_some_and(|all| all.iter().any(|m| m["content"] == json!(last)))
    };
    reader.event_where("newMessage", is_last).await?;
    for person in [&ada, &bob] {
        let me: Me = person.api.get("/api/me").await?;
        ensure!(me.user.id == person.id(), "{me:?}");
        let mut found = Vec::new();
        let mut before = String::new();
        loop {
            let path = format!("/api/rooms/{room}/messages?limit=100{before}");
            let page: HistoryPage = person.api.get(&path).await?;
            let Some(first) = page.messages.first() else { break };
            before = format!("&beforeSeq={}", first.seq);
            let texts = page.messages.into_iter().filter(|message| message.system.is_none());
            found.splice(0..0, texts.map(|message| message.content));
        }
        ensure!(found == contents, "{} of {MESSAGES} messages", found.len());
    }
    Ok(())
}
