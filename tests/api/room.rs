//! Goal: rooms over HTTP: looking around, coming and going, names and roles; a room stays
//! manageable, and nobody learns of one that is not for them.
//! Method: one server; what each call answers, and what others see afterwards; the last owner
//! goes, outsiders ask for rooms by id.

use anyhow::{Context as _, Result};
use chat_contract::wire::{Code, Id, PublicRoom, Role, Room, RoomDetail, SignedIn, SystemEvent};
use chrono::{TimeDelta, Utc};
use harness::{Api, Person, World};
use reqwest::Method;
use serde_json::{Value, json};

async fn detail(person: &Person, room: &Room) -> Result<RoomDetail> {
    person.api.get(&format!("/api/rooms/{}", room.id)).await
}

fn role_of(detail: &RoomDetail, person: &Person) -> Option<Role> {
    let member = detail.members.iter().find(|member| member.user.id == person.id());
    member.map(|member| member.role)
}

#[tokio::test]
async fn people_look_around_come_and_go() -> Result<()> {
    let world = World::start("public").await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let (tea, private) = (ada.public_room("tea").await?, ada.private_room("teapot", &[]).await?);
    let coffee = ada.public_room("coffee").await?;
    ada.send(tea.id, "hello").await?;
    let around = async |query: &str| {
        bob.api.get::<Vec<PublicRoom>>(&format!("/api/rooms/public{query}")).await
    };
    let all = around("").await?;
    assert!([&tea, &coffee].iter().all(|room| all.iter().any(|found| found.id == room.id)));
    assert!(all.iter().all(|found| found.id != private.id), "nobody learns of a private room");
    let found = around("?query=tea").await?;
    let [one] = found.as_slice() else { anyhow::bail!("{found:?}") };
    assert_eq!((one.id, one.member_count, one.joined), (tea.id, 1, false));
    assert!(one.active_at.is_some());
    // What has a meaning in SQL is text here.
    assert!(around("?query=%25").await?.is_empty() && around("?query=_").await?.is_empty());

    bob.join(tea.id).await?;
    let one = around("?query=tea").await?.pop().context("no room")?;
    assert_eq!((one.member_count, one.joined), (2, true));
    let leave = format!("/api/rooms/{}/leave", tea.id);
    bob.api.post::<Value>(&leave, &json!({})).await?;
    assert!(bob.api.get::<Vec<Room>>("/api/rooms").await?.is_empty());
    let again = Api::refused(bob.api.request(Method::POST, &leave).json(&json!({}))).await?;
    assert!(matches!(again.code(), Some(Code::NotMember | Code::NotFound)), "{again}");
    let history = ada.history(tea.id).await?;
    let last = history.messages.last().and_then(|message| message.system.clone());
    assert_eq!(last, Some(SystemEvent::Left { user_id: bob.id() }), "the others are told");

    // With another name it is found by that one, and the old one is free.
    let old = tea.name.context("no name")?;
    let renamed = json!({ "name": old.replace("tea", "lemonade") });
    ada.api.patch::<Room>(&format!("/api/rooms/{}", tea.id), &renamed).await?;
    let found = around("?query=lemonade").await?;
    assert_eq!(found.iter().map(|room| room.id).collect::<Vec<_>>(), [tea.id]);
    assert!(around("?query=tea").await?.is_empty(), "found by its old name");
    bob.join(tea.id).await?;
    let again = json!({ "kind": "public", "name": old });
    bob.api.post::<Value>("/api/rooms", &again).await.context("the old name is not free")?;
    Ok(())
}

