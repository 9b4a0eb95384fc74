//! Socket.IO: the protocol is socketioxide's, what is said over it is ours.
//!
//! Sockets enter here, commands become calls of `service`, and `deliver` emits.
//! Invariant: the commands of one socket are done in the order in which they came, and every
//! queue of a socket has an end.

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

/// A megabyte of text, and what stands around it. Who sends a larger message has left the protocol
/// and is cut off; a smaller one that is too large for a command is refused in words. A socket
/// holds no more than this of what arrives, and of what waits only commands of a usual size.
const MESSAGE_BYTES_MAX: usize = 1_100_000;
/// Commands have no attachments. Who sends a few is told so; the library would take 10 MB.
const ATTACHMENTS_MAX: usize = 16;
/// Enough for one frame of a usual size; an idle socket keeps no more.
const READ_BUFFER_BYTES: usize = 1_024;
/// Who has not signed in by then is closed; until then, even one that is gone takes memory.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Between two pings; a socket that is gone is noticed after this and [`PING_TIMEOUT`].
const PING_INTERVAL: Duration = Duration::from_secs(25);
const PING_TIMEOUT: Duration = Duration::from_secs(20);

/// Where the protocol is served.
const PATH: &str = "/socket.io";

/// Is a request one of the protocol's.
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
    // The work is done when the handler is called; only the empty future is spawned.
    let connect = move |socket: SocketRef| {
        connected(&app, &socket);
        std::future::ready(())
    };
    io.ns("/", ConnectHandler::<LocalAdapter, _>::with(connect, auth::authenticate));
    (layer, io)
}

/// A socket that is in its rooms and whose client does not know it yet.
#[derive(Clone)]
struct Entering {
    /// The hub holds it: the socket, which the connection holds, must not hold itself.
    conn: Weak<Conn>,
    heads: BTreeMap<RoomId, Seq>,
    inbox: Arc<Inbox>,
}

/// Puts the handlers of a socket in place and lets it into its rooms. This happens before the
/// client is told that it is connected: what it sends right then would otherwise find nobody, and
/// what others send right then would not come to it.
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

/// The client knows that it is connected: from here on it may be sent events.
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

/// A socket is gone, perhaps before it was here.
async fn disconnected(app: &App, inbox: &Inbox) {
    let Some(conn) = inbox.close() else { return };
    connection::leave(app, &conn).await;
}
