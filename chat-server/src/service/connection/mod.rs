//! Sockets on this server: connecting, draining, disconnecting, and their supervision.

mod drain;

use std::{collections::BTreeMap, sync::Arc};

use chat_contract::wire::ClosingReason;
use chat_domain::id::{RoomId, Seq};

use super::{App, Error, Result, presence};
use crate::deliver::Conn;

pub(crate) use drain::drain;

/// Admits a socket to its rooms: from here on it misses nothing, and its events wait until
/// [`open`]. Returns the head of each room.
///
/// # Errors
/// [`Error::Unauthenticated`] where its session ended meanwhile, [`Error::Unavailable`] where its
/// rooms could not be read. Then the socket was removed.
pub(crate) async fn enter(app: &App, conn: &Arc<Conn>) -> Result<BTreeMap<RoomId, Seq>> {
    let heads = app.hub.connect(conn).await;
    // The session ended while the socket connected, and this socket was not closed with the others.
    let ended = app.ended.contains(conn.session.id);
    if ended || conn.is_closing() {
        app.hub.disconnect(conn).await;
        return Err(if ended { Error::Unauthenticated } else { Error::Unavailable(None) });
    }
    Ok(heads)
}

/// The connection is confirmed: from here on events may be sent, beginning with the heads of the
/// rooms.
pub(crate) fn open(app: &App, conn: &Arc<Conn>, heads: BTreeMap<RoomId, Seq>) {
    app.hub.open(conn, heads);
    let (app, user) = (app.clone(), conn.user);
    tokio::spawn(async move { presence::appeared(&app, user).await });
}

/// An admitted socket has disconnected before its connection was confirmed.
pub(crate) async fn abandon(app: &App, conn: &Arc<Conn>) {
    app.hub.disconnect(conn).await;
}

/// A socket has disconnected.
pub(crate) async fn leave(app: &App, conn: &Arc<Conn>) {
    if app.hub.disconnect(conn).await {
        presence::vanished(app, conn.user).await;
    }
}

/// Closes a socket; its client gets the reason as soon as the send queue has room.
pub(crate) fn close(app: &App, conn: &Arc<Conn>, reason: ClosingReason) {
    app.hub.close(conn, reason);
}

/// A socket's send queue was full: it is asked to sync once the queue has room, or closed if it
/// never has.
pub(crate) fn mark_lagging(app: &App, conn: &Arc<Conn>) {
    conn.mark_lagging();
    app.hub.lagging(conn);
}

/// Starts the tasks that detect lost notifications and lagging sockets, until the server stops.
pub(crate) fn watch(app: &App) {
    let stopping = || app.lifecycle.stopping.clone();
    app.lifecycle.spawn(app.hub.clone().heartbeat(app.config.heartbeat, stopping()));
    app.lifecycle.spawn(app.hub.clone().watch_members(stopping()));
    app.lifecycle.spawn(app.hub.clone().watch_lagging(stopping()));
}
