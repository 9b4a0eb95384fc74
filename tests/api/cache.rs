//! Goal: the cache can be looked after by API, by command line and by hand, and its worker sees
//! to it that nothing stays for ever. Sessions are out of reach.
//! Method: one server whose cache logs every step.

use anyhow::{Context as _, Result, ensure};
use chat_contract::wire::{CacheEntry, CacheKeys, Code, Id, SignedIn};
use harness::{Api, Person, TIMEOUT, World, checkout, eventually, person::PASSWORD};
use reqwest::Method;
use serde_json::{Value, json};

pub(crate) async fn world(name: &str) -> Result<World> {
    World::named(name)
        .setting("CHAT_LOG", "info,chat_server::cache=debug")
        .setting("CHAT_CACHE_WORKER_INTERVAL", "100ms")
        .setting("CHAT_CACHE_MESSAGE_TTL", "5s")
        .start()
        .await
}

pub(crate) async fn admin(world: &World) -> Result<Person> {
    let printed = world.server_command(&[
        "admin",
        "create-admin",
        "--username",
        "root",
        "--email",
        "root@example.org",
    ])?;
    let password = printed.split("password: ").nth(1).context("no password")?.trim();
    let api = world.api(0)?;
    let body = json!({"login": "root", "password": password});
    let SignedIn { token, me } = api.post("/api/auth/sign-in", &body).await?;
    assert!(me.admin);
    Ok(Person { api: api.with_token(&token), token, me })
}

#[tokio::test]
async fn only_administrators_and_only_the_cache() -> Result<()> {
    let world = world("cache-rights").await?;
    let root = admin(&world).await?;
    let ada = world.sign_up("ada").await?;
    for method in [Method::GET, Method::DELETE] {
        let refusal = Api::refused(ada.api.request(method, "/api/admin/cache")).await?;
        assert_eq!(refusal.code(), Some(Code::Forbidden));
    }
    let session = world.redis(&["KEYS", "session:*"])?;
    let session = session.lines().next().context("no session")?;
    let refusal =
        Api::refused(root.api.request(Method::DELETE, &format!("/api/admin/cache/{session}")))
            .await?;
    assert_eq!(refusal.code(), Some(Code::InvalidValue));
    let keys: CacheKeys = root.api.get("/api/admin/cache?pattern=*").await?;
    assert!(keys.keys.iter().all(|key| !key.starts_with("session:")), "{keys:?}");
    Ok(())
}

#[tokio::test]
async fn the_command_line_does_the_same() -> Result<()> {
    let world = world("cache-cli").await?;
    let run = |words: &[&str]| {
        let words: Vec<&str> = ["admin", "cache"].iter().chain(words).copied().collect();
        Ok::<_, anyhow::Error>(world.server_command(&words)?.trim().to_owned())
    };
    assert_eq!(run(&["set", "messages:1:2", "hello", "--ttl", "10m"])?, "set messages:1:2");
    assert!(world.redis(&["TTL", "messages:1:2"])?.parse::<i64>()? > 500);
    assert_eq!(run(&["get", "messages:1:2"])?, "hello");
    assert_eq!(run(&["list", "messages:*"])?, "messages:1:2");
    assert_eq!(run(&["delete", "messages:1:2"])?, "deleted messages:1:2");
    assert_eq!(run(&["clear"])?, "0 keys deleted");
    for key in ["message:1", "room:1:recent"] {
        run(&["set", key, "hello"])?;
    }
    assert_eq!(run(&["clear"])?, "2 keys deleted");
    assert_eq!(run(&["list"])?, "", "they are still there");
    let error = run(&["set", "session:x", "y"]).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("message:"), "{error}");
    Ok(())
}

/// The command line in this world.
fn admin_cache(world: &World, words: &[&str]) -> Result<String> {
    let words: Vec<&str> = ["admin", "cache"].iter().chain(words).copied().collect();
    Ok(world.server_command(&words)?.trim().to_owned())
}

