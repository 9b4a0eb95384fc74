//! Goal: whatever is asked of a room over HTTP, the answer is a problem in words, and what is
//! there is unharmed.
//! Method: every kind of wrong input by a member, every right call by somebody who is none, and
//! sessions that have ended; then a look at the room.

use anyhow::{Context as _, Result, bail, ensure};
use chat_contract::wire::{Code, Id};
use harness::{Api, Outcome, PASSWORD, Person, TIMEOUT, World, eventually, input};
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};
use uuid::Uuid;

/// A body as bytes: what a good client would never send, too.
async fn refused(person: &Person, method: Method, path: &str, body: &[u8]) -> Result<Code> {
    let request = person.api.request(method.clone(), path);
    let request = if body.is_empty() {
        request
    } else {
        request.header(header::CONTENT_TYPE, "application/json").body(body.to_vec())
    };
    let refusal = Api::refused(request).await.with_context(|| format!("{method} {path}"))?;
    let problem = refusal.problem.with_context(|| format!("{method} {path}: {}", refusal.body))?;
    ensure!(problem.detail.len() > 10, "{method} {path}: {problem:?}");
    Ok(problem.code)
}

#[tokio::test]
async fn wrong_requests_are_refused_in_words_and_change_nothing() -> Result<()> {
    let world = World::start("wrong-requests").await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?;
    let first = ada.send(room.id, "hello").await?;
    let path = |rest: &str| format!("/api/rooms/{}/{rest}", room.id);
    let eve = world.sign_up("eve").await?;
    let theirs = eve.private_room("theirs", &[]).await?;
    for (input, code) in input::wrong(room.id, theirs.id) {
        let outcome = input.over_http(&ada).await?;
        let Outcome::Refused(problem) = outcome else { bail!("{input:?}: {outcome:?}") };
        assert_eq!(problem.code, code, "{input:?}: {problem:?}");
        assert!(problem.detail.len() > 10, "{input:?}: {problem:?}");
    }
    // What can be said wrongly in a body alone.
    let no_text = b"{\"clientId\":\"00000000-0000-0000-0000-000000000000\",\"content\":\"\xff\"}";
    for (body, code) in [
        (&no_text[..], Code::InvalidRequest),
        (b"{\"content\":\"x\"}", Code::InvalidRequest),
        (b"{", Code::InvalidRequest),
    ] {
        let start = String::from_utf8_lossy(body).into_owned();
        ensure!(refused(&ada, Method::POST, &path("messages"), body).await? == code, "{start}");
    }
    let history = ada.history(room.id).await?;
    assert_eq!(history.messages.last(), Some(&first), "nothing of all this left a trace");
    assert_eq!(ada.send(room.id, "fine").await?.seq, first.seq + 1);
    Ok(())
}

#[tokio::test]
async fn places_that_are_none_are_refused_in_words() -> Result<()> {
    let world = World::start("wrong-places").await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?;
    let path = |rest: &str| format!("/api/rooms/{}/{rest}", room.id);
    for (query, code) in [
        ("messages?beforeSeq=-1", Code::InvalidRequest),
        ("messages?afterSeq=-1", Code::InvalidRequest),
        ("messages?aroundSeq=-1", Code::InvalidRequest),
        ("messages?beforeSeq=x", Code::InvalidRequest),
        ("messages?beforeSeq=99999999999999999999", Code::InvalidRequest),
        ("messages?beforeSeq=1&afterSeq=1", Code::InvalidRequest),
        ("messages?before=1", Code::InvalidRequest),
        ("messages?limit=0", Code::InvalidValue),
        ("messages?limit=201", Code::InvalidValue),
        ("messages?limit=-1", Code::InvalidRequest),
        ("sync?after=-1", Code::InvalidRequest),
        ("sync?after=", Code::InvalidRequest),
        ("sync", Code::InvalidRequest),
        ("sync?after=1&x=1", Code::InvalidRequest),
    ] {
        ensure!(refused(&ada, Method::GET, &path(query), b"").await? == code, "{query}");
    }
    // The largest numbers there are say nothing, and break nothing.
    for query in ["beforeSeq", "afterSeq", "aroundSeq"] {
        let page: Value = ada.api.get(&path(&format!("messages?{query}={}", u64::MAX))).await?;
        assert!(page["messages"].is_array(), "{query}: {page}");
    }
    Ok(())
}

