//! Who is there. Ephemeral, and says so: an old answer is never shown as a present one.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use chat_contract::wire::{Id, Presence, PresenceStatus};
use chat_domain::{Invalid, id::UserId, limit, presence::Status};
use chrono::Utc;
use tokio_util::sync::CancellationToken;

use super::Result;
use crate::{
    app::App,
    deliver::Conn,
    redis::{self, presence::TTL},
};

/// A socket came: its person may be here for the first time.
pub async fn appeared(app: &App, user: UserId) {
    announce(app, user).await;
}

/// The last socket of a person here is gone.
pub async fn vanished(app: &App, user: UserId) {
    if let Err(error) = app.store.touch_seen(&[(user, Utc::now())]).await {
        tracing::debug!(%error, "last seen not written");
    }
    announce(app, user).await;
}

/// A socket says whom it shows and whether it is idle.
pub async fn watch(
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
    if let Err(error) = tell(app, vec![user]).await {
        tracing::debug!(%error, "presence not told");
    }
    let presence = one(app, user).await;
    app.hub.presence(user, &presence);
}

/// Tells the other servers how present these people are here. Who came or went meanwhile is told
/// of again: of two that tell the same person's presence, the slower one may have the older news.
async fn tell(app: &App, mut users: Vec<UserId>) -> redis::Result<()> {
    while !users.is_empty() {
        let told: Vec<_> =
            users.into_iter().map(|user| (user, app.hub.status_here(user))).collect();
        app.redis.set_present(app.hub.server(), &told, Utc::now()).await?;
        let changed = told.into_iter().filter(|(user, was)| app.hub.status_here(*user) != *was);
        users = changed.map(|(user, _)| user).collect();
    }
    Ok(())
}

async fn one(app: &App, user: UserId) -> Presence {
    let offline =
        Presence { user_id: Id(user.0), status: PresenceStatus::Offline, last_seen_at: None };
    many(app, &[user]).await.pop().unwrap_or(offline)
}

/// How present these people are: here and, as far as Redis tells, elsewhere.
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

/// Says again and again who is here, before the entries end.
pub async fn run(app: App, stopping: CancellationToken) {
    let every: Duration = TTL / 3;
    loop {
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            () = stopping.cancelled() => return,
        }
        let users = app.hub.users();
        let began = Instant::now();
        let mut well = true;
        for part in users.chunks(500) {
            if let Err(error) = tell(&app, part.to_vec()).await {
                tracing::debug!(%error, "presence not told");
                well = false;
                break;
            }
        }
        app.metrics.job_done("tell_presence", began, well);
    }
}
