//! Cache warm-up at sign-in: the rooms that the user opens first are cached before they do.

use chat_domain::{
    id::{RoomId, UserId},
    limit,
};

use super::{
    App, Result,
    message::history::{self, Place},
    room,
};

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

async fn load(app: &App, user: UserId) -> Result<()> {
    for newest in room::list(app, user).await?.into_iter().take(ROOMS) {
        let room = RoomId(newest.id.0);
        // Reading the newest page caches it for the next reader.
        history::page(app, user, room, Place::Newest, limit::PAGE_MESSAGES).await?;
    }
    Ok(())
}
