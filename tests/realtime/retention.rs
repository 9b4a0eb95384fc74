//! Goal: messages that were kept for as long as they are go, for everybody, everywhere, and leave
//! nothing but the proof that they were sent.
//! Method: messages that are aged in the store, and a server with a retention; what users see live,
//! by sync, in lists and of pictures, and what the store still has.

use anyhow::{Context as _, Result, ensure};
use chat_contract::wire::{Code, Id, Message, Room, SendMessage, SyncPage, Upload};
use harness::{Api, Person, TIMEOUT, World, eventually};
use reqwest::{
    Method, StatusCode,
    multipart::{Form, Part},
};
use serde_json::json;
use uuid::Uuid;

const RETENTION: &str = "CHAT_RETENTION";

async fn picture(person: &Person) -> Result<Upload> {
    let mut file = std::io::Cursor::new(Vec::new());
    image::GrayImage::new(2, 2).write_to(&mut file, image::ImageFormat::Png)?;
    let form = Form::new().part("file", Part::bytes(file.into_inner()));
    Api::answer(person.api.request(Method::POST, "/api/uploads").multipart(form)).await
}

async fn post(person: &Person, room: Id, body: &SendMessage) -> Result<Message> {
    person.api.post(&format!("/api/rooms/{room}/messages"), body).await
}

fn text(content: &str) -> SendMessage {
    let client_id = Uuid::new_v4();
    let content = content.to_owned();
    SendMessage { client_id, content, reply_to: None, image_url: None, public_id: None }
}

/// The columns of a message, besides those that a retry needs.
fn columns(world: &World) -> Result<Vec<String>> {
    let columns = world.sql(
        "SELECT column_name FROM information_schema.columns \
         WHERE table_schema = DATABASE() AND table_name = 'messages' AND column_name NOT IN \
         ('room_id', 'seq', 'changed_seq', 'ordinal', 'sender_id', 'client_id', 'digest', \
         'created_at', 'deleted_at') ORDER BY column_name",
    )?;
    Ok(columns.concat())
}

/// Those of [`columns`] that hold something in a row up to `seq`.
fn filled_columns(world: &World, seq: u64) -> Result<Vec<String>> {
    let mut filled = Vec::new();
    for column in columns(world)? {
        let rows = world.sql(&format!(
            "SELECT COUNT(*) FROM messages WHERE seq <= {seq} AND `{column}` IS NOT NULL \
             AND CAST(`{column}` AS CHAR) NOT IN ('', '0')"
        ))?;
        if rows != [["0"]] {
            filled.push(column);
        }
    }
    Ok(filled)
}

async fn room_in_list(person: &Person, room: Id) -> Result<Room> {
    let rooms: Vec<Room> = person.api.get("/api/rooms").await?;
    rooms.into_iter().find(|other| other.id == room).context("the room is not in the list")
}

