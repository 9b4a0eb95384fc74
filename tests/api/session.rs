//! Goal: a session is valid on every server until it ends, and then nowhere; Redis may come and go.
//! Method: several servers, outages of the stores, records in Redis changed by hand.

use anyhow::{Context as _, Result, ensure};
use chat_contract::wire::{Code, Id, Me, Room, Session, SignedIn};
use harness::{Api, Person, TIMEOUT, World, eventually, person::PASSWORD};
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

async fn is_signed_in(person: &Person) -> Result<bool> {
    match person.api.get::<Me>("/api/me").await {
        Ok(me) => {
            assert_eq!(me.user.id, person.id());
            Ok(true)
        }
        Err(error) => {
            let refusal = error.downcast::<harness::Refusal>()?;
            ensure!(refusal.code() == Some(Code::Unauthenticated), "{refusal}");
            Ok(false)
        }
    }
}

async fn second_device(world: &World, server: usize, person: &Person) -> Result<Person> {
    let body = json!({"login": person.me.email, "password": PASSWORD});
    let api = world.api(server)?;
    let SignedIn { token, me } = api.post("/api/auth/sign-in", &body).await?;
    Ok(Person { api: api.with_token(&token), token, me })
}

#[tokio::test]
async fn signing_out_ends_one_session_on_every_server() -> Result<()> {
    let world = World::named("sign-out").servers(3).start().await?;
    let (first, ada) = (world.sign_up("first").await?, world.sign_up("ada").await?);
    let phone = second_device(&world, 1, &ada).await?;
    let room = ada.public_room("tea").await?.id;
    first.join(room).await?;
    let seq = first.send(room, "hello").await?.seq;
    for server in 0..3 {
        assert!(is_signed_in(&ada.at(&world.url(server))).await?);
    }
    // What is soft is flushed by the sign-out, and not only by who writes all of it once a second:
    // that one is held up.
    world.refuse_soft_state(&first).await?;
    let device = second_device(&world, 0, &ada).await?;
    for (person, seq) in [(&first, seq), (&device, seq)] {
        let socket = world.connect(0, person).await?;
        let place = json!({ "roomId": room, "seq": seq });
        socket.command::<Value>("read", &place).await?;
        let draft = json!({ "roomId": room, "content": "half a word" });
        socket.command::<Value>("draft", &draft).await?;
    }
    device.api.post::<()>("/api/auth/sign-out", &json!({})).await?;
    let written = world.soft_state(&ada)?;
    assert_eq!(written, [[&seq.to_string(), "half a word"]], "what is soft was not flushed");
    ada.api.post::<()>("/api/auth/sign-out", &json!({})).await?;
    for server in 0..3 {
        assert!(!is_signed_in(&ada.at(&world.url(server))).await?, "server {server}");
        assert!(is_signed_in(&phone.at(&world.url(server))).await?);
    }
    // Whoever is signed out already, stays so.
    ada.api.post::<()>("/api/auth/sign-out", &json!({})).await?;
    world.api(0)?.post::<()>("/api/auth/sign-out", &json!({})).await
}

#[tokio::test]
async fn devices_are_listed_and_signed_out_one_by_one() -> Result<()> {
    let world = World::start("devices").await?;
    let (ada, ben) = (world.sign_up("ada").await?, world.sign_up("ben").await?);
    let phone = second_device(&world, 0, &ada).await?;
    assert!(phone.token != ada.token && is_signed_in(&phone).await?);
    // What the dashboard shows: the rooms of this person, and what comes.
    let room = ada.public_room("tea").await?;
    let rooms: Vec<Room> = phone.api.get("/api/rooms").await?;
    assert_eq!(rooms.iter().map(|room| room.id).collect::<Vec<_>>(), [room.id]);
    let dashboard = world.connect(0, &phone).await?;
    ada.send(room.id, "hello").await?;
    dashboard.event_where("newMessage", |data| data["roomId"] == json!(room.id)).await?;
    assert!(Api::refused(world.api(0)?.request(Method::GET, "/api/rooms")).await?.status == 401);
    let sessions: Vec<Session> = ada.api.get("/api/auth/sessions").await?;
    assert_eq!(sessions.len(), 2);
    assert_eq!(sessions.iter().filter(|session| session.current).count(), 1);
    let other: Id = sessions.iter().find(|s| !s.current).context("no other session")?.id;

    let path = format!("/api/auth/sessions/{other}");
    let refusal = Api::refused(ben.api.request(Method::DELETE, &path)).await?;
    assert_eq!(refusal.code(), Some(Code::NotFound), "nobody ends the sessions of others");
    assert!(is_signed_in(&phone).await?);
    ada.api.delete::<()>(&path).await?;
    assert!(!is_signed_in(&phone).await?);
    assert!(is_signed_in(&ada).await?);
    let refusal = Api::refused(ada.api.request(Method::DELETE, &path)).await?;
    assert_eq!(refusal.code(), Some(Code::NotFound), "it has ended already");
    Ok(())
}

