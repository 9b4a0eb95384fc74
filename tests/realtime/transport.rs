//! Goal: whether something is asked over HTTP or by a command of a socket, the same comes of it: the
//! same answer or the same refusal, the same events for everybody else, the same in the store.
//! Method: one table of inputs, asked in one room over HTTP and in its twin by commands; then what
//! the answers, the events and the histories of both say, without the fields that differ between
//! the rooms.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use chat_contract::wire::{Code, Id};
use harness::{Input, Outcome, Person, Socket, World, input};
use serde_json::{Value, json};
use uuid::Uuid;

/// One of the twins, and how it is asked.
struct Twin<'a> {
    room: Id,
    /// Where everything is asked by commands; else it is over HTTP.
    socket: Option<&'a Socket>,
    /// What the client calls its first message.
    client_id: Uuid,
}

impl Twin<'_> {
    async fn ask(&self, person: &Person, input: &Input) -> Result<Outcome> {
        let outcome = match self.socket {
            Some(socket) => input.over_socket(socket).await?,
            None => input.over_http(person).await?,
        };
        Ok(match outcome {
            Outcome::Done(answer) => Outcome::Done(self.mask(answer)),
            // Which part of a body or of a packet cannot be read, each says in its own words.
            Outcome::Refused(mut problem) => {
                if matches!(problem.code, Code::InvalidRequest | Code::TooLarge) {
                    problem.detail.clear();
                    problem.field = None;
                }
                Outcome::Refused(problem)
            }
        })
    }

    /// Removes the fields that differ between the twins: the room, the clients' ids, the times.
    fn mask(&self, mut value: Value) -> Value {
        match &mut value {
            Value::String(text) => {
                *text = text.replace(&self.room.to_string(), "ROOM");
            }
            Value::Array(list) => {
                for one in list {
                    *one = self.mask(one.take());
                }
            }
            Value::Object(fields) => {
                for (key, one) in fields {
                    let differs = key.ends_with("At") || key == "clientId";
                    *one = if differs { json!("…") } else { self.mask(one.take()) };
                }
            }
            _ => {}
        }
        value
    }
}

/// Right and wrong inputs, in an order in which each finds what it needs: the first message of the
/// member is the second row.
fn table(twin: &Twin<'_>) -> Vec<Input> {
    use Input::{Delete, Draft, Edit, React, Read, Send, Sync};
    let room = twin.room;
    let send = |more: Value| Send(room, input::message(&more));
    let new = |content: &str| send(json!({ "clientId": Uuid::new_v4(), "content": content }));
    let id = |seq: u64| format!("{room}-{seq}");
    let react = |seq, on| React(id(seq), "👍".to_owned(), on);
    let read = |seq: u64| Read(room, json!({ "seq": seq }));
    vec![
        // Sent twice it is one message, with other content it is refused.
        send(json!({ "clientId": twin.client_id, "content": "first" })),
        send(json!({ "clientId": twin.client_id, "content": "first" })),
        send(json!({ "clientId": twin.client_id, "content": "other" })),
        send(json!({ "clientId": Uuid::new_v4(), "content": "an answer", "replyTo": id(2) })),
        send(json!({
            "clientId": Uuid::new_v4(),
            "content": "",
            "imageUrl": "https://pictures.example/a.png",
            "publicId": "a",
        })),
        new("  spaces around  "),
        Edit(id(2), json!({ "content": "edited" })),
        Edit(id(2), json!({ "content": "edited" })),
        react(2, true),
        react(2, true),
        react(2, false),
        react(2, false),
        read(0),
        read(3),
        read(2),
        // Beyond the last change there is nothing to read.
        read(1_000_000),
        read(u64::MAX >> 1),
        Draft(room, json!({ "content": "half a ", "replyTo": id(2) })),
        Draft(room, json!({ "content": "   " })),
        Draft(room, json!({})),
        Sync(room, json!(0), None),
        Sync(room, json!(4), None),
        Sync(room, json!(1_000_000), None),
        Sync(room, json!(0), Some("another".to_owned())),
        Delete(id(5)),
        Delete(id(5)),
        Edit(id(5), json!({ "content": "too late" })),
        react(5, true),
        new("the end"),
    ]
}

/// The events that another device has received of a room up to its last message, each type in its
/// order. Messages may come in fewer events than they were sent in. The invitation to the room may
/// come to a device that was connected right after it.
async fn heard(socket: &Socket, twin: &Twin<'_>) -> Result<BTreeMap<String, Vec<Value>>> {
    let mut heard = BTreeMap::<_, Vec<_>>::new();
    loop {
        let event = socket.event_where_any(|data| data["roomId"] == json!(twin.room)).await?;
        if event.data["change"] == json!("added") {
            continue;
        }
        let is_last = event.data["messages"][0]["content"] == json!("the end");
        let pieces = match event.data["messages"].as_array() {
            Some(messages) => messages.clone(),
            None => vec![event.data.clone()],
        };
        let pieces = pieces.into_iter().map(|piece| twin.mask(piece));
        heard.entry(event.name).or_default().extend(pieces);
        if is_last {
            return Ok(heard);
        }
    }
}

