//! Goal: what somebody is writing is kept for them alone, within limits, and goes when they want it
//! to or leave.
//! Method: one server; accepted and rejected drafts, and the drafts in the list and in the room.

use anyhow::{Context as _, Result};
use chat_contract::wire::{Code, Draft, Id, Room, RoomDetail};
use futures_util::future::join_all;
use harness::{Api, Person, World};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

fn write(person: &Person, room: Id, body: &Value) -> RequestBuilder {
    person.api.request(Method::PUT, &format!("/api/rooms/{room}/draft")).json(body)
}

async fn written(person: &Person, room: Id, body: &Value) -> Result<()> {
    Api::answer(write(person, room, body)).await
}

/// The draft in the list and in the room.
async fn shown(person: &Person, room: Id) -> Result<Option<Draft>> {
    let list: Vec<Room> = person.api.get("/api/rooms").await?;
    let listed = list.into_iter().find(|one| one.id == room).context("it is not listed")?.draft;
    let there: RoomDetail = person.api.get(&format!("/api/rooms/{room}")).await?;
    anyhow::ensure!(there.room.draft == listed, "list and room differ");
    Ok(listed)
}

async fn text(person: &Person, room: Id) -> Result<Option<String>> {
    Ok(shown(person, room).await?.map(|draft| draft.content))
}

#[tokio::test]
async fn the_latest_is_shown_to_its_writer_alone() -> Result<()> {
    let world = World::start("draft").await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let (room, other) = (ada.group(&[&bob]).await?.id, ada.direct(&bob).await?.id);
    let message = bob.send(room, "well?").await?;
    assert_eq!(shown(&ada, room).await?, None);
    written(&ada, room, &json!({ "content": "half" })).await?;
    written(&ada, other, &json!({ "content": "another" })).await?;
    written(&ada, room, &json!({ "content": "half a thought, 日本語 🛟 ", "replyTo": message.id }))
        .await?;
    let draft = shown(&ada, room).await?.context("no draft")?;
    assert_eq!(draft.content, "half a thought, 日本語 🛟 ");
    assert_eq!(draft.reply_to, Some(message.id));
    assert!(draft.changed_at >= message.created_at);
    assert_eq!(text(&ada, other).await?.as_deref(), Some("another"));
    assert_eq!(shown(&bob, room).await?, None, "nobody else sees it");

    // A reply without words is one, too; with neither there is none, and spaces are nothing.
    written(&ada, room, &json!({ "replyTo": message.id })).await?;
    assert_eq!(text(&ada, room).await?.as_deref(), Some(""));
    for nothing in [json!({}), json!({ "content": "" }), json!({ "content": " \n " })] {
        written(&ada, other, &json!({ "content": "again" })).await?;
        assert!(shown(&ada, other).await?.is_some());
        written(&ada, other, &nothing).await?;
        assert_eq!(shown(&ada, other).await?, None, "{nothing}");
    }
    // What is sent is another matter: only the writer's device knows whether it was this.
    ada.send(room, "by another program").await?;
    assert!(shown(&ada, room).await?.is_some());
    Ok(())
}

#[tokio::test]
async fn each_of_several_answers_at_once_has_the_latest() -> Result<()> {
    let world = World::start("draft-at-once").await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let room = ada.group(&[&bob]).await?.id;
    for round in 0..20 {
        let content = format!("thought {round}");
        written(&ada, room, &json!({ "content": content })).await?;
        for answer in join_all((0..8).map(|_| text(&ada, room))).await {
            assert_eq!(answer?.as_ref(), Some(&content));
        }
    }
    Ok(())
}

