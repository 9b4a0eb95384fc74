//! Rate limits: how often a user or an address may do something.
//!
//! Sign-up and sign-in are counted in Redis for all servers together; while it is unavailable, each
//! server counts for itself. Each server counts sends for itself, because that must cost nothing.

mod local;

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chat_domain::{id::UserId, user::fold};
use sha2::{Digest, Sha256};

use super::{App, Error, Result};
use crate::request::Peer;
use local::Quota;

pub(super) use local::Limits;

/// Counts a sign-up from this address.
pub(crate) async fn sign_up(app: &App, peer: &Peer) -> Result<()> {
    let key = format!("limit:sign-up:{}", peer.network());
    let wait = take(app, app.limits.sign_ups, &key, |key| app.limits.sign_up_here(key)).await;
    answer(app, "sign_up", wait)
}

/// Counts an attempt to sign in, by address and by name.
pub(crate) async fn sign_in(app: &App, peer: &Peer, login: &str) -> Result<()> {
    let name = URL_SAFE_NO_PAD.encode(&Sha256::digest(fold(login))[..16]);
    let keys = [
        ("sign_in_address", format!("limit:sign-in:address:{}", peer.network())),
        ("sign_in_name", format!("limit:sign-in:name:{name}")),
    ];
    for (limit, key) in keys {
        let wait = take(app, app.limits.sign_ins, &key, |key| app.limits.sign_in_here(key)).await;
        answer(app, limit, wait)?;
    }
    Ok(())
}

/// Counts an attempt to enter the password within a session of this user.
pub(crate) async fn check_password(app: &App, user: UserId) -> Result<()> {
    let key = format!("limit:password:{}", user.0);
    let wait = take(app, app.limits.sign_ins, &key, |key| app.limits.sign_in_here(key)).await;
    answer(app, "password", wait)
}

/// Counts a send of this user.
pub(crate) fn send(app: &App, user: UserId) -> Result<()> {
    answer(app, "send", app.limits.send(user))
}

/// Counts a draft of this user: the same limit as sends, counted separately.
pub(crate) fn draft(app: &App, user: UserId) -> Result<()> {
    answer(app, "draft", app.limits.draft(user))
}

/// Drops the state of idle users and addresses.
pub(crate) fn forget_idle(app: &App) {
    app.limits.forget_idle();
}

async fn take(
    app: &App,
    quota: Option<Quota>,
    key: &str,
    here: impl FnOnce(&str) -> std::result::Result<(), Duration>,
) -> std::result::Result<(), Duration> {
    let Some(Quota { burst, every }) = quota else { return Ok(()) };
    match app.redis.take(key, every, burst.get()).await {
        Ok(None) => Ok(()),
        Ok(Some(wait)) => Err(wait),
        Err(_) => here(key),
    }
}

fn answer(app: &App, limit: &str, wait: std::result::Result<(), Duration>) -> Result<()> {
    wait.map_err(|wait| {
        app.metrics.rate_limited.with_label_values(&[limit]).inc();
        // Never 0: a client that gets 0 retries at once.
        let seconds = wait.as_millis().div_ceil(1000).max(1);
        Error::TooMany { retry_after: seconds.try_into().unwrap_or(60) }
    })
}