#[tokio::test]
async fn both_ways_in_lead_to_the_same() -> Result<()> {
    let world = World::start("transport").await?;
    let (ada, bob, eve) =
        (world.sign_up("ada").await?, world.sign_up("bob").await?, world.sign_up("eve").await?);
    let theirs = eve.private_room("theirs", &[]).await?.id;
    // The server knows that room, too: it delivers what happens there.
    let _serves_theirs = world.connect(0, &eve).await?;
    let socket = world.connect(0, &ada).await?;
    let mut results = Vec::new();
    for by_command in [false, true] {
        let room = ada.group(&[&bob]).await?.id;
        let (other, device) = (world.connect(0, &bob).await?, world.connect(0, &ada).await?);
        let client_id = Uuid::new_v4();
        let twin = Twin { room, socket: by_command.then_some(&socket), client_id };
        let mut outcomes = Vec::new();
        for input in table(&twin) {
            outcomes.push((format!("{input:?}"), twin.ask(&ada, &input).await?));
        }
        let was_refused = |outcome: &Outcome| matches!(outcome, Outcome::Refused(_));
        let refused: Vec<_> = outcomes.iter().filter(|(_, one)| was_refused(one)).collect();
        let waited = || format!("the last message did not come; refused before it: {refused:#?}");
        let heard = (
            heard(&other, &twin).await.with_context(waited)?,
            heard(&device, &twin).await.with_context(waited)?,
        );
        for (input, code) in input::wrong(room, theirs) {
            let outcome = twin.ask(&ada, &input).await?;
            ensure!(outcome.code() == Some(code), "{input:?}: {outcome:?}");
            outcomes.push((format!("{input:?}"), outcome));
        }
        let history = twin.mask(serde_json::to_value(ada.history(room).await?.messages)?);
        results.push((outcomes, heard, history));
    }
    let [(http, http_heard, http_history), (command, command_heard, command_history)] =
        &results[..]
    else {
        unreachable!("there are two ways")
    };
    for ((asked, over_http), (_, by_command)) in http.iter().zip(command) {
        assert_eq!(over_http, by_command, "over HTTP and by command: {asked}");
    }
    assert_eq!(http_heard, command_heard, "what other devices hear");
    assert_eq!(http_history, command_history, "what is stored");
    // The marker is at the last change and not beyond, and both types of events were received.
    let markers = &http_heard.0["readMarker"];
    let seqs: Vec<_> = markers.iter().map(|marker| marker["seq"].as_u64()).collect();
    assert_eq!(seqs, [0, 3, 2, 8, 8].map(Some), "{markers:?}");
    assert_eq!(http_heard.1["draftChanged"].len(), 3);
    to_a_person_and_to_the_room(&world, &ada).await
}

/// What is sent to a person over HTTP, and by a command to the room that the two have: all four
/// devices hear the same message as is answered.
async fn to_a_person_and_to_the_room(world: &World, ada: &Person) -> Result<()> {
    let mut messages = Vec::new();
    for by_command in [false, true] {
        let carl = world.sign_up("carl").await?;
        let room = ada.direct(&carl).await?.id;
        let (from, device) = (world.connect(0, ada).await?, world.connect(0, ada).await?);
        let others = [world.connect(0, &carl).await?, world.connect(0, &carl).await?];
        let mut body = json!({
            "clientId": Uuid::new_v4(), "content": "to you",
            "imageUrl": "https://pictures.example/a.png", "publicId": "a",
        });
        let answer: Value = if by_command {
            body["roomId"] = json!(room);
            from.command::<Value>("sendMessage", &body).await?["message"].clone()
        } else {
            body["receiverId"] = json!(carl.id());
            ada.api.post("/api/messages/send", &body).await?
        };
        for socket in [&from, &device, &others[0], &others[1]] {
            let event = socket.event_where("newMessage", |data| data["roomId"] == json!(room));
            assert_eq!(event.await?.data["messages"], json!([answer]), "by command: {by_command}");
        }
        let twin = Twin { room, socket: None, client_id: Uuid::nil() };
        let there = carl.history(room).await?.messages.pop();
        assert_eq!(serde_json::to_value(there)?, answer);
        messages.push(twin.mask(answer));
    }
    assert_eq!(messages[0], messages[1], "over HTTP and by a command");
    Ok(())
}
