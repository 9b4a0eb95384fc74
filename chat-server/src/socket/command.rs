//! Commands of a socket: parse, call the use case, answer.

use std::{collections::BTreeMap, sync::Arc};

use chat_contract::wire::{
    self, DeleteMessageCommand, DraftCommand, EditMessageCommand, Message, Presence,
    PresenceCommand, Problem, ReactCommand, ReadCommand, SendMessageCommand, SyncAnswer,
    SyncCommand, TypingCommand, command_name,
};
use chat_domain::id::{RoomId, UserId};
use chrono::Utc;
use futures_util::future::BoxFuture;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use tracing::{Instrument, Span};

use super::packet::Packet;
use crate::{
    deliver::Conn,
    service::{
        self, App, Error, Result,
        message::{Pending, Recipient, Sending},
        problem, room,
        soft_state::{
            draft::{self, Writing},
            marker,
        },
    },
    trace,
    wire::{message_id_from_wire, message_to_wire},
};

/// The acknowledgement: `{ok: true, ...}` or `{ok: false, error}`.
#[derive(Debug, Default, Serialize)]
pub(super) struct Reply {
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Box<Message>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rooms: Option<BTreeMap<wire::Id, SyncAnswer>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    users: Option<Vec<Presence>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Problem>,
}

impl Reply {
    fn ok() -> Self {
        Self { ok: true, ..Self::default() }
    }

    fn refused(error: &Error) -> Self {
        if let Error::Internal(cause) = error {
            tracing::error!(%cause, "a command failed");
        }
        Self { error: Some(problem(error)), ..Self::default() }
    }
}

/// State of a command after it began.
enum Begun {
    /// The answer.
    Done(Reply),
    /// A change that has its place in the queue; the commit gives the answer.
    Pending(Pending),
}

/// Begins a command. When this returns, a change has its place in the room's order; the returned
/// future waits for the answer.
pub(super) async fn begin(
    app: &App,
    conn: &Arc<Conn>,
    packet: &Packet,
) -> BoxFuture<'static, Reply> {
    let mut span = Span::none();
    let (name, begun) = match packet.parse() {
        Ok((name, data)) => {
            let name = known(&name);
            span = app
                .sampling
                .root(None, || tracing::info_span!(target: trace::TARGET, "command", name));
            (name, dispatch(app, conn, name, data).instrument(span.clone()).await)
        }
        Err(error) => ("unknown", Err(error)),
    };
    let counter = app.metrics.commands.clone();
    let count = move |ok: bool| {
        counter.with_label_values(&[name, if ok { "ok" } else { "refused" }]).inc();
    };
    match begun {
        Ok(Begun::Done(reply)) => {
            count(true);
            Box::pin(std::future::ready(reply))
        }
        Ok(Begun::Pending(pending)) => Box::pin(
            async move {
                let answer = pending.message().await;
                count(answer.is_ok());
                match answer {
                    Ok(message) => {
                        Reply { message: Some(Box::new(message_to_wire(&message))), ..Reply::ok() }
                    }
                    Err(error) => Reply::refused(&error),
                }
            }
            .instrument(span),
        ),
        Err(error) => {
            count(false);
            Box::pin(std::future::ready(Reply::refused(&error)))
        }
    }
}

fn known(name: &str) -> &'static str {
    [
        command_name::SEND_MESSAGE,
        command_name::EDIT_MESSAGE,
        command_name::DELETE_MESSAGE,
        command_name::REACT,
        command_name::READ,
        command_name::TYPING,
        command_name::DRAFT,
        command_name::SYNC,
        command_name::PRESENCE,
    ]
    .into_iter()
    .find(|known| *known == name)
    .unwrap_or("unknown")
}

fn read<T: DeserializeOwned>(name: &str, data: &RawValue) -> Result<T> {
    serde_json::from_str(data.get()).map_err(|error| Error::Shape(format!("in {name}: {error}")))
}

async fn dispatch(
    app: &App,
    conn: &Arc<Conn>,
    name: &'static str,
    data: &RawValue,
) -> Result<Begun> {
    let now = Utc::now();
    let user = conn.user;
    match name {
        command_name::SEND_MESSAGE => send(app, user, read(name, data)?).await.map(Begun::Pending),
        command_name::EDIT_MESSAGE => {
            let EditMessageCommand { id, content } = read(name, data)?;
            let id = message_id_from_wire(id);
            service::message::edit(app, user, id, content, now).await.map(Begun::Pending)
        }
        command_name::DELETE_MESSAGE => {
            let DeleteMessageCommand { id } = read(name, data)?;
            service::message::delete(app, user, message_id_from_wire(id), now).map(Begun::Pending)
        }
        command_name::REACT => {
            let ReactCommand { id, emoji, on } = read(name, data)?;
            let id = message_id_from_wire(id);
            service::message::react(app, user, id, &emoji, on, now).map(Begun::Pending)
        }
        command_name::READ => {
            let ReadCommand { room_id, seq } = read(name, data)?;
            marker::read(app, conn.into(), RoomId(room_id.0), seq).await?;
            Ok(Begun::Done(Reply::ok()))
        }
        command_name::TYPING => {
            let TypingCommand { room_id } = read(name, data)?;
            room::typing(app, conn, RoomId(room_id.0)).await?;
            Ok(Begun::Done(Reply::ok()))
        }
        command_name::DRAFT => draft(app, conn, read(name, data)?).await.map(Begun::Done),
        command_name::SYNC => sync(app, user, read(name, data)?).await.map(Begun::Done),
        command_name::PRESENCE => {
            let PresenceCommand { watch, away } = read(name, data)?;
            let watch = watch.into_iter().map(|id| UserId(id.0)).collect();
            let users = service::presence::watch(app, conn, watch, away).await?;
            Ok(Begun::Done(Reply { users: Some(users), ..Reply::ok() }))
        }
        _ => Err(Error::Shape("there is no such command".to_owned())),
    }
}

async fn send(app: &App, user: UserId, command: SendMessageCommand) -> Result<Pending> {
    let now = Utc::now();
    let SendMessageCommand {
        room_id,
        receiver_id,
        client_id,
        content,
        reply_to,
        image_url,
        public_id,
    } = command;
    let to = match (room_id, receiver_id) {
        (Some(room), None) => Recipient::Room(RoomId(room.0)),
        (None, Some(receiver)) => Recipient::Person(UserId(receiver.0)),
        _ => return Err(Error::Shape("sendMessage needs either roomId or receiverId".to_owned())),
    };
    let reply_to = reply_to.map(message_id_from_wire);
    let sending = Sending { client_id, content, reply_to, image_url, public_id };
    service::message::send(app, user, to, sending, now).await
}

async fn draft(app: &App, conn: &Arc<Conn>, command: DraftCommand) -> Result<Reply> {
    let DraftCommand { room_id, content, reply_to } = command;
    let writing = Writing { content, reply_to: reply_to.map(message_id_from_wire) };
    draft::set(app, conn.into(), RoomId(room_id.0), writing, Utc::now()).await?;
    Ok(Reply::ok())
}

async fn sync(app: &App, user: UserId, command: SyncCommand) -> Result<Reply> {
    let SyncCommand { rooms, epoch } = command;
    let pages = service::message::sync::rooms(app, user, rooms, epoch.as_deref()).await?;
    let rooms = pages
        .into_iter()
        .map(|(room, page)| {
            let answer = match page {
                Ok(page) => SyncAnswer::Page(page),
                Err(error) => SyncAnswer::Refused { error: problem(&error) },
            };
            (room, answer)
        })
        .collect();
    Ok(Reply { rooms: Some(rooms), ..Reply::ok() })
}
