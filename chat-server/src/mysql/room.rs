//! Rooms, as users see them.

use chat_domain::{
    change::NewRoom,
    draft::Draft,
    id::{RoomId, Seq, UserId},
    member::Role,
    message::Message,
    room::RoomAbout,
};
use chrono::{DateTime, Utc};
use sqlx::{Row, mysql::MySqlRow};

use super::{
    Error, Result, Store, encode, message,
    sql::{Sql, escape_like},
};

/// A room as one of its members sees it.
#[derive(Debug, Clone)]
pub struct RoomRow {
    /// Properties that are the same for all users.
    pub about: RoomAbout,
    /// Number of the last change.
    pub head: Seq,
    /// Messages written, ever.
    pub posts: u64,
    /// Number of members.
    pub member_count: u64,
    /// The member's role, where they are one.
    pub role: Option<Role>,
    /// They see only messages with a higher seq: they joined later, or older ones were purged.
    pub visible_from: Seq,
    /// Their read marker.
    pub read_seq: Seq,
    /// Number of messages up to the marker.
    pub read_ordinal: u64,
    /// Unread mentions of them.
    pub mentions: u64,
    /// They have hidden it, and nobody has posted since.
    pub hidden: bool,
    /// Their draft, if any.
    pub draft: Option<Draft>,
}

/// The columns of a [`RoomRow`].
const ROOM: &str = "r.id, r.kind, r.history, r.name, r.topic, r.alias, r.created_at, h.head, h.posts, \
     (SELECT COUNT(*) FROM members c WHERE c.room_id = r.id) AS member_count, \
     m.role, IF(m.visible_from > h.floor, m.visible_from, h.floor) AS visible_from, m.read_seq, m.read_ordinal, m.hidden_ordinal, \
     (SELECT COUNT(*) FROM mentions n WHERE n.user_id = m.user_id AND n.room_id = r.id \
      AND n.seq > m.read_seq) AS mentions, \
     d.content AS draft_content, d.reply_to AS draft_reply_to, d.changed_at AS draft_changed_at";

/// Joins the rooms of a member, and with `LEFT` in front all rooms; binds the user.
///
/// A former member no longer sees their draft.
const SEEN_BY: &str = "JOIN members m ON m.room_id = r.id AND m.user_id = ? \
     LEFT JOIN drafts d ON d.room_id = m.room_id AND d.user_id = m.user_id \
     AND (d.content <> '' OR d.reply_to IS NOT NULL)";

/// A row `x` that is shown to users: any but a purge.
const SAYS: &str = "(x.`system` IS NULL OR JSON_EXTRACT(x.`system`, '$.purged') IS NULL)";

