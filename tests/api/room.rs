//! Goal: a room stays manageable, and nobody learns of one that is not for them.
//! Method: one server; the last owner goes, outsiders ask for rooms by id.
//! covers: F5 F6 F7 R7

use anyhow::Result;
use chat_contract::wire::{Code, Role, Room, RoomDetail};
use harness::{Api, Person, World};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn who_leaves_as_the_last_owner_hands_the_room_on() -> Result<()> {
    let world = World::start("last-owner").await?;
    let (ada, bob, carl) =
        (world.sign_up("ada").await?, world.sign_up("bob").await?, world.sign_up("carl").await?);
    let room = ada.group(&[&bob, &carl]).await?.id;
    let member = |who: &Person| format!("/api/rooms/{room}/members/{}", who.id());
    let step_down = json!({ "role": "member" });
    let refused = ada.api.request(Method::PATCH, &member(&ada)).json(&step_down);
    let refused = Api::refused(refused).await?;
    assert_eq!(refused.code(), Some(Code::Conflict), "{refused}");
    assert!(refused.body.contains("make somebody else an owner first"), "{refused}");

    let moderator = json!({ "role": "moderator" });
    let _: RoomDetail = ada.api.patch(&member(&carl), &moderator).await?;
    let leave = format!("/api/rooms/{room}/leave");
    ada.api.post::<()>(&leave, &json!({})).await?;
    let there: RoomDetail = bob.api.get(&format!("/api/rooms/{room}")).await?;
    let owners: Vec<_> = there.members.iter().filter(|m| m.role == Role::Owner).collect();
    assert_eq!(owners.iter().map(|owner| owner.user.id).collect::<Vec<_>>(), [carl.id()]);
    let _: RoomDetail = carl.api.patch(&member(&bob), &moderator).await?;

    // The last one of all may go.
    carl.api.post::<()>(&leave, &json!({})).await?;
    bob.api.post::<()>(&leave, &json!({})).await?;
    assert!(bob.api.get::<Vec<Room>>("/api/rooms").await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_direct_conversation_cannot_be_left() -> Result<()> {
    let world = World::start("leave-direct").await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let room = ada.direct(&bob).await?.id;
    for (method, path) in [
        (Method::POST, format!("/api/rooms/{room}/leave")),
        (Method::DELETE, format!("/api/rooms/{room}/members/{}", bob.id())),
        (Method::DELETE, format!("/api/rooms/{room}")),
    ] {
        let request = ada.api.request(method, &path).json(&json!({}));
        let refused = Api::refused(request).await?;
        assert_eq!(refused.code(), Some(Code::Forbidden), "{path}: {refused}");
    }
    assert_eq!(bob.send(room, "still here").await?.seq, 2);
    assert_eq!(ada.history(room).await?.messages.len(), 2);
    Ok(())
}

#[tokio::test]
async fn a_room_that_is_not_for_one_is_like_none() -> Result<()> {
    let world = World::start("not-for-one").await?;
    let (ada, eve) = (world.sign_up("ada").await?, world.sign_up("eve").await?);
    let secret = ada.private_room("plans", &[]).await?.id.to_string();
    let mut answers = Vec::new();
    for room in [secret.as_str(), "0000000000001"] {
        let ask = |method, path: String| eve.api.request(method, &path).json(&json!({}));
        for request in [
            ask(Method::GET, format!("/api/rooms/{room}")),
            ask(Method::POST, format!("/api/rooms/{room}/join")),
            ask(Method::GET, format!("/api/rooms/{room}/messages")),
            ask(Method::GET, format!("/api/rooms/{room}/sync?after=0")),
        ] {
            let refused = Api::refused(request).await?;
            answers.push((refused.status, refused.body));
        }
    }
    assert_eq!(answers[..4], answers[4..]);
    assert_eq!(answers[0].0, 404);
    Ok(())
}
