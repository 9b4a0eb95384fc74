//! Goal: a room that cannot be committed to now holds nobody up in any other room, and what was
//! sent to it is committed in order when it can.
//! Method: servers with one lane, so that all rooms share it; a room that another transaction has
//! locked, and one that does not exist, while people write elsewhere.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Result, ensure};
use chat_contract::wire::{Code, Id};
use chat_domain::{
    change::Wanted,
    id::{RoomId, UserId},
};
use chat_server::mysql::Store;
use harness::{Answer, Api, Socket, World};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

fn message(room: Id, content: &str) -> Value {
    json!({ "roomId": room, "clientId": Uuid::new_v4(), "content": content })
}

#[tokio::test]
async fn a_locked_room_is_waited_for_beside_the_others() -> Result<()> {
    let world = World::named("locked").setting("CHAT_COMMIT_LANES", "1").start().await?;
    let ada = world.sign_up("ada").await?;
    let (tea, coffee) = (ada.public_room("tea").await?.id, ada.public_room("coffee").await?.id);
    let (locked, free) = (world.connect(0, &ada).await?, world.connect(0, &ada).await?);

    let mut foreign = Store::new(world.database_url(), 1)?.connect().await?;
    let room = RoomId(tea.0);
    let members = vec![(room, UserId(ada.id().0))];
    let wanted = Wanted { rooms: vec![room], members, wait: true, ..Wanted::default() };
    ensure!(foreign.load(&wanted).await?.heads.contains_key(&room), "not locked");
    let mut answers = Vec::new();
    for n in 0..30 {
        answers.push(locked.emit_later("sendMessage", &message(tea, &n.to_string()))?);
        // Some of them come when it is being waited for already.
        let answer = free.emit("sendMessage", &message(coffee, &n.to_string())).await?;
        assert_eq!(answer["message"]["content"], json!(n.to_string()), "{answer}");
    }
    let early = answers.iter_mut().filter_map(Answer::now).count();
    assert_eq!(early, 0, "the room was not locked: this proved nothing");
    foreign.release().await?;
    for (n, answer) in answers.into_iter().enumerate() {
        let answer = answer.await?;
        assert_eq!(answer["message"]["content"], json!(n.to_string()), "{answer}");
        assert_eq!(answer["message"]["seq"], json!(n + 2), "in order, and nothing between");
    }
    Ok(())
}

/// Keeps the lane busy: always some messages on their way.
async fn load_on(socket: &Socket, room: Id, end: &AtomicBool) -> Result<()> {
    while !end.load(Ordering::Relaxed) {
        let answers =
            (0..20).map(|n| socket.emit_later("sendMessage", &message(room, &n.to_string())));
        for answer in answers.collect::<Result<Vec<_>>>()? {
            let answer = answer.await?;
            ensure!(answer["ok"] == json!(true), "{answer}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_room_that_is_not_there_is_refused_while_others_are_busy() -> Result<()> {
    let world = World::named("unknown")
        .setting("CHAT_COMMIT_LANES", "1")
        // Smaller than what is on its way: the lane never comes to an end of it.
        .setting("CHAT_COMMIT_BATCH", "4")
        .start()
        .await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?.id;
    let nowhere = "0000000000001";
    let end = AtomicBool::new(false);
    let busy = [
        world.connect(0, &ada).await?,
        world.connect(0, &ada).await?,
        world.connect(0, &ada).await?,
        world.connect(0, &ada).await?,
    ];
    let load = futures_util::future::try_join_all(busy.iter().map(|s| load_on(s, room, &end)));
    let ask = async {
        for _ in 0..5 {
            let path = format!("/api/rooms/{nowhere}/messages");
            let body = json!({ "clientId": Uuid::new_v4(), "content": "hello?" });
            let refused = Api::refused(ada.api.request(Method::POST, &path).json(&body)).await?;
            assert_eq!(refused.code(), Some(Code::NotFound), "{refused}");
        }
        // Nor does an answer that came later wait behind it for long.
        let socket = world.connect(0, &ada).await?;
        let mut body = message(room, "hello?");
        body["roomId"] = json!(nowhere);
        let first = socket.emit_later("sendMessage", &body)?;
        let second = socket.emit("sendMessage", &message(room, "here")).await?;
        assert_eq!(second["ok"], json!(true), "{second}");
        assert_eq!(first.await?["error"]["code"], json!("notFound"));
        anyhow::Ok(())
    };
    let (loaded, asked) = tokio::join!(load, async {
        let asked = ask.await;
        end.store(true, Ordering::Relaxed);
        asked
    });
    loaded?;
    asked
}
