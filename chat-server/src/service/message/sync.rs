//! Recovery: the changes of rooms since a cursor.

use std::collections::BTreeMap;

use chat_contract::wire::{Id, SyncPage};
use chat_domain::{
    Invalid,
    id::{RoomId, Seq, UserId},
    limit,
};

use crate::{
    mysql::message::Changes,
    service::{App, Error, Result},
    wire::message_to_wire,
};

/// Changes of a room after a cursor. `epoch`, if given, is that of the store in which the cursor is
/// valid.
pub(crate) async fn room(
    app: &App,
    user: UserId,
    room: RoomId,
    after: Seq,
    epoch: Option<&str>,
) -> Result<SyncPage> {
    let changes = app.store.changes(room, user, after, limit::SYNC_ROWS).await?;
    let changes = changes.ok_or(Error::NotMember)?;
    let is_foreign = epoch.is_some_and(|epoch| epoch != app.hub.epoch());
    Ok(if is_foreign { reset(after, changes.head) } else { page(after, &changes) })
}

/// [`room`] of several; each has its own answer.
pub(crate) async fn rooms(
    app: &App,
    user: UserId,
    cursors: BTreeMap<Id, Seq>,
    epoch: Option<&str>,
) -> Result<Vec<(Id, Result<SyncPage>)>> {
    if cursors.len() > limit::SYNC_ROOMS_MAX {
        let rule = format!("must name at most {} rooms", limit::SYNC_ROOMS_MAX);
        return Err(Invalid::new("rooms", rule).into());
    }
    let mut pages = Vec::with_capacity(cursors.len());
    for (id, after) in cursors {
        pages.push((id, room(app, user, RoomId(id.0), after, epoch).await));
    }
    Ok(pages)
}

/// At most [`limit::SYNC_ROWS`] changes after a cursor of this store.
fn page(after: Seq, Changes { head, purged_up_to, rows }: &Changes) -> SyncPage {
    if after > *head || after < *purged_up_to {
        // A cursor of a store that was lost since, or one older than the last purge.
        return reset(after, *head);
    }
    let is_full = rows.len() == limit::SYNC_ROWS as usize;
    let up_to = rows.last().filter(|_| is_full).map_or(*head, |row| row.changed_seq);
    let messages = rows.iter().map(message_to_wire).collect();
    SyncPage { after, up_to, more: up_to < *head, reset: false, messages }
}

/// What the client has is no beginning of the room as it is now.
fn reset(after: Seq, head: Seq) -> SyncPage {
    SyncPage { after, up_to: head, more: false, reset: true, messages: Vec::new() }
}

#[cfg(test)]
mod tests {
    use chat_domain::message::Message;
    use chrono::DateTime;

    use super::*;

    /// The changes after a cursor; up to where they go, whether there are more, whether it is reset.
    fn synced(after: Seq, head: Seq, purged_up_to: Seq, count: u32) -> (usize, Seq, bool, bool) {
        let message = |seq| Message::new(RoomId(1), seq, seq, UserId(1), DateTime::UNIX_EPOCH);
        let rows = (after + 1..=after + u64::from(count)).map(message).collect();
        let page = page(after, &Changes { head, purged_up_to, rows });
        assert_eq!(page.after, after);
        (page.messages.len(), page.up_to, page.more, page.reset)
    }

    #[test]
    fn changes_go_up_to_the_head_or_to_the_last_of_a_full_page() {
        let rows = limit::SYNC_ROWS as usize;
        let full = 3 + u64::from(limit::SYNC_ROWS);
        assert_eq!(synced(3, 5, 0, 2), (2, 5, false, false));
        assert_eq!(synced(5, 5, 0, 0), (0, 5, false, false));
        // Changes that this member may not see are no rows.
        assert_eq!(synced(3, 9, 0, 2), (2, 9, false, false));
        assert_eq!(synced(3, full, 0, limit::SYNC_ROWS), (rows, full, false, false));
        assert_eq!(synced(3, full + 1, 0, limit::SYNC_ROWS), (rows, full, true, false));
    }

    #[test]
    fn a_cursor_that_leads_nowhere_is_reset() {
        assert_eq!(synced(6, 5, 0, 0), (0, 5, false, true), "beyond the head");
        assert_eq!(synced(2, 5, 3, 2), (0, 5, false, true), "before the last purge");
        assert_eq!(synced(3, 5, 3, 2), (2, 5, false, false), "at the last purge");
    }
}