#[tokio::test]
async fn what_is_no_draft_of_a_member_is_refused() -> Result<()> {
    let world = World::start("draft-refused").await?;
    let (ada, eve) = (world.sign_up("ada").await?, world.sign_up("eve").await?);
    let (room, public) =
        (ada.private_room("plans", &[]).await?.id, ada.public_room("tea").await?.id);
    let elsewhere = ada.send(public, "elsewhere").await?;
    for (body, code) in [
        (json!({ "content": "🛟".repeat(8_001) }), Code::InvalidValue),
        (json!({ "content": "a\u{0}b" }), Code::InvalidValue),
        (json!({ "content": "x", "replyTo": elsewhere.id }), Code::InvalidValue),
        (json!({ "content": 5 }), Code::InvalidRequest),
        (json!({ "content": "x", "imageUrl": "https://example.org/x.png" }), Code::InvalidRequest),
    ] {
        let refused = Api::refused(write(&ada, room, &body)).await?;
        assert_eq!(refused.code(), Some(code), "{refused}");
    }
    assert_eq!(shown(&ada, room).await?, None);
    written(&ada, room, &json!({ "content": "🛟".repeat(8_000) })).await?;
    assert_eq!(text(&ada, room).await?, Some("🛟".repeat(8_000)));
    let nowhere: Id = "0000000000001".parse()?;
    for room in [room, public, nowhere] {
        let refused = Api::refused(write(&eve, room, &json!({ "content": "x" }))).await?;
        assert_eq!(refused.code(), Some(Code::NotMember), "{refused}");
    }
    let nobody = world.api(0)?.request(Method::PUT, &format!("/api/rooms/{room}/draft"));
    let refused = Api::refused(nobody.json(&json!({}))).await?;
    assert_eq!(refused.code(), Some(Code::Unauthenticated));
    Ok(())
}

#[tokio::test]
async fn who_is_gone_has_no_draft() -> Result<()> {
    let world = World::start("draft-gone").await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let (left, removed) = (ada.public_room("tea").await?.id, ada.group(&[&bob]).await?.id);
    let deleted = ada.private_room("plans", &[&bob]).await?.id;
    bob.join(left).await?;
    for room in [left, removed, deleted] {
        written(&bob, room, &json!({ "content": "unsaid" })).await?;
        written(&ada, room, &json!({ "content": "unsaid" })).await?;
        assert!(shown(&bob, room).await?.is_some() && shown(&ada, room).await?.is_some());
    }
    bob.api.post::<()>(&format!("/api/rooms/{left}/leave"), &json!({})).await?;
    ada.api.delete::<()>(&format!("/api/rooms/{removed}/members/{}", bob.id())).await?;
    ada.api.delete::<()>(&format!("/api/rooms/{deleted}")).await?;
    let kept = |person: &Person| {
        let query = format!("SELECT room_id FROM drafts WHERE user_id = {}", person.id().0);
        world.sql(&query).map(|rows| rows.len())
    };
    assert_eq!((kept(&bob)?, kept(&ada)?), (0, 2), "of the deleted room nobody's is kept");

    // One that was still on its way when they left is no secret way to look into the room.
    let late = format!(
        "INSERT INTO drafts (user_id, room_id, content, changed_at) VALUES ({}, {}, 'late', NOW())",
        bob.id().0,
        left.0
    );
    world.sql(&late)?;
    let there: RoomDetail = bob.api.get(&format!("/api/rooms/{left}")).await?;
    assert_eq!(there.room.draft, None);
    Ok(())
}

#[tokio::test]
async fn nobody_writes_faster_than_they_may() -> Result<()> {
    let world = World::named("draft-limit")
        .setting("CHAT_LIMIT_SENDS_PER_SECOND", "1")
        .setting("CHAT_LIMIT_SENDS_BURST", "3")
        .start()
        .await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.group(&[]).await?.id;
    let body = json!({ "content": "x" });
    let answers = join_all((0..20).map(|_| Api::answer::<()>(write(&ada, room, &body)))).await;
    let refused: Vec<_> = answers.into_iter().filter_map(Result::err).collect();
    assert!(!refused.is_empty(), "twenty at once were accepted");
    for error in refused {
        let refusal = error.downcast::<harness::Refusal>()?;
        assert_eq!(refusal.code(), Some(Code::TooManyRequests), "{refusal}");
    }
    ada.send(room, "sending is counted apart").await?;
    Ok(())
}
