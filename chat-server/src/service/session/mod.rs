//! Sessions: authentication, and expiry.
//!
//! MySQL decides; Redis caches its answer for a short time. Use extends a session, which is stored
//! at most once a minute. An ended session is over on every server within a second: by its
//! tombstone, or, where Redis lost that, by a query for ended sessions. When a session expires
//! without use, each server closes its sockets.

mod ended;

use std::time::{Duration, Instant};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chat_contract::wire::ClosingReason;
use chat_domain::{
    account::Session,
    id::{SessionId, UserId},
};
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use super::{App, Error, Result};
use crate::{
    deliver::Looked,
    mysql::session::{EndedSession, Which},
    redis::session::{CachedSession, Known, TokenHash},
    request::Peer,
};

pub(super) use ended::EndedSessions;

/// A use within this time of the last stored one is not stored.
const COALESCE: Duration = Duration::from_mins(1);
/// How far back the query for ended sessions looks: longer than a transaction that ends one may
/// take.
const ENDED_WITHIN: Duration = Duration::from_secs(10);
/// How long ended sessions are kept in the store, for inspection: a week.
const KEEP_ENDED: Duration = Duration::from_hours(168);
/// Size of the column.
const USER_AGENT_CHARS_MAX: usize = 255;
/// 32 bytes in base64.
const TOKEN_CHARS: usize = 43;

/// Who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Caller {
    /// By which session.
    pub session: SessionId,
    /// The user.
    pub user: UserId,
    /// Last stored use of the session.
    pub used_at: DateTime<Utc>,
    /// When it expires without use, as far as this server knows.
    pub expires_at: DateTime<Utc>,
}

/// The device that signs in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Device<'a> {
    /// Its address.
    pub peer: &'a Peer,
    /// Its `User-Agent`.
    pub user_agent: &'a str,
}

/// Begins a session for a user whose password, `password_hash`, was just checked. Returns its
/// token, which only the client keeps.
pub(super) async fn begin(
    app: &App,
    user: UserId,
    password_hash: &str,
    device: Device<'_>,
    now: DateTime<Utc>,
) -> Result<String> {
    let token = URL_SAFE_NO_PAD.encode(crate::random::bytes::<32>());
    let session = Session {
        id: SessionId::new(now, crate::random::number()),
        user,
        user_agent: device.user_agent.chars().take(USER_AGENT_CHARS_MAX).collect(),
        address: device.peer.address.to_string(),
        created_at: now,
        used_at: now,
        expires_at: now + app.config.session_ttl,
    };
    let written = app.store.insert_session(&session, &hash(&token), password_hash).await?;
    if written { Ok(token) } else { Err(Error::WrongCredentials) }
}

/// Authenticates a token.
pub(crate) async fn authenticate(app: &App, token: &str, now: DateTime<Utc>) -> Result<Caller> {
    if token.len() != TOKEN_CHARS {
        return Err(Error::Unauthenticated);
    }
    let token = hash(token);
    let cache_ttl = app.config.session_cache_ttl;
    let known = app.redis.session(&app.identity.seal_key, &token, now, cache_ttl).await;
    let known = known.unwrap_or_else(|error| {
        tracing::debug!(%error, "session cache unavailable; reading from MySQL");
        Known::Nothing
    });
    let count = |by| app.metrics.session_checks.with_label_values(&[by]).inc();
    let caller = match known {
        Known::Session(known) if !is_due(app, known.used_at, now) => {
            count("cache");
            caller_of(&known)
        }
        Known::Session(known) => match ask_store(app, &token, now).await {
            // The store is unavailable, and it confirmed the session a moment ago.
            Err(Error::Unavailable(_)) => {
                count("cache");
                caller_of(&known)
            }
            other => other?,
        },
        Known::Ended | Known::Nothing => ask_store(app, &token, now).await?,
    };
    if app.ended.contains(caller.session) { Err(Error::Unauthenticated) } else { Ok(caller) }
}

fn caller_of(known: &CachedSession) -> Caller {
    let CachedSession { session, user, used_at, expires_at, .. } = *known;
    Caller { session, user, used_at, expires_at }
}

async fn ask_store(app: &App, token: &TokenHash, now: DateTime<Utc>) -> Result<Caller> {
    let found = app.store.find_session(token, now).await?;
    let by = if found.is_some() { "store" } else { "nobody" };
    app.metrics.session_checks.with_label_values(&[by]).inc();
    let session = found.ok_or(Error::Unauthenticated)?;
    let Session { id, user, mut used_at, mut expires_at, .. } = session;
    if is_due(app, used_at, now) {
        (used_at, expires_at) = (now, now + app.config.session_ttl);
        app.store.use_session(id, used_at, expires_at).await?;
    }
    let record = CachedSession { session: id, user, used_at, expires_at, checked_at: now };
    let ttl = app.config.session_cache_ttl;
    let kept = app.redis.remember_session(&app.identity.seal_key, token, &record, ttl).await;
    if let Err(error) = kept {
        tracing::debug!(%error, "session not cached");
    }
    Ok(caller_of(&record))
}

/// Whether a use of a session is to be stored now. Short sessions must not expire between two uses.
fn is_due(app: &App, used_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - used_at >= coalesce(app.config.session_ttl)
}

fn coalesce(session_ttl: Duration) -> TimeDelta {
    TimeDelta::from_std(COALESCE.min(session_ttl / 4)).unwrap_or(TimeDelta::MAX)
}