/// Everything that can be asked of a room, with a body that would be right for a member.
fn all_calls(room: Id, seq: u64, somebody: Id) -> Vec<(Method, String, Value)> {
    let (path, message) = (format!("/api/rooms/{room}"), format!("/api/messages/{room}-{seq}"));
    vec![
        (Method::GET, path.clone(), Value::Null),
        (Method::GET, format!("{path}/messages"), Value::Null),
        (Method::GET, format!("{path}/messages?beforeSeq=9"), Value::Null),
        (Method::GET, format!("{path}/sync?after=0"), Value::Null),
        (
            Method::POST,
            format!("{path}/messages"),
            json!({ "clientId": Uuid::new_v4(), "content": "x" }),
        ),
        (Method::PUT, format!("{path}/read"), json!({ "seq": 1 })),
        (Method::PATCH, path.clone(), json!({ "name": "mine now" })),
        (Method::PATCH, path.clone(), json!({ "topic": "mine now" })),
        (Method::DELETE, path.clone(), Value::Null),
        (Method::POST, format!("{path}/join"), json!({})),
        (Method::POST, format!("{path}/leave"), json!({})),
        (Method::POST, format!("{path}/members"), json!({ "members": [somebody] })),
        (Method::PATCH, format!("{path}/members/{somebody}"), json!({ "role": "moderator" })),
        (Method::DELETE, format!("{path}/members/{somebody}"), Value::Null),
        (Method::PATCH, message.clone(), json!({ "content": "forged" })),
        (Method::DELETE, message.clone(), Value::Null),
        (Method::PUT, format!("{message}/reactions/👍"), Value::Null),
        (Method::DELETE, format!("{message}/reactions/👍"), Value::Null),
    ]
}

/// Everything else that somebody may ask for, who is signed in.
fn other_calls(somebody: Id) -> Vec<(Method, String, Value)> {
    let get = |path: &str| (Method::GET, path.to_owned(), Value::Null);
    let change = |method, path: &str, body| (method, path.to_owned(), body);
    vec![
        get("/api/me"),
        get("/api/rooms"),
        get("/api/rooms/public"),
        get("/api/users?query=a"),
        get(&format!("/api/users/{somebody}")),
        get(&format!("/api/messages/{somebody}")),
        get("/api/auth/sessions"),
        get("/api/uploads/1"),
        get("/api/admin/cache"),
        change(Method::POST, "/api/rooms", json!({ "kind": "public", "name": "mine" })),
        change(
            Method::POST,
            "/api/messages/send",
            json!({ "receiverId": somebody, "content": "x" }),
        ),
        change(Method::PATCH, "/api/me", json!({ "displayName": "me" })),
        change(
            Method::PUT,
            "/api/me/password",
            json!({ "currentPassword": PASSWORD, "newPassword": "a new password" }),
        ),
        change(Method::DELETE, "/api/me/photo", Value::Null),
        change(Method::DELETE, "/api/auth/sessions/1", Value::Null),
        change(Method::POST, "/api/uploads", Value::Null),
    ]
}

#[tokio::test]
async fn a_room_of_others_can_neither_be_read_nor_changed() -> Result<()> {
    let world = World::start("not-mine").await?;
    let (ada, eve) = (world.sign_up("ada").await?, world.sign_up("eve").await?);
    let room = ada.private_room("plans", &[]).await?;
    let message = ada.send(room.id, "the secret").await?;
    let before = ada.history(room.id).await?;
    for (method, path, body) in all_calls(room.id, message.seq, eve.id()) {
        let request = eve.api.request(method.clone(), &path);
        let request = if body.is_null() { request } else { request.json(&body) };
        let refusal = Api::refused(request).await.with_context(|| format!("{method} {path}"))?;
        let code = refusal.code();
        assert!(
            matches!(code, Some(Code::NotMember | Code::Forbidden | Code::NotFound)),
            "{method} {path}: {refusal}"
        );
        assert!(!refusal.body.contains("secret") && !refusal.body.contains("plans"), "{refusal}");
    }
    assert_eq!(ada.history(room.id).await?, before);
    Ok(())
}

#[tokio::test]
async fn an_expired_token_opens_nothing() -> Result<()> {
    let world = World::named("expired").setting("CHAT_SESSION_TTL", "10s").start().await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?;
    // Its time runs out by itself; nothing asks in its name, since that would move the end.
    eventually("the session has ended", TIMEOUT, async || {
        let open =
            world.sql("SELECT COUNT(*) FROM sessions WHERE expires_at > UTC_TIMESTAMP(6)")?;
        ensure!(open == [["0"]], "{open:?}");
        Ok(())
    })
    .await?;
    let calls = all_calls(room.id, 1, ada.id()).into_iter().chain(other_calls(ada.id()));
    for (method, path, body) in calls {
        let request = ada.api.request(method.clone(), &path).json(&body);
        let refusal = Api::refused(request).await.with_context(|| format!("{method} {path}"))?;
        assert_eq!(refusal.status, StatusCode::UNAUTHORIZED, "{method} {path}");
        assert_eq!(refusal.code(), Some(Code::Unauthenticated), "{method} {path}");
    }
    assert!(world.connect(0, &ada).await.is_err(), "neither over a socket");
    assert_eq!(world.sql("SELECT COUNT(*) FROM messages WHERE `system` IS NULL")?, [["0"]]);
    Ok(())
}