impl Store {
    /// Creates a room with its members and its first row.
    ///
    /// # Errors
    ///
    /// `Taken("rooms_direct")`: the two users already have a direct room;
    /// `Taken("rooms_public_name")`: another public room has the name.
    pub async fn create_room(&self, new: &NewRoom) -> Result<()> {
        let mut tx = self.pool().begin().await?;
        let about = &new.about;
        sqlx::query(
            "INSERT INTO rooms (id, kind, history, name, public_name, topic, alias, direct_key, \
             created_by, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(about.id.0)
        .bind(encode::kind_to_db(about.kind))
        .bind(encode::history_to_db(about.history))
        .bind(&about.name)
        .bind(new.unique_name())
        .bind(&about.topic)
        .bind(&about.alias)
        .bind(new.direct_key.as_ref().map(|key| &key[..]))
        .bind(new.created_by.0)
        .bind(about.created_at)
        .execute(&mut *tx)
        .await
        .map_err(Error::from_insert)?;
        sqlx::raw_sql(first_rows(new).finish()).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The room of this direct key.
    pub async fn direct_room(&self, key: [u8; 16]) -> Result<Option<RoomId>> {
        let id: Option<(u64,)> = sqlx::query_as("SELECT id FROM rooms WHERE direct_key = ?")
            .bind(&key[..])
            .fetch_optional(self.pool())
            .await?;
        Ok(id.map(|(id,)| RoomId(id)))
    }

    /// All rooms of a user.
    pub async fn rooms(&self, user: UserId) -> Result<Vec<RoomRow>> {
        let sql = format!(
            "SELECT {ROOM} FROM rooms r JOIN heads h ON h.room_id = r.id {SEEN_BY} \
             WHERE r.deleted_at IS NULL"
        );
        let rows =
            sqlx::query(sqlx::AssertSqlSafe(sql)).bind(user.0).fetch_all(self.pool()).await?;
        rows.iter().map(room_from_row).collect()
    }

    /// One room as a user sees it, member or not.
    pub async fn room(&self, room: RoomId, user: UserId) -> Result<Option<RoomRow>> {
        let sql = format!(
            "SELECT {ROOM} FROM rooms r JOIN heads h ON h.room_id = r.id LEFT {SEEN_BY} \
             WHERE r.id = ? AND r.deleted_at IS NULL"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(user.0)
            .bind(room.0)
            .fetch_optional(self.pool())
            .await?;
        row.as_ref().map(room_from_row).transpose()
    }

    /// Public rooms by name, each with whether a user is in it and when something last happened.
    pub async fn public_rooms(
        &self,
        user: UserId,
        query: &str,
        limit: u32,
    ) -> Result<Vec<(RoomRow, Option<DateTime<Utc>>)>> {
        let pattern = format!("%{}%", escape_like(&chat_domain::user::fold(query)));
        let sql = format!(
            "SELECT {ROOM}, (SELECT x.created_at FROM messages x WHERE x.room_id = r.id AND {SAYS} \
             ORDER BY x.seq DESC LIMIT 1) AS active_at \
             FROM rooms r JOIN heads h ON h.room_id = r.id LEFT {SEEN_BY} \
             WHERE r.kind = 0 AND r.deleted_at IS NULL AND r.public_name LIKE ? \
             ORDER BY member_count DESC, r.id LIMIT ?"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(user.0)
            .bind(pattern)
            .bind(limit)
            .fetch_all(self.pool())
            .await?;
        rows.iter().map(|row| Ok((room_from_row(row)?, row.try_get("active_at")?))).collect()
    }

    /// The newest message of each room that its member may see.
    pub async fn last_messages(&self, rooms: &[(RoomId, Seq)]) -> Result<Vec<Message>> {
        let mut messages = Vec::with_capacity(rooms.len());
        for part in rooms.chunks(200) {
            let mut sql = Sql::default();
            for (place, (room, visible_from)) in part.iter().enumerate() {
                sql.raw(if place == 0 { "(SELECT " } else { " UNION ALL (SELECT " })
                    .raw(message::COLUMNS);
                sql.raw(" FROM messages x WHERE room_id = ").number(room.0);
                sql.raw(" AND seq > ").number(*visible_from).raw(" AND ").raw(SAYS);
                sql.raw(" ORDER BY seq DESC LIMIT 1)");
            }
            for row in sqlx::raw_sql(sql.finish()).fetch_all(self.pool()).await? {
                messages.push(message::from_row(&row)?);
            }
        }
        Ok(messages)
    }
}

/// Counters, members and the first system message.
fn first_rows(new: &NewRoom) -> Sql {
    let about = &new.about;
    let mut sql = Sql::default();
    sql.raw("INSERT INTO heads (room_id, kind, history, head, posts, direct_key) VALUES (")
        .number(about.id.0)
        .raw(",");
    sql.number(encode::kind_to_db(about.kind).into()).raw(",");
    sql.number(encode::history_to_db(about.history).into()).raw(",1,0,");
    match &new.direct_key {
        Some(key) => sql.bytes(key),
        None => sql.raw("NULL"),
    };
    sql.raw("); INSERT INTO members (room_id, user_id, role, read_seq, joined_at) VALUES ");
    sql.list(&new.members, |sql, (user, role)| {
        sql.raw("(").number(about.id.0).raw(",").number(user.0).raw(",");
        sql.number(encode::role_to_db(*role).into()).raw(",1,").time(about.created_at).raw(")");
    });
    sql.raw("; INSERT INTO messages (room_id, seq, changed_seq, ordinal, sender_id, content, `system`, created_at) VALUES (");
    sql.number(about.id.0).raw(",1,1,0,").number(new.created_by.0).raw(",'',");
    sql.text(&encode::system_to_db(&chat_domain::message::SystemEvent::Created)).raw(",");
    sql.time(about.created_at).raw(")");
    sql
}

fn room_from_row(row: &MySqlRow) -> Result<RoomRow> {
    let id: u64 = row.try_get("id")?;
    let wrong = || Error::Inconsistent { table: "rooms", column: "kind", id: id.to_string() };
    let role: Option<u8> = row.try_get("role")?;
    // COUNT is signed.
    let count =
        |column: &str| row.try_get::<i64, _>(column).map(|n| u64::try_from(n).unwrap_or_default());
    let number =
        |column: &str| row.try_get::<Option<u64>, _>(column).map(Option::unwrap_or_default);
    let posts = row.try_get("posts")?;
    let hidden: Option<u64> = row.try_get("hidden_ordinal")?;
    Ok(RoomRow {
        about: RoomAbout {
            id: RoomId(id),
            kind: encode::kind_from_db(row.try_get("kind")?).ok_or_else(wrong)?,
            history: encode::history_from_db(row.try_get("history")?),
            name: row.try_get("name")?,
            topic: row.try_get("topic")?,
            alias: row.try_get("alias")?,
            created_at: row.try_get("created_at")?,
        },
        head: row.try_get("head")?,
        posts,
        member_count: count("member_count")?,
        role: role.map(encode::role_from_db),
        visible_from: number("visible_from")?,
        read_seq: number("read_seq")?,
        read_ordinal: number("read_ordinal")?,
        mentions: count("mentions")?,
        hidden: hidden == Some(posts),
        draft: draft_from_row(row)?,
    })
}

fn draft_from_row(row: &MySqlRow) -> Result<Option<Draft>> {
    let content: Option<String> = row.try_get("draft_content")?;
    let Some(content) = content else { return Ok(None) };
    let (reply_to, changed_at) = (row.try_get("draft_reply_to")?, row.try_get("draft_changed_at")?);
    Ok(Some(Draft { content, reply_to, changed_at }))
}