/// Starts a server anew and waits until it has looked for old messages.
async fn look(world: &mut World, server: usize) -> Result<()> {
    world.stop_server(server).await?;
    world.start_server(server).await?;
    eventually("the server has looked for old messages", TIMEOUT, async || {
        let metrics = world.metrics(server).await?;
        ensure!(
            metrics.contains(r#"chat_task_duration_seconds_count{task="purge_messages"}"#),
            "not yet"
        );
        Ok(())
    })
    .await
}

async fn erased(world: &World) -> Result<()> {
    eventually("what was purged is erased", TIMEOUT, async || {
        let left = world.sql("SELECT COUNT(*) FROM heads WHERE erased < floor OR floor = 0")?;
        ensure!(left == [["0"]], "{left:?}");
        Ok(())
    })
    .await
}

/// Two messages with all that one can have; what the first was sent as, and both.
async fn secrets(
    ada: &Person,
    ben: &Person,
    room: Id,
    upload: &Upload,
) -> Result<(SendMessage, Message, Message)> {
    let mention = text(&format!("secret for @{}", ben.me.user.username));
    let first = post(ada, room, &mention).await?;
    let path = format!("/api/messages/{}", first.id);
    let edited = json!({ "content": format!("{} and others", mention.content) });
    ada.api.patch::<Message>(&path, &edited).await?;
    let thumb = format!("{path}/reactions/%F0%9F%91%8D");
    ben.api.put::<Message>(&thumb, &json!({})).await?;
    let image_url = Some(upload.url.clone());
    let shown = SendMessage { image_url, reply_to: Some(first.id), ..text("secret picture") };
    let last = post(ada, room, &shown).await?;
    Ok((mention, first, last))
}

#[tokio::test]
async fn old_messages_go_for_everybody_and_new_ones_stay() -> Result<()> {
    let mut world = World::named("retention").servers(2).start().await?;
    let (ada, ben) = (world.sign_up("ada").await?, world.sign_up("ben").await?);
    let room = ada.private_room("tea", &[&ben]).await?.id;
    let upload = picture(&ada).await?;
    let (mention, first, last) = secrets(&ada, &ben, room, &upload).await?;
    assert_eq!(filled_columns(&world, last.seq)?, columns(&world)?, "there is something to erase");
    let fetch = ben.api.request(Method::GET, &upload.url);
    assert_eq!(fetch.send().await?.status(), StatusCode::OK);
    world.sql("UPDATE messages SET created_at = created_at - INTERVAL 40 DAY")?;
    let answer = SendMessage { reply_to: Some(last.id), ..text("new") };
    let new = post(&ada, room, &answer).await?;
    assert_eq!(room_in_list(&ben, room).await?.unread, 3);

    let socket = world.connect(0, &ben).await?;
    world.set(1, RETENTION, "30d");
    look(&mut world, 1).await?;
    let event = socket
        .event_where("newMessage", |data| data["messages"][0]["system"]["type"] == "purged")
        .await?;
    let purge = new.seq + 1;
    assert_eq!(event.data["messages"][0]["system"]["upTo"], json!(last.seq));
    assert_eq!((&event.data["after"], &event.data["upTo"]), (&json!(new.seq), &json!(purge)));
    socket.event_where("roomChanged", |data| data["change"] == "updated").await?;
    erased(&world).await?;

    // Whoever reads, from wherever, sees what is left.
    for server in [0, 1] {
        let ben = ben.at(&world.url(server));
        let page = ben.history(room).await?;
        let seqs: Vec<_> = page.messages.iter().map(|message| message.seq).collect();
        assert_eq!(seqs, [new.seq, purge]);
        assert!(page.quoted.is_empty() && !page.has_before, "{page:?}");
        let sync = async |after: u64| -> Result<SyncPage> {
            ben.api.get(&format!("/api/rooms/{room}/sync?after={after}")).await
        };
        assert!(sync(last.seq - 1).await?.reset, "this cursor has missed a purge");
        let page = sync(last.seq).await?;
        let seqs: Vec<_> = page.messages.iter().map(|message| message.seq).collect();
        assert_eq!((page.reset, seqs), (false, vec![new.seq, purge]));
        let listed = room_in_list(&ben, room).await?;
        assert_eq!((listed.unread, listed.mentions), (1, 0));
        assert_eq!(listed.last_message.map(|message| message.id), Some(new.id));
        let answer = ben.api.request(Method::GET, &upload.url).send().await?;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "the picture");
    }
    let react = socket.emit("react", &json!({ "id": first.id, "emoji": "👍" })).await?;
    assert_eq!(react["error"]["code"], "notFound");
    let secret = world
        .sql("SELECT COUNT(*) FROM messages WHERE content LIKE '%secret%' OR image IS NOT NULL")?;
    assert_eq!(secret, [["0"]]);
    assert_eq!(filled_columns(&world, new.seq - 1)?, Vec::<String>::new());
    assert_eq!(world.sql("SELECT COUNT(*) FROM mentions")?, [["0"]]);

    // A retry is the same message for ever.
    let again = post(&ada, room, &mention).await?;
    assert_eq!((again.seq, again.content.as_str()), (first.seq, ""));
    assert!(again.deleted_at.is_some(), "{again:?}");
    let other = SendMessage { content: "other".to_owned(), ..mention };
    let path = format!("/api/rooms/{room}/messages");
    let refusal = Api::refused(ada.api.request(Method::POST, &path).json(&other)).await?;
    assert_eq!(refusal.code(), Some(Code::ClientIdReused));

    // Nothing to do is nothing done: no number is taken.
    look(&mut world, 1).await?;
    assert_eq!(room_in_list(&ada, room).await?.head, purge);
    Ok(())
}

#[tokio::test]
async fn a_room_all_of_whose_messages_went_is_empty_and_left_alone() -> Result<()> {
    let mut world = World::named("retention-quiet").start().await?;
    let (ada, ben) = (world.sign_up("ada").await?, world.sign_up("ben").await?);
    let room = ada.direct(&ben).await?.id;
    let quiet = ada.public_room("quiet").await?;
    ada.send(room, "secret").await?;
    world.sql("UPDATE messages SET created_at = created_at - INTERVAL 3 HOUR")?;
    world.set(0, RETENTION, "1h");
    for _ in 0..2 {
        look(&mut world, 0).await?;
        let listed = room_in_list(&ben, room).await?;
        assert!(listed.last_message.is_none() && listed.unread == 0, "{listed:?}");
        // What the purge itself wrote is old by now, too.
        world.sql("UPDATE messages SET created_at = created_at - INTERVAL 3 HOUR")?;
    }
    let conversation: Vec<Message> = ben.api.get(&format!("/api/messages/{}", ada.id())).await?;
    assert!(conversation.is_empty(), "{conversation:?}");
    assert_eq!(room_in_list(&ada, room).await?.head, 3, "made, written, purged once");
    assert_eq!(room_in_list(&ada, quiet.id).await?.head, quiet.head, "nobody wrote there");
    assert_eq!(ada.send(room, "again").await?.seq, 4);
    Ok(())
}

#[tokio::test]
async fn an_erasure_that_was_cut_short_is_finished() -> Result<()> {
    let mut world = World::named("retention-short").start().await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?.id;
    for n in 0..5 {
        ada.send(room, &format!("secret {n}")).await?;
    }
    // As a server left it that died after the purge was committed.
    world.kill_server(0)?;
    world.sql("UPDATE heads SET floor = 4")?;
    world.set(0, RETENTION, "1h");
    world.start_server(0).await?;
    erased(&world).await?;
    let left = world.sql("SELECT seq FROM messages WHERE content LIKE 'secret%' ORDER BY seq")?;
    assert_eq!(left, [["5"], ["6"]]);
    let kept =
        world.sql("SELECT COUNT(*) FROM messages WHERE seq <= 4 AND client_id IS NOT NULL")?;
    assert_eq!(kept, [["3"]], "their ids stay");
    Ok(())
}