#[tokio::test]
async fn what_the_product_itself_caches_can_be_looked_at_and_taken_away() -> Result<()> {
    let world = World::named("cache-windows").setting("CHAT_CACHE_MESSAGE_TTL", "60s").start();
    let world = world.await?;
    let root = admin(&world).await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let rooms = [ada.public_room("tea").await?, ada.direct(&bob).await?];
    let (low, high) = (ada.id().min(bob.id()), ada.id().max(bob.id()));
    let keys = [format!("room:{}:recent", rooms[0].id), format!("messages:{low}:{high}")];
    for (room, key) in rooms.iter().zip(&keys) {
        ada.send(room.id, "one").await?;
        ada.history(room.id).await?;
        let sent = ada.send(room.id, "two").await?;
        let pieces = eventually("the window has both pieces", TIMEOUT, async || {
            let pieces: Vec<Value> = serde_json::from_str(&admin_cache(&world, &["get", key])?)?;
            ensure!(pieces.len() == 2, "{pieces:?}");
            Ok(pieces)
        })
        .await?;
        assert_eq!(pieces[0]["m"], json!([sent]), "the newest first");
        assert_eq!(
            pieces[1]["m"].as_array().and_then(|all| all.last()).map(|m| &m["content"]),
            Some(&json!("one"))
        );
        let path = format!("/api/admin/cache/{key}");
        let entry: CacheEntry = root.api.get(&path).await?;
        assert_eq!(serde_json::from_str::<Vec<Value>>(&entry.value)?, pieces);
        assert_eq!(admin_cache(&world, &["list", key])?, *key);

        // Without it, and with nonsense in its place, the room is what it was.
        let before = ada.history(room.id).await?;
        root.api.delete::<()>(&path).await?;
        let gone = Api::refused(root.api.request(Method::GET, &path)).await?;
        assert_eq!(gone.code(), Some(Code::NotFound));
        assert_eq!(ada.history(room.id).await?, before);
        admin_cache(&world, &["set", key, "nonsense"])?;
        assert_eq!(ada.send(room.id, "three").await?.seq, sent.seq + 1);
        assert_eq!(ada.history(room.id).await?.messages.len(), before.messages.len() + 1);
        assert_eq!(world.redis(&["TYPE", key])?, "list", "loaded anew");
        assert_eq!(admin_cache(&world, &["delete", key])?, format!("deleted {key}"));
    }
    // One message, too.
    let sent = ada.send(rooms[0].id, "four").await?;
    let key = format!("message:{}", sent.id);
    let cached = eventually("the message in the cache", TIMEOUT, async || {
        Ok(serde_json::from_str::<Value>(&admin_cache(&world, &["get", &key])?)?)
    })
    .await?;
    assert_eq!(cached, json!(sent));
    assert_eq!(
        admin_cache(&world, &["list", "message:*"])?.lines().filter(|k| *k == key).count(),
        1
    );
    assert_eq!(admin_cache(&world, &["delete", &key])?, format!("deleted {key}"));
    assert_eq!(world.redis(&["EXISTS", &key])?, "0");
    assert_eq!(ada.history(rooms[0].id).await?.messages.last(), Some(&sent));

    world.redis(&["HSET", "room:foreign", "a", "b"])?;
    let foreign = Api::refused(root.api.request(Method::GET, "/api/admin/cache/room:foreign"));
    let foreign = foreign.await?;
    assert_eq!(foreign.code(), Some(Code::Conflict));
    assert!(foreign.body.contains("hash"), "{foreign}");
    Ok(())
}

#[tokio::test]
async fn conversations_leave_the_cache_in_time_and_are_there_all_the_same() -> Result<()> {
    // By time, and by a sign-out long before that.
    for ttl in ["1s", "10m"] {
        let world = World::named("cache-ends").setting("CHAT_CACHE_MESSAGE_TTL", ttl);
        let world = world.start().await?;
        let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
        let room = ada.direct(&bob).await?;
        ada.send(room.id, "hello").await?;
        let there = ada.history(room.id).await?;
        if ttl == "10m" {
            ensure!(!world.redis(&["KEYS", "messages:*"])?.is_empty(), "it was not there");
            ada.api.post::<()>("/api/auth/sign-out", &json!({})).await?;
        }
        let gone = if ttl == "10m" { "messages:*" } else { "message*" };
        eventually("nothing of it is in the cache", TIMEOUT, async || {
            let left = world.redis(&["KEYS", gone])?;
            ensure!(left.is_empty(), "{left} is there with a time to live of {ttl}");
            Ok(())
        })
        .await?;
        assert_eq!(bob.history(room.id).await?, there);
    }
    Ok(())
}

/// What the README says to those whose cache is empty, or whose Redis is full.
#[tokio::test]
async fn the_help_for_an_empty_cache_and_a_full_memory_is_true() -> Result<()> {
    let help = checkout::read("README.md")?;
    for words in [
        "Only for `CHAT_CACHE_MESSAGE_TTL` (5 s). `CHAT_LOG=info,chat_server::cache=debug` shows",
        "`chat-server admin cache list`",
        "Lower `CHAT_CACHE_WINDOW_TTL` and `CHAT_CACHE_WINDOW_MESSAGES`",
        "`chat-server admin cache clear` is always safe",
    ] {
        assert!(help.contains(words), "{words}");
    }
    let mut sizes = Vec::new();
    for messages in ["100", "60"] {
        let world = World::named("cache-help")
            .setting("CHAT_CACHE_WINDOW_MESSAGES", messages)
            .setting("CHAT_LOG", "info,chat_server::cache=debug")
            .start()
            .await?;
        let ada = world.sign_up("ada").await?;
        let room = ada.public_room("tea").await?;
        for n in 0..120 {
            ada.send(room.id, &n.to_string()).await?;
        }
        let there = ada.history(room.id).await?;
        let key = format!("room:{}:recent", room.id);
        assert!(world.log(0)?.contains(&format!("Cached: {key}")), "it is reported");
        assert!(admin_cache(&world, &["list"])?.contains(&key));
        sizes.push(world.redis(&["MEMORY", "USAGE", &key])?.parse::<u64>()?);
        admin_cache(&world, &["clear"])?;
        assert!(world.redis(&["KEYS", "room:*"])?.is_empty());
        assert_eq!(ada.history(room.id).await?, there, "nothing is lost");
    }
    assert!(sizes[1] < sizes[0], "{sizes:?}");
    Ok(())
}