#[tokio::test]
async fn a_room_has_a_record_that_its_owner_may_change() -> Result<()> {
    let world = World::start("room-change").await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let before = Utc::now() - TimeDelta::milliseconds(1);
    let room = ada.private_room("plans", &[&bob]).await?;
    let there = detail(&bob, &room).await?;
    assert_eq!((there.room.id, there.room.created_at), (room.id, room.created_at));
    assert!((before..=Utc::now()).contains(&room.created_at), "it was made at {}", room.created_at);
    let people = there.members.iter().map(|member| member.user.clone()).collect::<Vec<_>>();
    assert_eq!(people, [ada.me.user.clone(), bob.me.user.clone()], "its people");
    assert_eq!(
        (role_of(&there, &ada), role_of(&there, &bob)),
        (Some(Role::Owner), Some(Role::Member))
    );

    let path = format!("/api/rooms/{}", room.id);
    let change =
        |person: &Person, body: Value| person.api.request(Method::PATCH, &path).json(&body);
    let body = || json!({ "name": "great plans", "topic": "what next" });
    let refused = Api::refused(change(&bob, body())).await?;
    assert_eq!(refused.code(), Some(Code::Forbidden), "Bob is only a member");
    let changed: Room = Api::answer(change(&ada, body())).await?;
    assert_eq!(changed.name.as_deref(), Some("great plans"));
    let seen = detail(&bob, &room).await?.room;
    assert_eq!(seen.topic.as_deref(), Some("what next"));
    let cleared: Room = Api::answer(change(&ada, json!({ "topic": "" }))).await?;
    assert_eq!((cleared.name.as_deref(), cleared.topic), (Some("great plans"), None));
    for (body, code) in [
        (json!({ "name": " " }), Code::InvalidValue),
        (json!({ "name": "x".repeat(81) }), Code::InvalidValue),
        (json!({ "topic": "x".repeat(251) }), Code::InvalidValue),
        (json!({ "kind": "public" }), Code::InvalidRequest),
        (json!({ "name": 5 }), Code::InvalidRequest),
    ] {
        let refusal = Api::refused(change(&ada, body.clone())).await?;
        assert_eq!(refusal.code(), Some(code), "{body}");
    }
    assert_eq!(detail(&bob, &room).await?.room.name.as_deref(), Some("great plans"));
    Ok(())
}

#[tokio::test]
async fn name_and_topic_change_together_or_not_at_all() -> Result<()> {
    let world = World::start("room-update").await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.private_room("plans", &[]).await?;
    let path = format!("/api/rooms/{}", room.id);
    let change = |body: Value| ada.api.request(Method::PATCH, &path).json(&body);
    // A store that takes the name and not the topic.
    world.sql("ALTER TABLE rooms ADD CONSTRAINT no_tea CHECK (topic IS NULL OR topic <> 'tea')")?;
    let both = json!({ "name": "great plans", "topic": "tea" });
    let refused = Api::refused(change(both)).await?;
    assert_eq!(refused.code(), Some(Code::Unavailable), "{refused}");
    let seen = detail(&ada, &room).await?.room;
    assert_eq!((seen.name, seen.topic, seen.head), (room.name.clone(), None, room.head));
    let invalid = json!({ "name": "great plans", "topic": "x".repeat(251) });
    assert_eq!(Api::refused(change(invalid)).await?.code(), Some(Code::InvalidValue));
    assert_eq!(detail(&ada, &room).await?.room.head, room.head);

    // Both, as the two rows that every client knows, with numbers that follow each other.
    let both = json!({ "name": "great plans", "topic": "what next" });
    let changed: Room = Api::answer(change(both.clone())).await?;
    assert_eq!(changed.name.as_deref(), Some("great plans"));
    assert_eq!((changed.topic.as_deref(), changed.head), (Some("what next"), room.head + 2));
    let history = ada.history(room.id).await?;
    let texts: Vec<_> = history.messages.into_iter().skip(1).map(|row| row.system).collect();
    let renamed = SystemEvent::Renamed { name: "great plans".to_owned() };
    let topic = SystemEvent::TopicChanged { topic: "what next".to_owned() };
    assert_eq!(texts, [Some(renamed), Some(topic)]);
    let again: Room = Api::answer(change(both)).await?;
    assert_eq!(again.head, changed.head, "what is so already takes no number");
    Ok(())
}

