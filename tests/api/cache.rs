//! Goal: the cache can be looked after by API, by command line and by hand, and its worker sees
//! to it that nothing stays for ever. Sessions are out of reach.
//! Method: one server whose cache logs every step.
//! covers: K1 K3 K16 W1 W2 W3 W4 W5 W6 G2 G3 G4 M1 M2 M3 M4 M5 M6 M9 K12 U2

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use chat_contract::wire::{CacheCleared, CacheEntry, CacheKeys, Code, Me, SignedIn};
use harness::{Api, PATIENCE, Person, World, eventually, person::PASSWORD};
use reqwest::Method;
use serde_json::json;

async fn world(name: &str) -> Result<World> {
    World::named(name)
        .setting("CHAT_LOG", "info,chat_server::cache=debug")
        .setting("CHAT_CACHE_WORKER_INTERVAL", "100ms")
        .setting("CHAT_CACHE_MESSAGE_TTL", "5s")
        .start()
        .await
}

async fn admin(world: &World) -> Result<Person> {
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
async fn administrators_look_after_it_over_http() -> Result<()> {
    let world = world("cache-api").await?;
    let root = admin(&world).await?;
    let path = "/api/admin/cache/message:1";
    root.api.put::<()>(path, &json!({"value": "hello"})).await?;
    assert_eq!(root.api.get::<CacheEntry>(path).await?.value, "hello");
    assert!(world.redis(&["PTTL", "message:1"])?.parse::<i64>()? <= 5_000);
    let long = json!({"value": "x", "ttlMs": 60_000});
    root.api.put::<()>("/api/admin/cache/message:2", &long).await?;
    assert!(world.redis(&["PTTL", "message:2"])?.parse::<i64>()? > 50_000);
    let keys: CacheKeys = root.api.get("/api/admin/cache?pattern=message:*").await?;
    assert_eq!(keys.keys, ["message:1", "message:2"]);
    root.api.delete::<()>(path).await?;
    let gone = Api::refused(root.api.request(Method::GET, path)).await?;
    assert_eq!(gone.code(), Some(Code::NotFound));
    let cleared: CacheCleared = root.api.delete("/api/admin/cache").await?;
    assert!(cleared.cleared >= 1);
    root.api.get::<Me>("/api/me").await?;

    let lines = world.log(0)?;
    for line in [
        "Cached: message:1 (TTL: 5s)",
        "Cached: message:2 (TTL: 60s)",
        "Cache hit: message:1",
        "Cache miss: message:1",
        "Deleted from cache: message:1",
        "Cache cleaned: all",
    ] {
        assert!(lines.contains(line), "{line} in {lines}");
    }
    assert!(world.metric(0, "chat_cache_lookups_total").await? >= 2.0);
    Ok(())
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
    let error = run(&["set", "session:x", "y"]).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("message:"), "{error}");
    Ok(())
}

#[tokio::test]
async fn signing_in_loads_the_newest_conversations() -> Result<()> {
    let world = World::start("cache-warm").await?;
    let (ada, ben) = (world.sign_up("ada").await?, world.sign_up("ben").await?);
    let (room, direct) = (ada.public_room("tea").await?, ada.direct(&ben).await?);
    ada.send(room.id, "hello").await?;
    ben.send(direct.id, "hello").await?;
    world.redis(&["FLUSHALL"])?;
    let body = json!({"login": ada.me.email, "password": PASSWORD});
    world.api(0)?.post::<SignedIn>("/api/auth/sign-in", &body).await?;
    eventually("the conversations are cached", PATIENCE, async || {
        for pattern in ["messages:*", "room:*"] {
            ensure!(!world.redis(&["KEYS", pattern])?.is_empty(), "{pattern}");
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_worker_notices_what_expires_and_repairs_what_would_not() -> Result<()> {
    let world = world("cache-worker").await?;
    world.redis(&["SET", "message:soon", "x", "PX", "1500"])?;
    world.redis(&["SET", "message:never", "x"])?;
    world.redis(&["SET", "foreign", "x"])?;
    eventually("the key has an end", PATIENCE, async || {
        ensure!(world.redis(&["PTTL", "message:never"])?.parse::<i64>()? != -1);
        Ok(())
    })
    .await?;
    eventually("its end is logged", Duration::from_secs(30), async || {
        ensure!(world.log(0)?.contains("Cache cleaned: message:soon (expired)"));
        ensure!(world.log(0)?.contains("Cache cleaned: message:never (expired)"));
        Ok(())
    })
    .await?;
    assert_eq!(world.redis(&["TTL", "foreign"])?, "-1", "what is not ours is left alone");
    Ok(())
}
