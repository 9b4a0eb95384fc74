//! Authorisation in a room.

use std::sync::Arc;

use chat_domain::id::{RoomId, Seq, UserId};

use crate::{
    deliver::Conn,
    service::{App, Error, Result, session::Caller},
};

/// The actor, over either transport.
#[derive(Clone, Copy)]
pub(crate) struct Actor<'a> {
    pub(crate) user: UserId,
    /// The socket that sent the command; `None` for a request over HTTP.
    pub(in crate::service) socket: Option<&'a Arc<Conn>>,
}

impl From<Caller> for Actor<'_> {
    fn from(caller: Caller) -> Self {
        Self { user: caller.user, socket: None }
    }
}

impl<'a> From<&'a Arc<Conn>> for Actor<'a> {
    fn from(conn: &'a Arc<Conn>) -> Self {
        Self { user: conn.user, socket: Some(conn) }
    }
}

/// Checks that the actor is a member: their socket subscribes to the room, or, where it does not
/// yet, the store confirms it.
pub(in crate::service) async fn check_member(
    app: &App,
    actor: Actor<'_>,
    room: RoomId,
) -> Result<()> {
    if !subscribes(app, actor, room) {
        head(app, actor, room).await?;
    }
    Ok(())
}

/// A member's `seq`, or the head of the room where that is lower.
pub(in crate::service) async fn clamp_to_head(
    app: &App,
    actor: Actor<'_>,
    room: RoomId,
    seq: Seq,
) -> Result<Seq> {
    // Everything delivered here is committed; the store is asked only beyond that.
    let is_known = || app.hub.cursor(room).is_some_and(|cursor| seq <= cursor);
    if subscribes(app, actor, room) && is_known() {
        return Ok(seq);
    }
    Ok(seq.min(head(app, actor, room).await?))
}

fn subscribes(app: &App, actor: Actor<'_>, room: RoomId) -> bool {
    actor.socket.is_some_and(|conn| app.hub.is_here(room, conn))
}

async fn head(app: &App, actor: Actor<'_>, room: RoomId) -> Result<Seq> {
    let standing = app.store.standing(room, actor.user).await?.ok_or(Error::NotMember)?;
    Ok(standing.head)
}
