//! Socket.IO: socketioxide implements the protocol, this module the commands and events.
//!
//! Sockets connect here, commands become calls of `service`, and `deliver` emits events.
//! Invariant: the commands of one socket are executed in the order of arrival, and every queue of a
//! socket is bounded.

mod ack;
mod auth;
mod command;
mod drain;
mod handshake;
mod inbox;
mod input;
mod packet;
mod relay;
mod tune;

use std::{
    collections::BTreeMap,
    sync::{Arc, Weak},
    time::Duration,
};

use axum::http::Uri;
use chat_domain::id::{RoomId, Seq};
use socketioxide::{
    ParserConfig, SocketIo, adapter::LocalAdapter, extract::SocketRef, handler::ConnectHandler,
    layer::SocketIoLayer,
};

use crate::{
    deliver::{Conn, SessionLease},
    service::{App, Result, connection, session::Caller},
};
use inbox::{InOrder, Inbox};

pub(crate) use drain::drain;
pub(crate) use handshake::read_handshake;
pub(crate) use relay::{Relay, relay_foreign};
pub(crate) use tune::tune;

/// A megabyte of text and its framing. A larger packet violates the protocol and closes the
/// connection; a smaller one that is too large for a command is rejected with an error. A socket
/// holds at most one such packet while it arrives, and only commands within the limit while they
/// wait.
const MESSAGE_BYTES_MAX: usize = 1_100_000;
/// Commands have no attachments: a few are rejected with an error. The library's default is 10 MB.
const ATTACHMENTS_MAX: usize = 16;
/// Enough for one frame of usual size; an idle socket keeps no larger buffer.
const READ_BUFFER_BYTES: usize = 1_024;
/// A socket that is not authenticated within this time is closed; until then, even a disconnected
/// one uses memory.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Interval of pings; a lost connection is detected after this and [`PING_TIMEOUT`].
const PING_INTERVAL: Duration = Duration::from_secs(25);
const PING_TIMEOUT: Duration = Duration::from_secs(20);

/// Path of the protocol.
const PATH: &str = "/socket.io";

/// Whether a request belongs to the protocol.
fn is_ours(uri: &Uri) -> bool {
    uri.path().starts_with(PATH)
}

/// The Socket.IO layer, for the router.
#[must_use]
pub(crate) fn layer(app: &App) -> (SocketIoLayer, SocketIo) {
    let queue = usize::try_from(app.config.socket_queue).unwrap_or(usize::MAX);
    let parser = ParserConfig::common()
        .max_incoming_binaries(ATTACHMENTS_MAX)
        .max_incoming_binary_buf_size(packet::COMMAND_BYTES_MAX);
    let (layer, io) = SocketIo::builder()
        .with_parser(parser)
        .req_path(PATH)
        .connect_timeout(CONNECT_TIMEOUT)
        .ping_interval(PING_INTERVAL)
        .ping_timeout(PING_TIMEOUT)
        .max_buffer_size(queue)
        .max_payload(MESSAGE_BYTES_MAX as u64)
        .ws_max_message_size(MESSAGE_BYTES_MAX)
        .ws_max_frame_size(MESSAGE_BYTES_MAX)
        .ws_read_buffer_size(READ_BUFFER_BYTES)
        .with_state(app.clone())
        .build_layer();
    let app = app.clone();
    // The handler does its work when it is called; only an empty future is spawned.
    let connect = move |socket: SocketRef| {
        connected(&app, &socket);
        std::future::ready(())
    };
    io.ns("/", ConnectHandler::<LocalAdapter, _>::with(connect, auth::authenticate));
    (layer, io)
}

/// A socket that is in its rooms and whose connection is not confirmed yet.
#[derive(Clone)]
struct Entering {
    /// Weak, because the hub owns it: the connection owns the socket, which would otherwise own
    /// itself.
    conn: Weak<Conn>,
    heads: BTreeMap<RoomId, Seq>,
    inbox: Arc<Inbox>,
}

/// Installs the handlers of a socket and admits it to its rooms, before the connection is
/// confirmed: otherwise commands that the client sends at once would find no handler, and it would
/// miss events of that moment.
async fn enter(app: &App, socket: &SocketRef, caller: Caller) -> Result<()> {
    let inbox = Arc::new(Inbox::default());
    socket.on_fallback(InOrder(inbox.clone()));
    let (gone, leaving) = (app.clone(), inbox.clone());
    socket.on_disconnect(async move || disconnected(&gone, &leaving).await);
    let Caller { user, session, used_at, expires_at } = caller;
    let lease = SessionLease::new(session, used_at, expires_at);
    let conn = Arc::new(Conn::new(socket.clone(), user, lease));
    let heads = connection::enter(app, &conn).await?;
    socket.extensions.insert(Entering { conn: Arc::downgrade(&conn), heads, inbox });
    Ok(())
}

/// The connection is confirmed: from here on events may be sent.
fn connected(app: &App, socket: &SocketRef) {
    let Some(Entering { conn, heads, inbox }) = socket.extensions.remove() else { return };
    let Some(conn) = conn.upgrade() else {
        let _ = socket.clone().disconnect();
        return;
    };
    let app = app.clone();
    if inbox.open(input::Input::new(app.clone(), conn.clone())) {
        connection::open(&app, &conn, heads);
    } else {
        tokio::spawn(async move { connection::abandon(&app, &conn).await });
    }
}

/// A socket has disconnected, possibly before it was admitted.
async fn disconnected(app: &App, inbox: &Inbox) {
    let Some(conn) = inbox.close() else { return };
    connection::leave(app, &conn).await;
}
