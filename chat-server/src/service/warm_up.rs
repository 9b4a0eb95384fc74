//! Cache warm-up at sign-in: the rooms that the user opens first are cached before they do. At
//! sign-out their conversations leave the cache.

use chat_contract::wire::RoomKind;
use chat_domain::{
    id::{RoomId, UserId},
    limit,
};

use super::{
    App, Result,
    message::history::{self, Place},
    room,
};
use crate::redis::cache::window;

/// Number of the last active rooms; others are read when they are opened.
const ROOMS: usize = 5;

/// Loads a user's newest conversations into the cache, in the background of the sign-in.
pub(in crate::service) fn warm_up(app: &App, user: UserId) {
    let warming = app.clone();
    app.lifecycle.tasks.spawn(async move {
        if let Err(error) = load(&warming, user).await {
            tracing::debug!(%error, "cache warm-up failed");
        }
    });
}

/// Removes a person's newest direct conversations from the cache, beside the sign-out and not before
/// it. Who still talks there loads them again.
pub(in crate::service) fn cool_down(app: &App, user: UserId) {
    let cooling = app.clone();
    app.lifecycle.tasks.spawn(async move {
        if let Err(error) = unload(&cooling, user).await {
            tracing::debug!(%error, "conversations stay in the cache for now");
        }
    });
}

async fn unload(app: &App, user: UserId) -> Result<()> {
    for newest in room::list(app, user).await?.into_iter().take(ROOMS) {
        if newest.kind == RoomKind::Direct {
            // With oneself there is nobody else.
            let other = newest.people.first().map_or(user, |other| UserId(other.id.0));
            let pair = (user.min(other), user.max(other));
            app.cache.delete(&window::key(RoomId(newest.id.0), Some(pair))).await?;
        }
    }
    Ok(())
}

async fn load(app: &App, user: UserId) -> Result<()> {
    for newest in room::list(app, user).await?.into_iter().take(ROOMS) {
        let room = RoomId(newest.id.0);
        // Reading the newest page caches it for the next reader.
        history::page(app, user, room, Place::Newest, limit::PAGE_MESSAGES).await?;
    }
    Ok(())
}
