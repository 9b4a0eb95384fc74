//! Message retention: older messages are purged, and then erased with their pictures.
//!
//! Every server does this. The first one to reach a room does the work, and the others find nothing
//! to do; concurrent work has the same result.

use std::time::Duration;

use chat_domain::{
    change::Change,
    id::{RoomId, UserId},
};
use chrono::{DateTime, Utc};

use crate::{
    mysql::purge::{Expired, Purged},
    service::{App, Result, upload},
};

/// Rooms in one query.
const ROOMS: u32 = 200;
/// Rows erased in one transaction.
const ROWS: u32 = 500;
/// Maximum interval between two purges of a room: each purge takes a number of its room.
const LATE_MAX: Duration = Duration::from_hours(24);

/// Interval of the purges.
pub(crate) const INTERVAL: Duration = Duration::from_mins(2);

/// Messages from before the first are purged with others, and messages from before the second are
/// overdue: kept longer than their retention by a 24th of it, at most by a day.
fn limits(now: DateTime<Utc>, retention: Duration) -> (DateTime<Utc>, DateTime<Utc>) {
    let before = now - retention;
    (before, before - (retention / 24).min(LATE_MAX))
}

/// Purges and erases messages older than the retention; returns whether all were. The next call
/// does the rest.
pub(crate) async fn purge(app: &App, now: DateTime<Utc>) -> bool {
    let purged = purge_rooms(app, now).await;
    if let Err(error) = &purged {
        tracing::debug!(%error, "expired messages not purged yet");
    }
    purged.is_ok()
}

async fn purge_rooms(app: &App, now: DateTime<Utc>) -> Result<()> {
    let retention = app.config.retention;
    let (before, overdue) = limits(now, retention);
    let mut after = RoomId(0);
    let mut outcome = Ok(());
    loop {
        let rooms = app.store.expired(before, overdue, after, ROOMS).await?;
        let Some(last) = rooms.last() else { return outcome };
        after = last.room;
        for expired in rooms {
            if app.lifecycle.stopping.is_cancelled() {
                return outcome;
            }
            if let Err(error) = purge_room(app, expired, now).await {
                tracing::warn!(%error, room = expired.room.0, "expired messages not purged yet");
                outcome = Err(error);
            }
        }
    }
}

async fn purge_room(app: &App, expired: Expired, now: DateTime<Utc>) -> Result<()> {
    let Expired { room, up_to, mut purged_up_to, mut erased } = expired;
    if let Some(up_to) = up_to {
        app.committer.commit(room, UserId(0), Change::Purge { up_to }, now).await?;
        purged_up_to = purged_up_to.max(up_to);
    }
    while erased < purged_up_to {
        let Purged { up_to, images } = app.store.purged(room, erased, purged_up_to, ROWS).await?;
        for (sender, image) in images {
            upload::forget_picture(app, sender, &image.url).await?;
        }
        app.store.erase(room, erased, up_to, now).await?;
        erased = up_to;
    }
    tracing::info!(room = room.0, purged_up_to, "purged expired messages");
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_message_is_overdue_a_24th_of_its_retention_later_and_at_most_a_day() {
        let now = Utc::now();
        for (retention, late) in [(48, 2), (24 * 24, 24), (365 * 24, 24)] {
            let (before, overdue) = limits(now, Duration::from_hours(retention));
            let retention = TimeDelta::hours(retention.try_into().unwrap());
            assert_eq!(now - before, retention);
            assert_eq!(before - overdue, TimeDelta::hours(late), "{retention}");
        }
    }
}
