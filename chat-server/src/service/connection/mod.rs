//! Sockets on this server: coming in, being told to move, going, and what watches over them.

mod drain;

use std::{collections::BTreeMap, sync::Arc};

use chat_contract::wire::ClosingReason;
use chat_domain::id::{RoomId, Seq};

use super::{App, Error, Result, presence};
use crate::deliver::Conn;

pub(crate) use drain::drain;

/// Lets a socket into its rooms: from here on it misses nothing, and what it hears waits until
/// [`open`]. The answer is the head of each room.
///
/// # Errors
/// [`Error::Unauthenticated`] where its session ended meanwhile, [`Error::Unavailable`] where its
/// rooms could not be read. It is gone then.
pub(crate) async fn enter(app: &App, conn: &Arc<Conn>) -> Result<BTreeMap<RoomId, Seq>> {
    let heads = app.hub.connect(conn).await;
    // It ended while the socket came in, and whoever closed its sockets did not see this one.
    let ended = app.ended.contains(conn.session.id);
    if ended || conn.is_closing() {
        app.hub.disconnect(conn).await;
        return Err(if ended { Error::Unauthenticated } else { Error::Unavailable(None) });
    }
    Ok(heads)
}

/// The client knows that it is connected: from here on it may be sent events, beginning with the
/// heads of its rooms.
pub(crate) fn open(app: &App, conn: &Arc<Conn>, heads: BTreeMap<RoomId, Seq>) {
    app.hub.open(conn, heads);
    let (app, user) = (app.clone(), conn.user);
    tokio::spawn(async move { presence::appeared(&app, user).await });
}

/// A socket that was let in is gone before its client knew that it is connected.
pub(crate) async fn abandon(app: &App, conn: &Arc<Conn>) {
    app.hub.disconnect(conn).await;
}

/// A socket is gone.
pub(crate) async fn leave(app: &App, conn: &Arc<Conn>) {
    if app.hub.disconnect(conn).await {
        presence::vanished(app, conn.user).await;
    }
}

/// Closes a socket; its client is told why as soon as its queue has room.
pub(crate) fn close(app: &App, conn: &Arc<Conn>, reason: ClosingReason) {
    app.hub.close(conn, reason);
}

/// A socket has had no room for something: it is told to sync as soon as it has, or closed where
/// it never has.
pub(crate) fn mark_lagging(app: &App, conn: &Arc<Conn>) {
    conn.mark_lagging();
    app.hub.lagging(conn);
}

/// Starts what finds every lost notification, and every socket that takes nothing, until the
/// server stops.
pub(crate) fn watch(app: &App) {
    let stopping = || app.lifecycle.stopping.clone();
    app.lifecycle.spawn(app.hub.clone().heartbeat(app.config.heartbeat, stopping()));
    app.lifecycle.spawn(app.hub.clone().watch_members(stopping()));
    app.lifecycle.spawn(app.hub.clone().watch_lagging(stopping()));
}
