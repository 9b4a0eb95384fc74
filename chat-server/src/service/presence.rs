//! Presence. Best effort: an outdated presence is never shown as current.

use std::{collections::HashSet, sync::Arc, time::Duration};

use chat_contract::wire::{Id, Presence, PresenceStatus};
use chat_domain::{Invalid, id::UserId, limit, presence::Status};
use chrono::Utc;

use super::{App, Result};
use crate::{
    deliver::Conn,
    redis::{self, presence::TTL},
};

/// A socket has connected: it may be its user's first one.
pub(crate) async fn appeared(app: &App, user: UserId) {
    announce(app, user).await;
}

/// The last socket of a user here has disconnected.
pub(crate) async fn vanished(app: &App, user: UserId) {
    if let Err(error) = app.store.touch_seen(&[(user, Utc::now())]).await {
        tracing::debug!(%error, "last seen times not written");
    }
    announce(app, user).await;
}

/// Sets whose presence a socket shows, and whether it is idle.
pub(crate) async fn watch(
    app: &App,
    conn: &Arc<Conn>,
    users: Vec<UserId>,
    away: bool,
) -> Result<Vec<Presence>> {
    if users.len() > limit::WATCH_MAX {
        let rule = format!("must name at most {} people", limit::WATCH_MAX);
        return Err(Invalid::new("watch", rule).into());
    }
    if conn.set_away(away) {
        announce(app, conn.user).await;
    }
    app.hub.watch(conn, users.iter().copied().collect::<HashSet<_>>()).await;
    Ok(many(app, &users).await)
}

async fn announce(app: &App, user: UserId) {
    if let Err(error) = publish(app, vec![user]).await {
        tracing::debug!(%error, "presence not published");
    }
    let presence = one(app, user).await;
    app.hub.presence(user, &presence);
}

/// Publishes the presence of these users on this server. Users whose presence changed meanwhile are
/// published again: of two concurrent calls for a user, the slower one may have the older status.
async fn publish(app: &App, mut users: Vec<UserId>) -> redis::Result<()> {
    while !users.is_empty() {
        let published: Vec<_> =
            users.into_iter().map(|user| (user, app.hub.status_here(user))).collect();
        app.redis.set_present(app.hub.server(), &published, Utc::now()).await?;
        let changed =
            published.into_iter().filter(|(user, was)| app.hub.status_here(*user) != *was);
        users = changed.map(|(user, _)| user).collect();
    }
    Ok(())
}

async fn one(app: &App, user: UserId) -> Presence {
    let offline =
        Presence { user_id: Id(user.0), status: PresenceStatus::Offline, last_seen_at: None };
    many(app, &[user]).await.pop().unwrap_or(offline)
}

/// The presence of these users: on this server and, as far as Redis knows, on others.
async fn many(app: &App, users: &[UserId]) -> Vec<Presence> {
    let elsewhere = app.redis.present(users, Utc::now()).await.unwrap_or_default();
    let status: Vec<Status> = users
        .iter()
        .enumerate()
        .map(|(place, user)| {
            app.hub.status_here(*user).max(elsewhere.get(place).copied().unwrap_or(Status::Offline))
        })
        .collect();
    let gone: Vec<UserId> = users
        .iter()
        .zip(&status)
        .filter(|(_, status)| **status == Status::Offline)
        .map(|(user, _)| *user)
        .collect();
    let seen = app.store.seen_at(&gone).await.unwrap_or_default();
    users
        .iter()
        .zip(status)
        .map(|(user, status)| Presence {
            user_id: Id(user.0),
            status: match status {
                Status::Online => PresenceStatus::Online,
                Status::Away => PresenceStatus::Away,
                Status::Offline => PresenceStatus::Offline,
            },
            last_seen_at: seen.iter().find(|(who, _)| who == user).map(|(_, at)| *at),
        })
        .collect()
}

/// Interval after which presence entries are renewed, before they expire.
pub(crate) fn renewal() -> Duration {
    TTL / 3
}

/// Renews the presence entries of this server; returns whether it succeeded.
pub(crate) async fn renew(app: &App) -> bool {
    for part in app.hub.users().chunks(500) {
        if let Err(error) = publish(app, part.to_vec()).await {
            tracing::debug!(%error, "presence not published");
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_outlives_two_renewals_that_fail() {
        assert_eq!(renewal() * 3, TTL);
    }
}
