//! What one may ask of a room over HTTP as well as by a command of a socket, and one table of
//! wrong inputs for both.
//!
//! An [`Input`] is asked either way, and what comes of it is an [`Outcome`] either way: the use case
//! behind the two is one, so whoever adds a way in adds it here.

use anyhow::{Context as _, Result, anyhow};
use chat_contract::wire::{Code, Id, Problem};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Api, Person, Refusal, Socket};

/// Something that is asked of a room; the bodies are what a client puts beside the place.
#[derive(Debug, Clone)]
pub enum Input {
    /// A message to a room.
    Send(Id, Value),
    /// A new text for a message.
    Edit(String, Value),
    /// The deletion of a message.
    Delete(String),
    /// A reaction to a message, added or removed.
    React(String, String, bool),
    /// A read marker.
    Read(Id, Value),
    /// What is in the composer.
    Draft(Id, Value),
    /// What changed after a cursor; the second one is the epoch that it belongs to.
    Sync(Id, Value, Option<String>),
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It was done; what the answer holds, `null` for nothing.
    Done(Value),
    /// It was refused.
    Refused(Problem),
}

impl Outcome {
    /// The code of the refusal.
    #[must_use]
    pub fn code(&self) -> Option<Code> {
        match self {
            Self::Done(_) => None,
            Self::Refused(problem) => Some(problem.code),
        }
    }
}

impl Input {
    /// Asks over HTTP.
    pub async fn over_http(&self, person: &Person) -> Result<Outcome> {
        match Api::answer::<Value>(self.request(&person.api)).await {
            Ok(answer) => Ok(Outcome::Done(answer)),
            Err(error) => {
                let refusal = error.downcast::<Refusal>()?;
                let problem = refusal.problem.clone();
                problem.map(Outcome::Refused).with_context(|| format!("no problem: {refusal}"))
            }
        }
    }

    /// Asks by a command.
    pub async fn over_socket(&self, socket: &Socket) -> Result<Outcome> {
        let (name, body) = self.command();
        let mut answer = socket.emit(name, &body).await?;
        let mut done = answer["ok"] == json!(true);
        if let (Self::Sync(room, ..), true) = (self, done) {
            answer = answer["rooms"][room.to_string()].take();
            done = answer["error"].is_null();
        }
        if done {
            let answer = if answer["message"].is_null() && !matches!(self, Self::Sync(..)) {
                Value::Null
            } else if matches!(self, Self::Sync(..)) {
                answer
            } else {
                answer["message"].take()
            };
            return Ok(Outcome::Done(answer));
        }
        let problem = serde_json::from_value(answer["error"].take());
        Ok(Outcome::Refused(problem.map_err(|error| anyhow!("{name}: {error}: {answer}"))?))
    }

    fn request(&self, api: &Api) -> RequestBuilder {
        let put = |on: &bool| if *on { Method::PUT } else { Method::DELETE };
        match self {
            Self::Send(room, body) => {
                api.request(Method::POST, &format!("/api/rooms/{room}/messages")).json(body)
            }
            Self::Edit(id, body) => {
                api.request(Method::PATCH, &format!("/api/messages/{id}")).json(body)
            }
            Self::Delete(id) => api.request(Method::DELETE, &format!("/api/messages/{id}")),
            Self::React(id, emoji, on) => {
                api.request(put(on), &format!("/api/messages/{id}/reactions/{emoji}"))
            }
            Self::Read(room, body) => {
                api.request(Method::PUT, &format!("/api/rooms/{room}/read")).json(body)
            }
            Self::Draft(room, body) => {
                api.request(Method::PUT, &format!("/api/rooms/{room}/draft")).json(body)
            }
            Self::Sync(room, after, epoch) => {
                let epoch = epoch.as_ref().map(|epoch| format!("&epoch={epoch}"));
                let epoch = epoch.unwrap_or_default();
                api.request(Method::GET, &format!("/api/rooms/{room}/sync?after={after}{epoch}"))
            }
        }
    }

    fn command(&self) -> (&'static str, Value) {
        match self {
            Self::Send(room, body) => ("sendMessage", with(body, "roomId", json!(room))),
            Self::Edit(id, body) => ("editMessage", with(body, "id", json!(id))),
            Self::Delete(id) => ("deleteMessage", json!({ "id": id })),
            Self::React(id, emoji, on) => ("react", json!({ "id": id, "emoji": emoji, "on": on })),
            Self::Read(room, body) => ("read", with(body, "roomId", json!(room))),
            Self::Draft(room, body) => ("draft", with(body, "roomId", json!(room))),
            Self::Sync(room, after, epoch) => {
                let mut body = json!({ "rooms": { room.to_string(): after } });
                if let Some(epoch) = epoch {
                    body["epoch"] = json!(epoch);
                }
                ("sync", body)
            }
        }
    }
}

