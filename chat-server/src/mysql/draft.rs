//! What people are writing.

use chat_domain::{
    draft::Draft,
    id::{RoomId, UserId},
};
use sqlx::Row;

use super::{Result, Store, sql::Sql};

/// In one statement: of the longest drafts, 3 MB.
const AT_ONCE: usize = 50;

impl Store {
    /// Writes drafts; where there is a later one, that stays.
    pub async fn write_drafts(&self, drafts: &[(RoomId, UserId, Draft)]) -> Result<()> {
        for part in drafts.chunks(AT_ONCE) {
            let mut sql = Sql::default();
            sql.raw("INSERT INTO drafts (user_id, room_id, content, reply_to, changed_at) VALUES ");
            sql.list(part, |sql, (room, user, draft)| {
                sql.raw("(").number(user.0).raw(",").number(room.0).raw(",").text(&draft.content);
                sql.raw(",").optional_number(draft.reply_to).raw(",").time(draft.changed_at);
                sql.raw(")");
            });
            // From left to right: the time that both compare with changes last.
            sql.raw(
                " ON DUPLICATE KEY UPDATE \
                 content = IF(VALUES(changed_at) >= changed_at, VALUES(content), content), \
                 reply_to = IF(VALUES(changed_at) >= changed_at, VALUES(reply_to), reply_to), \
                 changed_at = GREATEST(VALUES(changed_at), changed_at)",
            );
            sqlx::raw_sql(sql.finish()).execute(self.pool()).await?;
        }
        Ok(())
    }

    /// What a person is writing in these rooms, where it is anything.
    pub async fn drafts(&self, user: UserId, rooms: &[RoomId]) -> Result<Vec<(RoomId, Draft)>> {
        let mut drafts = Vec::new();
        for part in rooms.chunks(1_000) {
            let mut sql = Sql::default();
            sql.raw("SELECT room_id, content, reply_to, changed_at FROM drafts WHERE user_id = ");
            sql.number(user.0).raw(" AND room_id IN (");
            sql.list(part, |sql, room| {
                sql.number(room.0);
            });
            sql.raw(") AND (content <> '' OR reply_to IS NOT NULL)");
            for row in sqlx::raw_sql(sql.finish()).fetch_all(self.pool()).await? {
                let draft = Draft {
                    content: row.try_get("content")?,
                    reply_to: row.try_get("reply_to")?,
                    changed_at: row.try_get("changed_at")?,
                };
                drafts.push((RoomId(row.try_get("room_id")?), draft));
            }
        }
        Ok(drafts)
    }
}
