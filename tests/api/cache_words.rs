//! Goal: each word of the cache's interface does what it says, and says in the log what it did.
//! Method: one server whose cache logs every step, asked over HTTP by an administrator.

use anyhow::{Result, ensure};
use chat_contract::wire::{CacheCleared, CacheEntry, CacheKeys, Code, Me};
use harness::{Api, Person, TIMEOUT, World, eventually};
use reqwest::Method;
use serde_json::{Value, json};

use crate::cache::{admin, world};

async fn put(root: &Person, key: &str, body: Value) -> Result<()> {
    root.api.put(&format!("/api/admin/cache/{key}"), &body).await
}

async fn get(root: &Person, key: &str) -> Result<String> {
    Ok(root.api.get::<CacheEntry>(&format!("/api/admin/cache/{key}")).await?.value)
}

async fn must_be_gone(root: &Person, key: &str) -> Result<()> {
    let path = format!("/api/admin/cache/{key}");
    let gone = Api::refused(root.api.request(Method::GET, &path)).await?;
    ensure!(gone.code() == Some(Code::NotFound), "{gone}");
    Ok(())
}

/// What is left of a key's life, in milliseconds.
fn left(world: &World, key: &str) -> Result<i64> {
    Ok(world.redis(&["PTTL", key])?.parse()?)
}

