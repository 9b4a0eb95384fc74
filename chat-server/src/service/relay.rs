//! The owners of polling sessions of the socket protocol.
//!
//! A session lives in the process that began it, and a load balancer may send its requests to any
//! server. Redis stores the owner, so that requests can be relayed.

use std::time::Duration;

use super::App;

/// How long an owner is stored after the session's last request: two pings and their timeouts.
pub(crate) const OWNER_TTL: Duration = Duration::from_mins(2);

/// The URL of the other server that owns a session; `None` where it is this one, or unknown.
pub(crate) async fn owner(app: &App, sid: &str) -> Option<String> {
    let owner = app.redis.socket_owner(sid, OWNER_TTL).await.ok().flatten()?;
    (owner != app.config.replica_url).then_some(owner)
}

/// Records this server as the owner of a session.
pub(crate) async fn own(app: &App, sid: &str) {
    if let Err(error) = app.redis.own_socket(sid, &app.config.replica_url, OWNER_TTL).await {
        tracing::debug!(%error, "owner of a polling session not written to Redis");
    }
}