#[tokio::test]
async fn roles_are_given_by_those_who_may() -> Result<()> {
    let world = World::start("roles").await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let eve = world.sign_up("eve").await?;
    let room = ada.private_room("plans", &[&bob]).await?;
    let give = |by: &Person, to: &Person, role: Value| {
        let path = format!("/api/rooms/{}/members/{}", room.id, to.id());
        by.api.request(Method::PATCH, &path).json(&json!({ "role": role }))
    };
    let refused = Api::refused(give(&bob, &bob, json!("moderator"))).await?;
    assert_eq!(refused.code(), Some(Code::Forbidden), "nobody raises themselves");
    let made: RoomDetail = Api::answer(give(&ada, &bob, json!("moderator"))).await?;
    assert_eq!(role_of(&made, &bob), Some(Role::Moderator));
    let rename = json!({ "name": "by Bob" });
    bob.api.patch::<Room>(&format!("/api/rooms/{}", room.id), &rename).await?;
    let refused = Api::refused(give(&bob, &ada, json!("member"))).await?;
    assert_eq!(refused.code(), Some(Code::Forbidden), "a moderator does not lower the owner");
    let refused = Api::refused(give(&ada, &eve, json!("moderator"))).await?;
    assert!(matches!(refused.code(), Some(Code::NotMember | Code::NotFound)), "{refused}");
    let refused = Api::refused(give(&ada, &bob, json!("emperor"))).await?;
    assert_eq!(refused.code(), Some(Code::InvalidRequest));
    let back: RoomDetail = Api::answer(give(&ada, &bob, json!("member"))).await?;
    assert_eq!(
        (role_of(&back, &bob), role_of(&back, &ada)),
        (Some(Role::Member), Some(Role::Owner))
    );
    Ok(())
}

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
    let (ada, bob, carl) =
        (world.sign_up("ada").await?, world.sign_up("bob").await?, world.sign_up("carl").await?);
    let room = ada.direct(&bob).await?.id;
    let said = [ada.send(room, "from Ada").await?, bob.send(room, "from Bob").await?];
    // Of the two neither ranks above the other, whoever began it.
    for (me, other, theirs) in [(&ada, &bob, &said[1]), (&bob, &ada, &said[0])] {
        let member = format!("/api/rooms/{room}/members/{}", other.id());
        let message = format!("/api/messages/{}", theirs.id);
        for (method, path, body) in [
            (Method::POST, format!("/api/rooms/{room}/leave"), json!({})),
            (Method::DELETE, member.clone(), json!({})),
            (Method::PATCH, member, json!({ "role": "member" })),
            (Method::POST, format!("/api/rooms/{room}/members"), json!({ "members": [carl.id()] })),
            (Method::PATCH, format!("/api/rooms/{room}"), json!({ "name": "mine" })),
            (Method::PATCH, format!("/api/rooms/{room}"), json!({ "topic": "mine" })),
            (Method::DELETE, format!("/api/rooms/{room}"), json!({})),
            (Method::PATCH, message.clone(), json!({ "content": "forged" })),
            (Method::DELETE, message, json!({})),
        ] {
            let request = me.api.request(method.clone(), &path).json(&body);
            let refused =
                Api::refused(request).await.with_context(|| format!("{method} {path}"))?;
            assert_eq!(refused.code(), Some(Code::Forbidden), "{path}: {refused}");
            let hide = refused.body.contains("hide it instead");
            assert_eq!(hide, path.ends_with("/leave"), "{refused}");
        }
    }
    assert_eq!(bob.send(room, "still here").await?.seq, 4);
    assert_eq!(ada.history(room).await?.messages[1..3], said);
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

    // Once she is invited, all of it is hers.
    let said = ada.send(secret.parse()?, "the plan").await?;
    let invite = json!({ "members": [eve.me.user.username] });
    let _: RoomDetail = ada.api.post(&format!("/api/rooms/{secret}/members"), &invite).await?;
    let there: RoomDetail = eve.api.get(&format!("/api/rooms/{secret}")).await?;
    assert_eq!(role_of(&there, &eve), Some(Role::Member));
    assert!(eve.history(there.room.id).await?.messages.contains(&said), "she cannot read it");
    let answer = eve.send(there.room.id, "I am in").await?;
    assert!(ada.history(there.room.id).await?.messages.contains(&answer));
    assert_eq!(eve.api.get::<Vec<Room>>("/api/rooms").await?.len(), 1, "it is not on her list");
    Ok(())
}

#[tokio::test]
async fn all_conversations_are_listed_after_sign_in() -> Result<()> {
    let world = World::start("listed").await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let mut made = vec![
        ada.direct(&bob).await?.id,
        ada.group(&[&bob]).await?.id,
        ada.public_room("tea").await?.id,
        bob.private_room("plans", &[&ada]).await?.id,
    ];
    for n in made.len()..120 {
        made.push(ada.private_room(&format!("room {n}"), &[]).await?.id);
    }
    // The newest first; a word of anybody's brings a room to the top.
    bob.join(made[2]).await?;
    for room in [made[2], made[0]] {
        bob.send(room, "hello").await?;
        made.retain(|one| *one != room);
        made.push(room);
    }
    made.reverse();
    let body = json!({ "login": ada.me.email, "password": harness::PASSWORD });
    let api = world.api(0)?;
    let SignedIn { token, .. } = api.post("/api/auth/sign-in", &body).await?;
    let listed: Vec<Room> = api.with_token(&token).get("/api/rooms").await?;
    let listed: Vec<Id> = listed.iter().map(|room| room.id).collect();
    assert_eq!(listed.len(), made.len());
    assert_eq!(listed, made, "all of them, the last active first");
    Ok(())
}
