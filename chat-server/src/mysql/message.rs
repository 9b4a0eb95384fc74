//! Messages: rows to [`Message`], pages of history, pages of a sync.

use chat_domain::{
    id::{ClientId, MessageId, RoomId, Seq, UserId},
    message::Message,
};
use chrono::{DateTime, Utc};
use sqlx::{Row, mysql::MySqlRow};

use super::{Error, Result, Store, encode};

/// The columns that [`from_row`] reads. JSON is cast to text, because MySQL has a JSON type.
pub(super) const COLUMNS: &str = "room_id, seq, changed_seq, ordinal, sender_id, client_id, digest, \
     content, reply_to, CAST(image AS CHAR) AS image, CAST(mentions AS CHAR) AS mentions, \
     CAST(reactions AS CHAR) AS reactions, CAST(`system` AS CHAR) AS `system`, \
     created_at, edited_at, deleted_at";

/// A row as a message.
pub(super) fn from_row(row: &MySqlRow) -> Result<Message> {
    let (room, seq): (u64, u64) = (row.try_get("room_id")?, row.try_get("seq")?);
    let json = |column: &'static str| row.try_get::<Option<String>, _>(column);
    let wrong = |column| Error::Inconsistent {
        table: "messages",
        column,
        id: format!("room {room}, seq {seq}"),
    };
    let time = |column: &str| row.try_get::<Option<DateTime<Utc>>, _>(column);
    Ok(Message {
        room: RoomId(room),
        seq,
        changed_seq: row.try_get("changed_seq")?,
        ordinal: row.try_get("ordinal")?,
        sender: UserId(row.try_get("sender_id")?),
        client_id: row.try_get::<Option<ClientId>, _>("client_id")?,
        content: row.try_get("content")?,
        reply_to: row.try_get("reply_to")?,
        image: read(json("image")?, encode::image_from_db, || wrong("image"))?,
        mentions: read(json("mentions")?, encode::mentions_from_db, || wrong("mentions"))?
            .unwrap_or_default(),
        reactions: read(json("reactions")?, encode::reactions_from_db, || wrong("reactions"))?
            .unwrap_or_default(),
        system: read(json("system")?, encode::system_from_db, || wrong("system"))?,
        created_at: row.try_get("created_at")?,
        edited_at: time("edited_at")?,
        deleted_at: time("deleted_at")?,
    })
}

/// JSON of a column that may be NULL.
fn read<T>(
    text: Option<String>,
    parse: fn(&str) -> Option<T>,
    wrong: impl FnOnce() -> Error,
) -> Result<Option<T>> {
    text.map(|text| parse(&text).ok_or_else(wrong)).transpose()
}

/// Which page of a room's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The newest messages.
    Newest,
    /// The ones just before.
    Before(Seq),
    /// The ones just after.
    After(Seq),
}

/// The standing of a member in a room, with the room's counters, in one query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Number of the room's last change.
    pub head: Seq,
    /// Everything up to here was purged; 0 where nothing was.
    pub purged_up_to: Seq,
    /// Messages written in the room, ever.
    pub posts: u64,
    /// The member sees only what has a higher seq.
    pub visible_from: Seq,
    /// Is it a direct room: between whom.
    pub direct: Option<(UserId, UserId)>,
    /// Number of all profile changes, ever.
    pub profiles: u64,
}

/// Changes of a room after a cursor that a member may see.
#[derive(Debug)]
pub struct Changes {
    /// Number of the room's last change.
    pub head: Seq,
    /// Everything up to here was purged; a client with a lower cursor has missed that.
    pub purged_up_to: Seq,
    /// Rows in order of change; none where the cursor is invalid.
    pub rows: Vec<Message>,
}

impl Store {
    /// The standing of a user in a room; `None` where they are no member.
    pub async fn standing(&self, room: RoomId, user: UserId) -> Result<Option<Standing>> {
        let row = sqlx::query(
            "SELECT h.head, h.floor, h.posts, m.visible_from, h.direct_key, \
             (SELECT profiles FROM store WHERE id = 1) AS profiles \
             FROM heads h JOIN members m ON m.room_id = h.room_id AND m.user_id = ? WHERE h.room_id = ? AND h.kind <> 255",
        )
        .bind(user.0)
        .bind(room.0)
        .fetch_optional(self.pool())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let key: Option<Vec<u8>> = row.try_get("direct_key")?;
        Ok(Some(Standing {
            head: row.try_get("head")?,
            purged_up_to: row.try_get("floor")?,
            posts: row.try_get("posts")?,
            visible_from: row.try_get("visible_from")?,
            direct: key.as_deref().and_then(encode::direct_from_db),
            profiles: row.try_get("profiles")?,
        }))
    }