fn with(body: &Value, key: &str, value: Value) -> Value {
    let mut body = body.clone();
    body[key] = value;
    body
}

/// A body for [`Input::Send`] with more in it.
#[must_use]
pub fn message(more: &Value) -> Value {
    let mut body = json!({ "clientId": Uuid::nil(), "content": "x" });
    for (key, value) in more.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    body
}

/// Wrong inputs of a member of `room`, whose first row is the system's and whose second one is
/// the member's own message; they are no member of `theirs`. How each is refused.
#[must_use]
pub fn wrong(room: Id, theirs: Id) -> Vec<(Input, Code)> {
    use Code::{Forbidden, InvalidRequest, InvalidValue, NotFound, NotMember, TooLarge};
    use Input::{Delete, Draft, Edit, React, Read, Send, Sync};
    let send = |more: Value| Send(room, message(&more));
    let (system, own) = (format!("{room}-1"), format!("{room}-2"));
    let (nothing, foreign) = (format!("{room}-99"), format!("{theirs}-1"));
    let react = |id: &str, emoji: &str, on| React(id.to_owned(), emoji.to_owned(), on);
    let edit = |id: &str, body: Value| Edit(id.to_owned(), body);
    let text = |length| json!({ "content": "y".repeat(length) });
    vec![
        (send(text(1_000_000)), TooLarge),
        (send(json!({ "content": 7 })), InvalidRequest),
        (send(json!({ "content": null })), InvalidRequest),
        (send(json!({ "clientId": "no uuid" })), InvalidRequest),
        (send(json!({ "unknown": 1 })), InvalidRequest),
        (send(json!({ "replyTo": "no id" })), InvalidRequest),
        (send(json!({ "content": "   " })), InvalidValue),
        (send(json!({ "content": "a\u{0}b" })), InvalidValue),
        (send(text(8_001)), InvalidValue),
        (send(json!({ "imageUrl": "http://plain.example/a.png" })), InvalidValue),
        (send(json!({ "imageUrl": "javascript:alert(1)" })), InvalidValue),
        (send(json!({ "imageUrl": "/api/uploads/0000000000000" })), InvalidValue),
        (send(json!({ "replyTo": foreign })), InvalidValue),
        (send(json!({ "replyTo": nothing })), NotFound),
        (Send(theirs, message(&json!({}))), NotMember),
        (edit(&own, json!({ "content": 5 })), InvalidRequest),
        (edit(&own, json!({})), InvalidRequest),
        (edit(&own, json!({ "content": "x", "unknown": 1 })), InvalidRequest),
        (edit(&own, json!({ "content": " " })), InvalidValue),
        (edit(&own, text(8_001)), InvalidValue),
        (edit(&system, json!({ "content": "x" })), Forbidden),
        (edit(&nothing, json!({ "content": "x" })), NotFound),
        (edit(&foreign, json!({ "content": "x" })), NotMember),
        (Delete(system.clone()), Forbidden),
        (Delete(nothing.clone()), NotFound),
        (Delete(foreign.clone()), NotMember),
        (react(&own, "<b>", true), InvalidValue),
        (react(&own, "<b>", false), InvalidValue),
        (react(&system, "👍", true), Forbidden),
        (react(&nothing, "👍", true), NotFound),
        (react(&foreign, "👍", true), NotMember),
        (react(&foreign, "👍", false), NotMember),
        (Read(room, json!({ "seq": -1 })), InvalidRequest),
        (Read(room, json!({ "seq": 1.5 })), InvalidRequest),
        (Read(room, json!({ "seq": "2" })), InvalidRequest),
        (Read(room, json!({ "seq": 1, "unknown": 1 })), InvalidRequest),
        (Read(room, json!({})), InvalidRequest),
        (Read(theirs, json!({ "seq": 1 })), NotMember),
        (Draft(room, json!({ "content": 5 })), InvalidRequest),
        (Draft(room, json!({ "content": "x", "unknown": 1 })), InvalidRequest),
        (Draft(room, text(8_001)), InvalidValue),
        (Draft(room, json!({ "content": "x", "replyTo": foreign })), InvalidValue),
        (Draft(theirs, json!({ "content": "x" })), NotMember),
        (Sync(room, json!(-1), None), InvalidRequest),
        (Sync(room, json!("x"), None), InvalidRequest),
        (Sync(theirs, json!(0), None), NotMember),
    ]
}