/// The sessions of the caller.
pub(crate) async fn list(app: &App, caller: Caller, now: DateTime<Utc>) -> Result<Vec<Session>> {
    Ok(app.store.sessions_of(caller.user, now).await?)
}

/// Ends one of the caller's own sessions.
pub(crate) async fn end(app: &App, caller: Caller, session: SessionId) -> Result<()> {
    let ended = app.store.end_sessions(caller.user, Which::One(session)).await?;
    if ended.is_empty() {
        return Err(Error::NotFound("session"));
    }
    sessions_ended(app, &ended).await;
    Ok(())
}

/// Applies the end of these sessions on this server. It is committed already; every server calls
/// this for each of them within a second, the one that ended it first.
pub(crate) async fn sessions_ended(app: &App, ended: &[EndedSession]) {
    cache_tombstones(app, &close(app, ended)).await;
}

/// Closes the sockets of those not known to have ended; returns their tokens.
fn close(app: &App, ended: &[EndedSession]) -> Vec<TokenHash> {
    let news: Vec<&EndedSession> = ended.iter().filter(|one| app.ended.insert(one.id)).collect();
    app.metrics.sessions_ended.inc_by(news.len() as u64);
    for one in &news {
        app.hub.sessions_ended(one.user, &[one.id]);
    }
    news.iter().map(|one| one.token_hash).collect()
}

async fn cache_tombstones(app: &App, tokens: &[TokenHash]) {
    if tokens.is_empty() {
        return;
    }
    if let Err(error) = app.redis.bury_sessions(tokens, app.config.session_cache_ttl).await {
        tracing::debug!(%error, "session tombstones not written to Redis");
    }
}

/// Queries which sessions ended on other servers; called every half second. Returns whether the
/// store answered.
pub(crate) async fn watch(app: &App) -> bool {
    let watched = close_ended(app).await;
    if let Err(error) = &watched {
        tracing::debug!(%error, "ended sessions could not be read");
    }
    watched.is_ok()
}

/// A server that was cut off from the store, or paused, looks back to the last answer.
async fn close_ended(app: &App) -> Result<()> {
    let asked = Instant::now();
    let ended = app.store.sessions_ended_within(ENDED_WITHIN + app.ended.unseen_for()).await?;
    app.ended.seen_until(asked);
    let tokens = close(app, &ended);
    if !tokens.is_empty() {
        // The next query does not wait for a Redis that fails slowly.
        let owner = app.clone();
        app.lifecycle.spawn(async move { cache_tombstones(&owner, &tokens).await });
    }
    app.ended.forget_old();
    Ok(())
}

/// Commands of a socket are uses of its session, and an expired session closes its sockets; called
/// every second. The store is queried only where something is due. Returns whether it answered.
pub(crate) async fn watch_sockets(app: &App, now: DateTime<Utc>) -> bool {
    let watched = renew_sockets(app, now).await;
    if let Err(error) = &watched {
        tracing::debug!(%error, "expired sessions could not be read");
    }
    watched.is_ok()
}

async fn renew_sockets(app: &App, now: DateTime<Utc>) -> Result<()> {
    let Looked { in_use, at_end } =
        app.hub.look_at_sessions(now - coalesce(app.config.session_ttl), now);
    if in_use.is_empty() && at_end.is_empty() {
        return Ok(());
    }
    app.store.use_sessions(&in_use, now, now + app.config.session_ttl).await?;
    // A request, or a socket elsewhere, may have extended the session.
    let asked: Vec<SessionId> = in_use.into_iter().chain(at_end).collect();
    let lives = app.store.lives_of_sessions(&asked, now).await?;
    for conn in app.hub.renew_sessions(&asked, &lives) {
        // As at a sign-out: what this person has read and begun to write is in the store first.
        if let Err(error) = app.soft_state.flush_of(&app.store, conn.user).await {
            tracing::debug!(%error, "read markers or drafts not written yet");
        }
        app.hub.close(&conn, ClosingReason::SignedOut);
    }
    Ok(())
}

/// Deletes sessions that ended a week ago; called every hour. Returns whether it succeeded.
pub(crate) async fn forget_old(app: &App) -> bool {
    let forgotten = app.store.forget_sessions(KEEP_ENDED).await;
    match &forgotten {
        Ok(0) => {}
        Ok(forgotten) => tracing::info!(forgotten, "deleted sessions that ended a week ago"),
        Err(error) => tracing::debug!(%error, "ended sessions not deleted yet"),
    }
    forgotten.is_ok()
}

/// How long the end of a session must be remembered: as long as a cached copy may live, and as long
/// as queries return it.
#[must_use]
pub(super) fn remember_ended(session_cache_ttl: Duration) -> Duration {
    session_cache_ttl * 2 + ENDED_WITHIN * 2
}

fn hash(token: &str) -> TokenHash {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_is_stored_once_a_minute_and_four_times_in_a_short_session() {
        assert_eq!(coalesce(Duration::from_hours(1)), TimeDelta::minutes(1));
        assert_eq!(coalesce(Duration::from_secs(20)), TimeDelta::seconds(5));
    }

    #[test]
    fn an_end_is_remembered_as_long_as_a_cached_copy_and_a_query_return_the_session() {
        assert_eq!(remember_ended(Duration::from_secs(30)), Duration::from_secs(80));
    }
}
