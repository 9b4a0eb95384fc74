//! Cache warm-up: what somebody who signs in looks at first is cached when they look.

use chat_domain::{
    id::{RoomId, UserId},
    limit,
};

use super::{
    App, Result,
    message::history::{self, Place},
    room,
};

/// The rooms that were active last; the others are read when they are opened.
const ROOMS: usize = 5;

/// Loads a person's newest conversations into the cache, beside the sign-in and not before it.
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
        // Reading the newest page puts it where the next reader finds it.
        history::page(app, user, room, Place::Newest, limit::PAGE_MESSAGES).await?;
    }
    Ok(())
}