#[tokio::test]
async fn an_empty_redis_signs_nobody_out_and_nobody_in() -> Result<()> {
    let world = World::named("flush").servers(2).start().await?;
    let (ada, ben) = (world.sign_up("ada").await?, world.sign_up("ben").await?);
    ben.api.post::<()>("/api/auth/sign-out", &json!({})).await?;
    world.redis(&["FLUSHALL"])?;
    for server in 0..2 {
        assert!(is_signed_in(&ada.at(&world.url(server))).await?);
        assert!(!is_signed_in(&ben.at(&world.url(server))).await?);
    }
    Ok(())
}

#[tokio::test]
async fn sessions_outlive_redis_and_end_without_it() -> Result<()> {
    let mut world = World::named("no-redis").servers(2).start().await?;
    let (ada, ben) = (world.sign_up("ada").await?, world.sign_up("ben").await?);
    // Both servers have both sessions in the cache when it goes.
    for server in 0..2 {
        assert!(is_signed_in(&ada.at(&world.url(server))).await?);
        assert!(is_signed_in(&ben.at(&world.url(server))).await?);
    }
    world.stop_redis().await?;
    assert!(is_signed_in(&ada.at(&world.url(1))).await?);
    ben.api.post::<()>("/api/auth/sign-out", &json!({})).await?;
    assert!(!is_signed_in(&ben.at(&world.url(0))).await?);
    let cleo = world.sign_up_at(1, "cleo").await?;
    world.start_redis().await?;
    // What one server has read, the other one finds in the cache.
    let room = ada.public_room("tea").await?.id;
    let hit = "chat_cache_lookups_total{class=\"window\",outcome=\"hit\"}";
    eventually("the cache is shared", TIMEOUT, async || {
        let sent = ada.send(room, "hello").await?;
        ada.history(room).await?;
        let before = world.metric(1, hit).await?;
        let there = ada.at(&world.url(1)).history(room).await?;
        ensure!(there.messages.last() == Some(&sent), "{there:?}");
        ensure!(world.metric(1, hit).await? > before, "the other server read the store");
        Ok(())
    })
    .await?;
    for server in 0..2 {
        let there = world.url(server);
        assert!(is_signed_in(&ada.at(&there)).await? && is_signed_in(&cleo.at(&there)).await?);
        eventually("the end is known everywhere", TIMEOUT, async || {
            ensure!(!is_signed_in(&ben.at(&there)).await?);
            Ok(())
        })
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn whoever_writes_to_redis_forges_no_session() -> Result<()> {
    let world = World::start("forged").await?;
    let (ada, ben) = (world.sign_up("ada").await?, world.sign_up("ben").await?);
    let key_of = async |person: &Person| {
        world.redis(&["FLUSHALL"])?;
        assert!(is_signed_in(person).await?);
        let key = world.redis(&["KEYS", "session:*"])?;
        let value = world.redis(&["GET", &key])?;
        anyhow::Ok((key, value))
    };
    let (adas_key, adas_record) = key_of(&ada).await?;
    let (bens_key, bens_record) = key_of(&ben).await?;
    ensure!(adas_key != bens_key && !adas_record.is_empty());

    // The record of another session does not make Ben Ada.
    let secret = ada.private_room("plans", &[]).await?.id;
    world.redis(&["SET", &bens_key, &adas_record])?;
    assert!(is_signed_in(&ben).await?);
    world.redis(&["SET", &bens_key, &adas_record])?;
    let socket = world.connect(0, &ben).await?;
    let sync = json!({ "rooms": { secret.to_string(): 0 } });
    let answer = socket.emit("sync", &sync).await?;
    let page = &answer["rooms"][secret.to_string()];
    assert_eq!(page["error"]["code"], json!("notMember"), "his socket is Ada's: {answer}");
    // Put back after the end, a record makes nobody come alive.
    ben.api.post::<()>("/api/auth/sign-out", &json!({})).await?;
    world.redis(&["SET", &bens_key, &bens_record])?;
    assert!(!is_signed_in(&ben).await?);
    world.redis(&["SET", &bens_key, &bens_record])?;
    assert!(world.connect(0, &ben).await.is_err(), "a socket came alive");
    // Nonsense is no session, and ends none.
    for junk in ["", "ended", "x", "{\"user\": 1}"] {
        world.redis(&["SET", &adas_key, junk])?;
        assert!(is_signed_in(&ada).await?, "{junk}");
    }
    Ok(())
}

#[tokio::test]
async fn known_sessions_stay_valid_while_the_store_is_away() -> Result<()> {
    let mut world = World::named("no-store").own_mysql().start().await?;
    let ada = world.sign_up("ada").await?;
    // A search for nobody asks no store.
    let nobody = "/api/users?query=";
    assert_eq!(ada.api.get::<Vec<Value>>(nobody).await?, Vec::<Value>::new());
    // A socket finds its session where requests find it.
    let known = |by: &str| format!("chat_session_checks_total{{known_by=\"{by}\"}}");
    let (cache, store) = (known("cache"), known("store"));
    let before = (world.count(0, &cache).await?, world.count(0, &store).await?);
    world.connect(0, &ada).await?.disconnect().await;
    let after = (world.count(0, &cache).await?, world.count(0, &store).await?);
    assert_eq!(after, (before.0 + 1, before.1), "the socket asked the store");
    world.kill_mysql()?;
    assert_eq!(ada.api.get::<Vec<Value>>(nobody).await?, Vec::<Value>::new());
    // Of others it cannot be known, and that is not the same as no.
    world.redis(&["FLUSHALL"])?;
    let refusal = Api::refused(ada.api.request(Method::GET, nobody)).await?;
    assert_eq!(refusal.code(), Some(Code::Unavailable));
    assert_eq!(refusal.status, StatusCode::SERVICE_UNAVAILABLE);
    world.start_mysql().await?;
    eventually("the session is known again", TIMEOUT, async || {
        ensure!(is_signed_in(&ada).await?);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_session_that_nobody_uses_ends() -> Result<()> {
    let world = World::start("expired").await?;
    let (ada, ben) = (world.sign_up("ada").await?, world.sign_up("ben").await?);
    let phone = second_device(&world, 0, &ada).await?;
    // Each leads to its own person, and each has a key of its own, which ends by itself.
    for person in [&ada, &ben, &phone] {
        assert!(is_signed_in(person).await?);
    }
    assert!(ada.token != phone.token && ada.token != ben.token);
    let keys = world.redis(&["KEYS", "session:*"])?;
    assert_eq!(keys.lines().count(), 3, "{keys}");
    for key in keys.lines() {
        let left: i64 = world.redis(&["PTTL", key])?.parse()?;
        assert!((1..=60_000).contains(&left), "{key}: {left} ms");
    }
    world.sql("UPDATE sessions SET expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND")?;
    world.redis(&["FLUSHALL"])?;
    assert!(!is_signed_in(&ada).await?);
    Ok(())
}

#[tokio::test]
async fn use_moves_the_end_and_is_written_seldom() -> Result<()> {
    let world = World::start("sliding").await?;
    let ada = world.sign_up("ada").await?;
    let used = || world.sql("SELECT used_at, expires_at FROM sessions");
    let fresh = used()?;
    for _ in 0..20 {
        assert!(is_signed_in(&ada).await?);
    }
    assert_eq!(used()?, fresh, "not for each request");
    world.sql("UPDATE sessions SET used_at = used_at - INTERVAL 2 MINUTE")?;
    world.redis(&["FLUSHALL"])?;
    assert!(is_signed_in(&ada).await?);
    let later = used()?;
    assert!(later[0][0] >= fresh[0][0] && later[0][1] > fresh[0][1], "{fresh:?} {later:?}");
    Ok(())
}

#[tokio::test]
async fn the_cookie_is_for_our_own_page() -> Result<()> {
    let proxy = "127.0.0.1";
    let world = World::named("cookie").setting("CHAT_TRUSTED_PROXIES", proxy).start().await?;
    let ada = world.sign_up("ada").await?;
    let api = world.api(0)?;
    let body = json!({"login": ada.me.email, "password": PASSWORD});
    let sign_in = api.request(Method::POST, "/api/auth/sign-in").json(&body);
    let answer = sign_in.header("X-Forwarded-Proto", "https").send().await?;
    let cookie = answer.headers()[header::SET_COOKIE].to_str()?.to_owned();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Secure"] {
        assert!(cookie.split("; ").any(|p| p == part), "{part} in {cookie}");
    }
    let pair = cookie.split(';').next().context("no cookie")?;
    let change = |origin: &str| {
        let request = api.request(Method::PATCH, "/api/me").header(header::COOKIE, pair);
        let request = request.json(&json!({"displayName": "Ada"}));
        if origin.is_empty() { request } else { request.header(header::ORIGIN, origin) }
    };
    let own = world.url(0);
    for origin in ["", own.as_str()] {
        Api::answer::<Me>(change(origin)).await.with_context(|| origin.to_owned())?;
    }
    for origin in ["https://evil.example", "null", "http://127.0.0.1"] {
        let refusal = Api::refused(change(origin)).await?;
        assert_eq!(refusal.code(), Some(Code::OriginRefused), "{origin}");
        assert_eq!(refusal.status, StatusCode::FORBIDDEN);
    }
    Ok(())
}

#[tokio::test]
async fn guesses_of_a_token_are_refused() -> Result<()> {
    let world = World::start("guess").await?;
    let ada = world.sign_up("ada").await?;
    let mut near = ada.token.clone();
    let last = if near.ends_with('A') { 'B' } else { 'A' };
    near.pop();
    near.push(last);
    let calls = guarded(&ada).await?;
    for token in ["", "x", &"A".repeat(43), &"A".repeat(10_000), &ada.token[1..], &near] {
        let api = world.api(0)?.with_token(token);
        for (method, path) in &calls {
            let request = api.request(method.clone(), path).json(&json!({}));
            let refusal =
                Api::refused(request).await.with_context(|| format!("{method} {path}"))?;
            assert_eq!(refusal.code(), Some(Code::Unauthenticated), "{method} {path}: {token}");
        }
    }
    Ok(())
}

/// Every call of the API but those by which one comes and goes.
async fn guarded(person: &Person) -> Result<Vec<(Method, String)>> {
    let document: Value = person.api.get("/api/openapi.json").await?;
    let mut calls = Vec::new();
    for (path, methods) in document["paths"].as_object().context("no paths")? {
        let open = ["/api/auth/sign-up", "/api/auth/sign-in", "/api/auth/sign-out"];
        if open.contains(&path.as_str()) {
            continue;
        }
        let path = path.replace("{emoji}", "x").replace("{key}", "message:1");
        let path = path.replace("{userId}", "1").replace("{id}", "1");
        for method in methods.as_object().context("no methods")?.keys() {
            calls.push((Method::from_bytes(method.to_uppercase().as_bytes())?, path.clone()));
        }
    }
    ensure!(calls.len() > 30, "calls were lost: {calls:?}");
    Ok(calls)
}