#[tokio::test]
async fn jobs_outlive_the_loss_of_their_stores_and_end_in_order() -> Result<()> {
    let mut world = world("jobs").await?;
    let failed = "chat_task_failures_total";
    world.stop_redis().await?;
    eventually("a job fails and says so", TIMEOUT, async || {
        ensure!(world.metric(0, failed).await? >= 1.0);
        Ok(())
    })
    .await?;
    world.start_redis().await?;
    world.redis(&["SET", "message:never", "x"])?;
    eventually("it works again", TIMEOUT, async || {
        ensure!(world.redis(&["PTTL", "message:never"])?.parse::<i64>()? != -1);
        Ok(())
    })
    .await?;
    // So do the others: those that look after sessions, their connections and what is soft.
    for task in ["watch_sessions", "watch_sockets", "write_soft_state", "clean_cache"] {
        let runs = format!("chat_task_duration_seconds_count{{task=\"{task}\"}}");
        let before = world.metric(0, &runs).await?;
        eventually(task, TIMEOUT, async || {
            ensure!(world.metric(0, &runs).await? > before, "it does not come any more");
            Ok(())
        })
        .await?;
    }
    // And what a sign-in loads.
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?.id;
    sign_in(&world, &ada).await?;
    eventually("her room is loaded", TIMEOUT, async || {
        ensure!(world.redis(&["EXISTS", &format!("room:{room}:recent")])? == "1");
        Ok(())
    })
    .await?;
    world.stop_server(0).await?;
    world.start_server(0).await
}

async fn sign_in(world: &World, person: &Person) -> Result<SignedIn> {
    let body = json!({ "login": person.me.email, "password": PASSWORD });
    world.api(0)?.post("/api/auth/sign-in", &body).await
}

#[tokio::test]
async fn signing_in_loads_the_newest_conversations() -> Result<()> {
    let world = World::start("cache-warm").await?;
    let (ada, ben) = (world.sign_up("ada").await?, world.sign_up("ben").await?);
    let (room, direct) = (ada.public_room("tea").await?, ada.direct(&ben).await?);
    // Of others' rooms, the other one of her conversation included, she needs nothing.
    let others = ben.public_room("coffee").await?;
    for (person, room) in [(&ada, &room), (&ben, &direct), (&ben, &others)] {
        person.send(room.id, "hello").await?;
    }
    let (low, high) = (ada.id().min(ben.id()), ada.id().max(ben.id()));
    let mut hers = [format!("room:{}:recent", room.id), format!("messages:{low}:{high}")];
    hers.sort();
    world.redis(&["FLUSHALL"])?;
    sign_in(&world, &ada).await?;
    eventually("her conversations are cached, and no others", TIMEOUT, async || {
        let mut cached = Vec::new();
        for pattern in ["messages:*", "room:*"] {
            let keys = world.redis(&["KEYS", pattern])?;
            cached.extend(keys.lines().map(str::to_owned));
        }
        cached.sort();
        ensure!(cached == hers, "{cached:?}");
        Ok(())
    })
    .await?;
    let window = world.redis(&["LRANGE", &hers[0], "0", "-1"])?;
    assert!(window.contains("hello"), "with what was said there: {window}");
    Ok(())
}

/// Only some rooms are loaded; that in which somebody wrote last is one of them.
#[tokio::test]
async fn signing_in_warms_the_rooms_that_were_written_to_last() -> Result<()> {
    let world = World::start("cache-warm-last").await?;
    let ada = world.sign_up("ada").await?;
    let mut rooms = Vec::new();
    for n in 0..12 {
        let room = ada.public_room(&format!("room {n}")).await?.id;
        ada.send(room, "hello").await?;
        rooms.push(room);
    }
    let last = rooms[3];
    ada.send(last, "the last word").await?;
    world.redis(&["FLUSHALL"])?;
    sign_in(&world, &ada).await?;
    let key = |room: Id| format!("room:{room}:recent");
    eventually("the room with the last word is cached", TIMEOUT, async || {
        let keys = world.redis(&["KEYS", "room:*:recent"])?;
        ensure!(keys.lines().any(|cached| cached == key(last)), "{keys}");
        Ok(())
    })
    .await?;
    let cached = world.redis(&["KEYS", "room:*:recent"])?;
    ensure!(!cached.lines().any(|cached| cached == key(rooms[0])), "the oldest too: {cached}");
    Ok(())
}