    /// One page of history, in order of `seq`, with nothing at or below `visible_from`.
    pub async fn history(
        &self,
        room: RoomId,
        visible_from: Seq,
        page: Page,
        limit: u32,
    ) -> Result<Vec<Message>> {
        let (condition, order, bound) = match page {
            Page::Newest => ("seq <= ?", "DESC", u64::MAX >> 1),
            Page::Before(seq) => ("seq < ?", "DESC", seq),
            Page::After(seq) => ("seq > ?", "ASC", seq),
        };
        let sql = format!(
            "SELECT {COLUMNS} FROM messages WHERE room_id = ? AND seq > ? AND {condition} \
             ORDER BY seq {order} LIMIT ?"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(room.0)
            .bind(visible_from)
            .bind(bound)
            .bind(limit)
            .fetch_all(self.pool())
            .await?;
        let mut messages = rows.iter().map(from_row).collect::<Result<Vec<_>>>()?;
        if order == "DESC" {
            messages.reverse();
        }
        Ok(messages)
    }

    /// Changes after a cursor; `None` where the user is no member.
    ///
    /// One statement, one snapshot: with two, a row that changed between them would be above the
    /// head, and its state below the head would be missing.
    pub async fn changes(
        &self,
        room: RoomId,
        user: UserId,
        after: Seq,
        limit: u32,
    ) -> Result<Option<Changes>> {
        let sql = format!(
            "SELECT s.head, s.floor, {COLUMNS} FROM (SELECT h.room_id AS id, h.head, h.floor, \
             GREATEST(m.visible_from, h.floor) AS visible_from \
             FROM heads h JOIN members m ON m.room_id = h.room_id \
             WHERE h.room_id = ? AND m.user_id = ? AND h.kind <> 255) s \
             LEFT JOIN messages FORCE INDEX (messages_changed) ON room_id = s.id \
             AND changed_seq > ? AND changed_seq <= s.head AND seq > s.visible_from \
             AND s.floor <= ? ORDER BY changed_seq LIMIT ?"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(room.0)
            .bind(user.0)
            .bind(after)
            .bind(after)
            .bind(limit)
            .fetch_all(self.pool())
            .await?;
        let Some(first) = rows.first() else { return Ok(None) };
        let (head, purged_up_to) = (first.try_get("head")?, first.try_get("floor")?);
        // Without changes there is only the member's row.
        let is_message =
            |row: &&MySqlRow| matches!(row.try_get::<Option<u64>, _>("seq"), Ok(Some(_)));
        let rows = rows.iter().filter(is_message).map(from_row).collect::<Result<_>>()?;
        Ok(Some(Changes { head, purged_up_to, rows }))
    }

    /// Rows that changed after a cursor, up to a head, in order of change, without purged ones.
    pub async fn changed(
        &self,
        room: RoomId,
        after: Seq,
        up_to: Seq,
        limit: u32,
    ) -> Result<Vec<Message>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM messages \
             WHERE room_id = ? AND changed_seq > ? AND changed_seq <= ? \
             AND seq > (SELECT floor FROM heads WHERE heads.room_id = messages.room_id) \
             ORDER BY changed_seq LIMIT ?"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(room.0)
            .bind(after)
            .bind(up_to)
            .bind(limit)
            .fetch_all(self.pool())
            .await?;
        rows.iter().map(from_row).collect()
    }

    /// Single messages of one room.
    pub async fn messages(&self, room: RoomId, seqs: &[Seq]) -> Result<Vec<Message>> {
        if seqs.is_empty() {
            return Ok(Vec::new());
        }
        let marks = vec!["?"; seqs.len()].join(",");
        let sql = format!(
            "SELECT {COLUMNS} FROM messages WHERE room_id = ? AND seq IN ({marks}) ORDER BY seq"
        );
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(room.0);
        for seq in seqs {
            query = query.bind(*seq);
        }
        let rows = query.fetch_all(self.pool()).await?;
        rows.iter().map(from_row).collect()
    }

    /// One message.
    pub async fn message(&self, id: MessageId) -> Result<Option<Message>> {
        Ok(self.messages(id.room, &[id.seq]).await?.pop())
    }

    /// Heads of rooms, by primary key; `None`: the room was deleted, which moves no head.
    pub async fn heads(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, Option<Seq>)>> {
        let mut heads = Vec::with_capacity(rooms.len());
        for part in rooms.chunks(1_000) {
            let mut sql = super::sql::Sql::default();
            sql.raw("SELECT room_id, head, kind FROM heads WHERE room_id IN (");
            sql.list(part, |sql, room| {
                sql.number(room.0);
            })
            .raw(")");
            for row in sqlx::raw_sql(sql.finish()).fetch_all(self.pool()).await? {
                let head = row.try_get("head")?;
                let deleted = row.try_get::<u8, _>("kind")? == encode::KIND_DELETED;
                heads.push((RoomId(row.try_get("room_id")?), (!deleted).then_some(head)));
            }
        }
        Ok(heads)
    }
}
