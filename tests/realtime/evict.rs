//! Goal: a Redis that is full lets go of what was not used for longest, and nothing that counts
//! goes with it; what it has outlives its restart.
//! Method: the Redis that the operator starts, with less memory than people write in a moment; which
//! keys went, who people are, what they hear and what they wrote afterwards.

use anyhow::{Context as _, Result, ensure};
use chat_contract::wire::{HistoryPage, Id, Me};
use harness::{Person, Shape, Socket, TIMEOUT, World, eventually};
use serde_json::{Value, json};
use uuid::Uuid;

/// A megabyte and a half of content, several times in the cache.
const MESSAGES: usize = 300;
const BYTES: usize = 5_000;
/// Of a room in which nobody says anything any more.
const OLD: usize = 40;
/// Redis looks at a few keys at a time and lets go of the oldest of these, so some slip through. By
/// chance alone, half of all would stay.
const SLIPPED_MAX: usize = OLD / 4;

/// Two people with an old room, whose messages were not used for a while, and a conversation.
struct Full {
    world: World,
    people: [Person; 2],
    /// Keys of the old messages.
    old: Vec<String>,
    room: Id,
}

fn content(n: usize) -> String {
    format!("{n} {}", "x".repeat(BYTES))
}

async fn say(socket: &Socket, room: Id, content: &str) -> Result<String> {
    let body = json!({ "roomId": room, "clientId": Uuid::new_v4(), "content": content });
    let answer = socket.emit("sendMessage", &body).await?;
    ensure!(answer["ok"] == json!(true), "{answer}");
    Ok(format!("message:{}", answer["message"]["id"].as_str().context("no id")?))
}

impl Full {
    /// Nothing ends by its time.
    async fn begin(name: &str) -> Result<Self> {
        let world = World::named(name).servers(2).redis(Shape::Managed);
        let world = world.setting("CHAT_CACHE_MESSAGE_TTL", "10m");
        let world = world.setting("CHAT_CACHE_WINDOW_TTL", "10m").start().await?;
        let (ada, bob) = (world.sign_up("ada").await?, world.sign_up_at(1, "bob").await?);
        let quiet = ada.group(&[&bob]).await?.id;
        let room = ada.direct(&bob).await?.id;
        let writer = world.connect(0, &ada).await?;
        let mut old = Vec::new();
        for n in 0..OLD {
            old.push(say(&writer, quiet, &content(n)).await?);
        }
        let last = old.last().context("nothing was sent")?;
        grows_old(&world, last).await?;
        let used = world.redis(&["INFO", "memory"])?;
        let used = used.lines().find_map(|line| line.strip_prefix("used_memory:"));
        let used: u64 = used.context("no used_memory")?.trim().parse()?;
        world.redis(&["CONFIG", "SET", "maxmemory", &(used + 1_100_000).to_string()])?;
        Ok(Self { world, people: [ada, bob], old, room })
    }

    /// Somebody writes more than there is room for, while a key may be used: what was said, and its
    /// keys. The first half of it is old before the second one comes.
    async fn flood(&self, used: Option<&str>) -> Result<(Vec<String>, Vec<String>)> {
        let writer = self.world.connect(0, &self.people[0]).await?;
        let (mut contents, mut keys) = (Vec::new(), Vec::new());
        for n in 0..MESSAGES {
            contents.push(content(n));
            keys.push(say(&writer, self.room, &contents[n]).await?);
            if let Some(used) = used.filter(|_| n % 30 == 0) {
                self.world.server_command(&["admin", "cache", "get", used])?;
            }
            if n == MESSAGES / 2 {
                grows_old(&self.world, &keys[n]).await?;
            }
        }
        eventually("the last one is cached", TIMEOUT, async || {
            ensure!(self.left(&keys[MESSAGES - 1..])? == 1);
            Ok(())
        })
        .await?;
        Ok((contents, keys))
    }

    /// How many of these keys are still there.
    fn left(&self, keys: &[String]) -> Result<usize> {
        let words: Vec<&str> =
            ["EXISTS"].into_iter().chain(keys.iter().map(String::as_str)).collect();
        Ok(self.world.redis(&words)?.parse()?)
    }
}

