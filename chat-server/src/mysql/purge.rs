//! Expired messages: finding and erasing them.
//!
//! A purge raises `purged_up_to` of the room (column `heads.floor`) in the committer, which hides
//! everything up to it. Erasing follows page by page; `heads.erased` is its progress.

use chat_domain::{
    id::{RoomId, Seq, UserId},
    message::Image,
};
use chrono::{DateTime, Utc};
use sqlx::{Row, mysql::MySqlRow};

use super::{Result, Store, encode, sql::Sql};

/// A room with something to purge or to erase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expired {
    /// The room.
    pub room: RoomId,
    /// Its last expired row; `None`: it has none.
    pub up_to: Option<Seq>,
    /// Everything up to here was purged; 0 where nothing was.
    pub purged_up_to: Seq,
    /// Everything up to here was erased.
    pub erased: Seq,
}

/// A page of purged rows that are not erased yet.
#[derive(Debug)]
pub struct Purged {
    /// The last of them, or `purged_up_to` where nothing follows.
    pub up_to: Seq,
    /// Their pictures, and the senders.
    pub images: Vec<(UserId, Image)>,
}

impl Store {
    /// Rooms with a message from before `overdue`, and with them all rows from before `before`; and
    /// rooms whose purged rows are not all erased. In order of id, those after `after`. A room
    /// without messages since its last purge is skipped: another purge would only replace the last
    /// one's row.
    pub async fn expired(
        &self,
        before: DateTime<Utc>,
        overdue: DateTime<Utc>,
        after: RoomId,
        limit: u32,
    ) -> Result<Vec<Expired>> {
        // One statement, one snapshot: a later message is above the head.
        let rows = sqlx::query(
            "SELECT h.room_id, h.floor, h.erased, IF(p.created_at < ?, COALESCE((SELECT n.seq - 1 \
             FROM messages n WHERE n.room_id = h.room_id AND n.seq > p.seq AND n.created_at >= ? \
             ORDER BY n.seq LIMIT 1), h.head), NULL) AS up_to \
             FROM heads h LEFT JOIN messages p ON p.room_id = h.room_id AND p.seq = (SELECT o.seq \
             FROM messages o WHERE o.room_id = h.room_id AND o.seq > h.floor AND o.`system` IS NULL \
             ORDER BY o.seq LIMIT 1) \
             WHERE h.room_id > ? AND h.kind <> 255 AND (p.created_at < ? OR h.erased < h.floor) \
             ORDER BY h.room_id LIMIT ?",
        )
        .bind(overdue)
        .bind(before)
        .bind(after.0)
        .bind(overdue)
        .bind(limit)
        .fetch_all(self.pool())
        .await?;
        let expired = |row: &MySqlRow| {
            Ok(Expired {
                room: RoomId(row.try_get("room_id")?),
                up_to: row.try_get("up_to")?,
                purged_up_to: row.try_get("floor")?,
                erased: row.try_get("erased")?,
            })
        };
        rows.iter().map(expired).collect()
    }

    /// The next purged rows to erase.
    pub async fn purged(
        &self,
        room: RoomId,
        erased: Seq,
        purged_up_to: Seq,
        limit: u32,
    ) -> Result<Purged> {
        let rows = sqlx::query(
            "SELECT seq, sender_id, CAST(image AS CHAR) AS image FROM messages \
             WHERE room_id = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?",
        )
        .bind(room.0)
        .bind(erased)
        .bind(purged_up_to)
        .bind(limit)
        .fetch_all(self.pool())
        .await?;
        let full = rows.len() == limit as usize;
        let last: Option<Seq> = rows.last().map(|row| row.try_get("seq")).transpose()?;
        let mut images = Vec::new();
        for row in &rows {
            images.extend(image_of(row)?);
        }
        Ok(Purged { up_to: last.filter(|_| full).unwrap_or(purged_up_to), images })
    }

    /// Erases purged rows after `erased` up to `up_to`. Place, sender and client id of messages
    /// stay, so that a retry at any later time is still recognised.
    pub async fn erase(
        &self,
        room: RoomId,
        erased: Seq,
        up_to: Seq,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let mut sql = Sql::default();
        let rows = |sql: &mut Sql| {
            sql.raw(" WHERE room_id = ").number(room.0).raw(" AND seq > ").number(erased);
            sql.raw(" AND seq <= ").number(up_to);
        };
        sql.raw(
            "UPDATE messages SET content = '', reply_to = NULL, image = NULL, mentions = NULL, ",
        );
        sql.raw("reactions = NULL, edited_at = NULL, deleted_at = COALESCE(deleted_at, ").time(now);
        sql.raw(")");
        rows(&mut sql);
        sql.raw(" AND client_id IS NOT NULL; DELETE FROM messages");
        rows(&mut sql);
        sql.raw(" AND client_id IS NULL; DELETE FROM mentions");
        rows(&mut sql);
        // Last: if the server stops before, the page is erased again.
        sql.raw("; UPDATE heads SET erased = GREATEST(erased, ").number(up_to);
        sql.raw(") WHERE room_id = ").number(room.0);
        sqlx::raw_sql(sql.finish()).execute(self.pool()).await?;
        Ok(())
    }
}

fn image_of(row: &MySqlRow) -> Result<Option<(UserId, Image)>> {
    let json: Option<String> = row.try_get("image")?;
    let image = json.as_deref().and_then(encode::image_from_db);
    let sender = row.try_get("sender_id")?;
    Ok(image.map(|image| (UserId(sender), image)))
}
