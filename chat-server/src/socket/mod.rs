//! Socket.IO: the protocol is socketioxide's, what is said over it is ours.
//!
//! Sockets enter here, commands become calls of `service`, and `deliver` emits.
//! Invariant: the commands of one socket are done in the order in which they came, and every
//! queue of a socket has an end.

mod ack;
mod auth;
mod claim;
mod command;
mod drain;
mod forward;
mod inbox;
mod input;
mod packet;
mod tune;

use std::{sync::Arc, time::Duration};

use axum::http::Uri;
use chat_contract::wire::{ClosingReason, HeadsEvent, Id, event_name};
use socketioxide::{
    ParserConfig, SocketIo, adapter::LocalAdapter, extract::SocketRef, handler::ConnectHandler,
    layer::SocketIoLayer,
};

use crate::{
    app::App,
    deliver::{Conn, Lease},
    service::{self, session::Caller},
};
use inbox::{InOrder, Inbox};

pub use claim::introduce;
pub use drain::drain;
pub use forward::{Forwarding, forward};
pub use tune::tune;

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
pub fn layer(app: &App) -> (SocketIoLayer, SocketIo) {
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

/// A socket that has signed in and is not yet connected.
#[derive(Clone)]
struct Entering {
    caller: Caller,
    inbox: Arc<Inbox>,
}

/// Puts the handlers of a socket in place. This happens before the client is told that it is
/// connected: what it sends right then would otherwise find nobody, and get no answer.
fn prepare(app: &App, socket: &SocketRef, caller: Caller) {
    let inbox = Arc::new(Inbox::default());
    socket.on_fallback(InOrder(inbox.clone()));
    let (gone, leaving) = (app.clone(), inbox.clone());
    socket.on_disconnect(async move || disconnected(&gone, &leaving).await);
    socket.extensions.insert(Entering { caller, inbox });
}

/// The client knows that it is connected: from here on it may be told things.
fn connected(app: &App, socket: &SocketRef) {
    let Some(Entering { caller, inbox }) = socket.extensions.remove() else { return };
    let Caller { user, session, used_at, expires_at } = caller;
    let lease = Lease::new(session, used_at, expires_at);
    let conn = Arc::new(Conn::new(socket.clone(), user, lease));
    if inbox.open(input::Input::new(app.clone(), conn.clone())) {
        tokio::spawn(enter(app.clone(), conn));
    } else {
        let _ = socket.clone().disconnect();
    }
}

/// A socket is gone, perhaps before it was here.
async fn disconnected(app: &App, inbox: &Inbox) {
    let Some(conn) = inbox.close() else { return };
    if app.hub.disconnect(&conn).await {
        service::presence::vanished(app, conn.user).await;
    }
}

async fn enter(app: App, conn: Arc<Conn>) {
    let heads = app.hub.connect(&conn).await;
    if app.ended.contains(conn.session.id) {
        // It ended while the socket came in, and whoever closed its sockets did not see this one.
        app.hub.close(&conn, ClosingReason::SignedOut);
    }
    if conn.is_closing() {
        return;
    }
    let heads = heads.into_iter().map(|(room, head)| (Id(room.0), head)).collect();
    let event = HeadsEvent { epoch: app.hub.epoch().to_owned(), heads };
    if !conn.emit(event_name::HEADS, &event) {
        app.hub.lagging(&conn);
    }
    service::presence::appeared(&app, conn.user).await;
}