/// Redis counts in seconds for how long a key was not used.
async fn grows_old(world: &World, key: &str) -> Result<()> {
    eventually("it was not used for a while", TIMEOUT, async || {
        let idle: u64 = world.redis(&["OBJECT", "IDLETIME", key])?.parse()?;
        ensure!(idle >= 3, "{key}: {idle} s");
        Ok(())
    })
    .await
}

/// All that somebody finds in a room, from the oldest message on.
async fn history(person: &Person, room: Id) -> Result<Vec<String>> {
    let (mut found, mut before) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/rooms/{room}/messages?limit=100{before}");
        let page: HistoryPage = person.api.get(&path).await?;
        let Some(first) = page.messages.first() else { return Ok(found) };
        before = format!("&beforeSeq={}", first.seq);
        let texts = page.messages.into_iter().filter(|message| message.system.is_none());
        found.splice(0..0, texts.map(|message| message.content));
    }
}

#[tokio::test]
async fn a_full_cache_drops_what_is_old_and_nothing_that_counts() -> Result<()> {
    let full = Full::begin("evict").await?;
    let (world, room) = (&full.world, full.room);
    let reader = world.connect(1, &full.people[1]).await?;
    let (contents, keys) = full.flood(None).await?;
    let stats = world.redis(&["INFO", "stats"])?;
    let evicted = stats.lines().find_map(|line| line.strip_prefix("evicted_keys:"));
    ensure!(evicted.is_some_and(|count| count.trim() != "0"), "{evicted:?}");
    let old = full.left(&full.old)?;
    ensure!(old <= SLIPPED_MAX, "{old} of {OLD} that nobody used any more are left");
    let new = full.left(&keys[MESSAGES - 20..])?;
    ensure!(new == 20, "{new} of the 20 newest are left");

    let last = contents.last().context("nothing was sent")?;
    let is_last = |event: &Value| {
        event["messages"]
            .as_array()
            .is_some_and(|all| all.iter().any(|m| m["content"] == json!(last)))
    };
    reader.event_where("newMessage", is_last).await?;
    for person in &full.people {
        let me: Me = person.api.get("/api/me").await?;
        ensure!(me.user.id == person.id(), "{me:?}");
        let found = history(person, room).await?;
        ensure!(found == contents, "{} of {MESSAGES} messages", found.len());
    }
    Ok(())
}

/// As old as the others, but for its use.
#[tokio::test]
async fn what_was_used_last_stays_longest() -> Result<()> {
    let full = Full::begin("used").await?;
    let (used, unused) = full.old.split_at(1);
    full.flood(Some(&used[0])).await?;
    let left = full.left(unused)?;
    ensure!(left <= SLIPPED_MAX, "{left} of {} that nobody used are left", unused.len());
    ensure!(full.left(used)? == 1, "what was used all the time is gone");
    Ok(())
}

#[tokio::test]
async fn redis_keeps_its_data_over_a_restart() -> Result<()> {
    let mut full = Full::begin("kept").await?;
    let keys = full.world.redis(&["DBSIZE"])?;
    let sessions = full.world.redis(&["KEYS", "session:*"])?;
    ensure!(!sessions.is_empty(), "no session is there");
    full.world.stop_redis().await?;
    full.world.start_redis().await?;
    let after = full.world.redis(&["KEYS", "*"])?;
    ensure!(sessions.lines().all(|key| after.contains(key)), "sessions are gone: {after}");
    let left = full.left(&full.old)?;
    ensure!(left == OLD, "{left} of {OLD} messages are left, of {keys} keys");
    let value = full.world.redis(&["GET", &full.old[0]])?;
    ensure!(value.contains(&content(0)), "it has another content");
    let ends: i64 = full.world.redis(&["PTTL", &full.old[0]])?.parse()?;
    ensure!((1..=600_000).contains(&ends), "it ends in {ends} ms");
    Ok(())
}
