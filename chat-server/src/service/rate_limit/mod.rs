//! Rate limits: how often a person or an address may do something.
//!
//! Sign-up and sign-in are counted in Redis for all servers together; while it is unavailable,
//! each server counts for itself. Sending is counted by each server: that must cost nothing.

mod local;

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chat_domain::{id::UserId, user::fold};
use sha2::{Digest, Sha256};

use super::{App, Error, Result};
use crate::request::Peer;
use local::Quota;

pub(super) use local::Limits;

/// May this address sign somebody up.
pub(crate) async fn sign_up(app: &App, peer: &Peer) -> Result<()> {
    let key = format!("limit:sign-up:{}", peer.network());
    let wait = take(app, app.limits.sign_ups, &key, |key| app.limits.sign_up_here(key)).await;
    answer(app, "sign_up", wait)
}

/// May this address, and may anybody, try to sign in with this name.
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

/// May somebody who holds a session of this person try a password.
pub(crate) async fn check_password(app: &App, user: UserId) -> Result<()> {
    let key = format!("limit:password:{}", user.0);
    let wait = take(app, app.limits.sign_ins, &key, |key| app.limits.sign_in_here(key)).await;
    answer(app, "password", wait)
}

/// May this person send a message.
pub(crate) fn send(app: &App, user: UserId) -> Result<()> {
    answer(app, "send", app.limits.send(user))
}

/// May this person keep another draft: as often as they may send, and counted apart.
pub(crate) fn draft(app: &App, user: UserId) -> Result<()> {
    answer(app, "draft", app.limits.draft(user))
}

/// Drops what is kept of those who did nothing lately.
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
        // Never 0: whoever is told to wait for nothing comes back at once.
        let seconds = wait.as_millis().div_ceil(1000).max(1);
        Error::TooMany { retry_after: seconds.try_into().unwrap_or(60) }
    })
}
