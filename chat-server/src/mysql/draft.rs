//! Drafts.

use std::sync::Arc;

use chat_domain::{
    draft::Draft,
    id::{RoomId, UserId},
};

use super::{Result, Store, sql::Sql};

/// Drafts in one statement: at most 3 MB.
const AT_ONCE: usize = 50;

impl Store {
    /// Writes drafts; a later one stays.
    pub async fn write_drafts(&self, drafts: &[(RoomId, UserId, Arc<Draft>)]) -> Result<()> {
        for part in drafts.chunks(AT_ONCE) {
            let mut sql = Sql::default();
            sql.raw("INSERT INTO drafts (user_id, room_id, content, reply_to, changed_at) VALUES ");
            sql.list(part, |sql, (room, user, draft)| {
                sql.raw("(").number(user.0).raw(",").number(room.0).raw(",").text(&draft.content);
                sql.raw(",").optional_number(draft.reply_to).raw(",").time(draft.changed_at);
                sql.raw(")");
            });
            // Assignments run from left to right: the time that both conditions compare is assigned
            // last.
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
}