async fn must_be_logged(world: &World, line: &str) -> Result<()> {
    eventually(line, TIMEOUT, async || {
        let lines = world.log(0)?;
        ensure!(lines.contains(line), "{line} is not in {lines}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_is_put_has_an_end() -> Result<()> {
    let world = world("cache-put").await?;
    let root = admin(&world).await?;
    // Looked at soon enough after it was put, it has nearly all of its time left.
    eventually("it ends as the setting says", TIMEOUT, async || {
        put(&root, "message:1", json!({ "value": "hello" })).await?;
        ensure!(world.redis(&["GET", "message:1"])? == "hello", "it is not in Redis");
        let left = left(&world, "message:1")?;
        ensure!((4_001..=5_000).contains(&left), "{left} ms");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_was_put_is_got() -> Result<()> {
    let world = world("cache-get").await?;
    let root = admin(&world).await?;
    for value in ["hello", "another"] {
        put(&root, "message:1", json!({ "value": value, "ttlMs": 60_000 })).await?;
        ensure!(get(&root, "message:1").await? == value);
    }
    // What the product reads and writes by itself, too: the next reader of a room in which somebody
    // writes finds it in the cache.
    let tea = root.public_room("tea").await?.id;
    let hit = "chat_cache_lookups_total{class=\"window\",outcome=\"hit\"}";
    root.send(tea, "one").await?;
    root.history(tea).await?;
    for text in ["two", "three"] {
        let sent = root.send(tea, text).await?;
        let window = format!("room:{tea}:recent");
        eventually("the message is in the cache", TIMEOUT, async || {
            ensure!(world.redis(&["LINDEX", &window, "0"])?.contains(text));
            Ok(())
        })
        .await?;
        let before = world.metric(0, hit).await?;
        ensure!(root.history(tea).await?.messages.last() == Some(&sent));
        ensure!(world.metric(0, hit).await? > before, "it was read from the store");
    }
    Ok(())
}

#[tokio::test]
async fn what_is_deleted_is_gone_and_the_rest_stays() -> Result<()> {
    let world = world("cache-delete").await?;
    let root = admin(&world).await?;
    for key in ["message:1", "message:2"] {
        put(&root, key, json!({ "value": key, "ttlMs": 60_000 })).await?;
    }
    root.api.delete::<()>("/api/admin/cache/message:1").await?;
    must_be_gone(&root, "message:1").await?;
    ensure!(get(&root, "message:2").await? == "message:2");
    Ok(())
}

#[tokio::test]
async fn keys_are_listed_by_pattern() -> Result<()> {
    let world = world("cache-list").await?;
    let root = admin(&world).await?;
    for key in ["message:1", "message:2", "messages:1:2"] {
        put(&root, key, json!({ "value": "x", "ttlMs": 60_000 })).await?;
    }
    let keys: CacheKeys = root.api.get("/api/admin/cache?pattern=message:*").await?;
    assert_eq!(keys.keys, ["message:1", "message:2"]);
    Ok(())
}

#[tokio::test]
async fn clearing_takes_all_that_is_cached_and_nothing_else() -> Result<()> {
    let world = world("cache-clear").await?;
    let root = admin(&world).await?;
    for key in ["message:1", "messages:1:2", "room:1:recent"] {
        put(&root, key, json!({ "value": "x", "ttlMs": 60_000 })).await?;
    }
    world.redis(&["SET", "foreign", "x"])?;
    let cleared: CacheCleared = root.api.delete("/api/admin/cache").await?;
    assert_eq!(cleared.cleared, 3);
    for pattern in ["message*", "room:*"] {
        assert_eq!(world.redis(&["KEYS", pattern])?, "", "{pattern}");
    }
    assert_eq!(world.redis(&["GET", "foreign"])?, "x");
    assert_ne!(world.redis(&["KEYS", "session:*"])?, "", "sessions are no cache");
    root.api.get::<Me>("/api/me").await?;
    Ok(())
}

#[tokio::test]
async fn one_call_may_bring_a_time_to_live_of_its_own() -> Result<()> {
    let world = world("cache-ttl").await?;
    let root = admin(&world).await?;
    put(&root, "message:2", json!({ "value": "x", "ttlMs": 60_000 })).await?;
    let left = left(&world, "message:2")?;
    ensure!((50_001..=60_000).contains(&left), "{left} ms");
    Ok(())
}

#[tokio::test]
async fn what_is_cached_is_logged_with_its_time_to_live() -> Result<()> {
    let world = world("cache-log-put").await?;
    let root = admin(&world).await?;
    put(&root, "message:1", json!({ "value": "x" })).await?;
    put(&root, "message:2", json!({ "value": "x", "ttlMs": 60_000 })).await?;
    must_be_logged(&world, "Cached: message:1 (TTL: 5s)").await?;
    must_be_logged(&world, "Cached: message:2 (TTL: 60s)").await?;
    // And what the product caches by itself: messages, rooms and conversations.
    let bob = world.sign_up("bob").await?;
    let (tea, direct) = (root.public_room("tea").await?.id, root.direct(&bob).await?.id);
    for one in [tea, direct] {
        let sent = root.send(one, "hello").await?;
        root.history(one).await?;
        must_be_logged(&world, &format!("Cached: message:{} (TTL: 5s)", sent.id)).await?;
    }
    let (low, high) = (root.id().min(bob.id()), root.id().max(bob.id()));
    must_be_logged(&world, &format!("Cached: room:{tea}:recent (TTL: 60s)")).await?;
    must_be_logged(&world, &format!("Cached: messages:{low}:{high} (TTL: 5s)")).await
}

#[tokio::test]
async fn a_hit_is_logged_and_counted() -> Result<()> {
    let world = world("cache-log-hit").await?;
    let root = admin(&world).await?;
    put(&root, "message:1", json!({ "value": "x", "ttlMs": 60_000 })).await?;
    let hit = "chat_cache_lookups_total{class=\"message\",outcome=\"hit\"}";
    let before = world.count(0, hit).await?;
    get(&root, "message:1").await?;
    must_be_logged(&world, "Cache hit: message:1").await?;
    assert_eq!(world.count(0, hit).await?, before + 1, "it is counted as something else");
    Ok(())
}

#[tokio::test]
async fn a_miss_is_logged() -> Result<()> {
    let world = world("cache-log-miss").await?;
    let root = admin(&world).await?;
    must_be_gone(&root, "message:1").await?;
    must_be_logged(&world, "Cache miss: message:1").await
}

#[tokio::test]
async fn a_deletion_is_logged() -> Result<()> {
    let world = world("cache-log-delete").await?;
    let root = admin(&world).await?;
    put(&root, "message:1", json!({ "value": "x", "ttlMs": 60_000 })).await?;
    root.api.delete::<()>("/api/admin/cache/message:1").await?;
    must_be_logged(&world, "Deleted from cache: message:1").await
}

#[tokio::test]
async fn a_cleaning_is_logged_by_hand_and_by_time() -> Result<()> {
    let world = world("cache-log-clean").await?;
    let root = admin(&world).await?;
    world.redis(&["SET", "message:soon", "x", "PX", "1500"])?;
    must_be_logged(&world, "Cache cleaned: message:soon (expired)").await?;
    root.api.delete::<CacheCleared>("/api/admin/cache").await?;
    must_be_logged(&world, "Cache cleaned: all").await
}

#[tokio::test]
async fn the_worker_gives_an_end_to_what_has_none_and_leaves_others_alone() -> Result<()> {
    let world = world("cache-worker").await?;
    world.redis(&["SET", "message:never", "x"])?;
    world.redis(&["SET", "foreign", "x"])?;
    eventually("the key has an end", TIMEOUT, async || {
        ensure!(left(&world, "message:never")? != -1);
        Ok(())
    })
    .await?;
    assert_eq!(world.redis(&["TTL", "foreign"])?, "-1", "what is not ours is left alone");
    Ok(())
}

#[tokio::test]
async fn the_worker_logs_the_end_of_what_it_repaired() -> Result<()> {
    let world = world("cache-worker-log").await?;
    world.redis(&["SET", "message:never", "x"])?;
    must_be_logged(&world, "Cache cleaned: message:never (expired)").await
}

/// A worker that comes every hundred milliseconds has repaired a key while one that comes once an
/// hour has not looked.
#[tokio::test]
async fn the_worker_runs_as_often_as_it_is_set() -> Result<()> {
    let often = world("cache-often").await?;
    let seldom = World::named("cache-seldom").setting("CHAT_CACHE_WORKER_INTERVAL", "1h").start();
    let seldom = seldom.await?;
    // More than once: the first look of both is right after their start.
    eventually("only one of them has looked", TIMEOUT, async || {
        for world in [&seldom, &often] {
            world.redis(&["SET", "message:never", "x"])?;
        }
        eventually("the one that comes often has", TIMEOUT, async || {
            ensure!(left(&often, "message:never")? != -1);
            Ok(())
        })
        .await?;
        ensure!(left(&seldom, "message:never")? == -1, "the other one has looked too");
        Ok(())
    })
    .await
}
