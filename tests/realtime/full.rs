//! Goal: a store with a full disk accepts nothing and is reported as unavailable; earlier messages
//! stay, rejected ones are stored once when there is space again, and no log contains messages.
//! Method: a database whose only file may not grow, until it is started again with more.

use anyhow::{Result, ensure};
use chat_contract::wire::{Code, Id, Message, SendMessage};
use harness::{Api, Person, Socket, TIMEOUT, World, eventually};
use reqwest::{Method, RequestBuilder, StatusCode, header::RETRY_AFTER};
use serde_json::json;
use uuid::Uuid;

const ROOM_MIB: u32 = 16;
const MORE_MIB: u32 = 200;
/// Far more than fit.
const MANY: usize = 5_000;
const SECRET: &str = "told in confidence ";

fn long() -> SendMessage {
    let content = SECRET.repeat(400);
    SendMessage {
        client_id: Uuid::new_v4(),
        content,
        reply_to: None,
        image_url: None,
        public_id: None,
    }
}

fn send(person: &Person, path: &str, message: &SendMessage) -> RequestBuilder {
    person.api.request(Method::POST, path).json(message)
}

/// Sends, ends the server meanwhile, and gives what was acknowledged. The rest was refused in words.
async fn sent_until_the_end(world: &mut World, socket: Socket, room: Id) -> Result<Vec<Message>> {
    let answers = (0..50).map(|_| {
        let mut body = serde_json::to_value(long())?;
        body["roomId"] = json!(room);
        socket.emit_later("sendMessage", &body)
    });
    let answers = answers.collect::<Result<Vec<_>>>()?;
    world.ask_server_to_end(0)?;
    let mut taken = Vec::new();
    for answer in answers {
        let mut answer = answer.await?;
        if answer["ok"] == json!(true) {
            taken.push(serde_json::from_value(answer["message"].take())?);
        } else {
            assert_eq!(answer["error"]["code"], "unavailable", "{answer}");
        }
    }
    socket.disconnect().await;
    world.ended(0).await?;
    Ok(taken)
}

#[tokio::test]
async fn a_store_without_room_loses_nothing() -> Result<()> {
    let mut world = World::named("full")
        .mysql_room(ROOM_MIB)
        .setting("CHAT_LOG", "info,sqlx=debug")
        .start()
        .await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?.id;
    let path = format!("/api/rooms/{room}/messages");
    let mut taken: Vec<Message> = Vec::new();
    let (refused, answer) = loop {
        let message = long();
        let answer = send(&ada, &path, &message).send().await?;
        if !answer.status().is_success() {
            break (message, answer);
        }
        taken.push(answer.json().await?);
        ensure!(taken.len() < MANY, "there is always room");
    };
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text().await?);
    assert!(answer.headers().contains_key(RETRY_AFTER));
    let socket = world.connect(0, &ada).await?;
    let mut by_socket = serde_json::to_value(long())?;
    by_socket["roomId"] = json!(room);
    let emitted = socket.emit("sendMessage", &by_socket);
    let (other, answer) = tokio::join!(Api::refused(send(&ada, &path, &long())), emitted);
    assert_eq!(other?.code(), Some(Code::Unavailable));
    assert_eq!(answer?["error"]["code"], "unavailable");
    assert!(!ada.history(room).await?.messages.is_empty(), "what is there can be read");

    world.stop_mysql().await?;
    world.set_mysql_room(MORE_MIB)?;
    world.start_mysql().await?;
    for _ in 0..2 {
        let again = eventually("what was refused goes through", TIMEOUT, async || {
            Api::answer::<Message>(send(&ada, &path, &refused)).await
        });
        taken.push(again.await?);
    }
    let again = taken.pop().map(|again| again.seq);
    assert_eq!(again, taken.last().map(|first| first.seq), "it is there once");

    // A server that ends while it is sent to loses nothing either.
    taken.extend(sent_until_the_end(&mut world, socket, room).await?);
    world.start_server(0).await?;

    let rows = world
        .sql("SELECT seq, LOWER(HEX(client_id)) FROM messages WHERE content <> '' ORDER BY seq")?;
    let expected: Vec<_> = taken
        .iter()
        .map(|one| {
            vec![one.seq.to_string(), one.client_id.unwrap_or_default().simple().to_string()]
        })
        .collect();
    assert_eq!(rows, expected);
    assert_eq!(taken.last().map(|last| last.seq), Some(ada.history(room).await?.head));
    let log = world.log(0)?;
    let hex = SECRET.bytes().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    assert!(log.contains("changes were not committed"), "{log}");
    assert!(!log.contains(SECRET) && !log.to_lowercase().contains(&hex), "{log}");
    Ok(())
}
