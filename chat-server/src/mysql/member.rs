//! Members: memberships, roles and read markers.

use chat_domain::{
    id::{RoomId, Seq, UserId},
    member::{Membership, Role},
    user::User,
};
use chrono::{DateTime, Utc};
use sqlx::{Row, mysql::MySqlRow};

use super::{Result, Store, encode, sql::Sql, user};

/// A member of a room.
#[derive(Debug, Clone)]
pub struct MemberRow {
    /// Who.
    pub user: User,
    /// Their role.
    pub role: Role,
    /// Their read marker.
    pub read_seq: Seq,
    /// When they joined.
    pub joined_at: DateTime<Utc>,
}

impl Store {
    /// The ids of a user's rooms.
    pub async fn room_ids(&self, user: UserId) -> Result<Vec<RoomId>> {
        let ids: Vec<(u64,)> = sqlx::query_as("SELECT room_id FROM members WHERE user_id = ?")
            .bind(user.0)
            .fetch_all(self.pool())
            .await?;
        Ok(ids.into_iter().map(|(id,)| RoomId(id)).collect())
    }

    /// Number of members of a room, at most `max`.
    pub async fn count_members(&self, room: RoomId, max: usize) -> Result<usize> {
        let (count,): (i64,) = sqlx::query_as(
            "SELECT COUNT(*) FROM (SELECT 1 FROM members WHERE room_id = ? LIMIT ?) AS counted",
        )
        .bind(room.0)
        .bind(max as u64)
        .fetch_one(self.pool())
        .await?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }

    /// All memberships of a user.
    pub async fn memberships(&self, user: UserId) -> Result<Vec<Membership>> {
        let rows = sqlx::query(
            "SELECT m.room_id, m.visible_from, h.head FROM members m \
             JOIN heads h ON h.room_id = m.room_id WHERE m.user_id = ?",
        )
        .bind(user.0)
        .fetch_all(self.pool())
        .await?;
        rows.iter().map(membership_from_row).collect()
    }

    /// A user's memberships in these rooms.
    pub async fn memberships_in(&self, user: UserId, rooms: &[RoomId]) -> Result<Vec<Membership>> {
        let mut members = Vec::with_capacity(rooms.len());
        for part in rooms.chunks(1_000) {
            let mut sql = Sql::default();
            sql.raw("SELECT m.room_id, m.visible_from, h.head FROM members m ");
            sql.raw("JOIN heads h ON h.room_id = m.room_id WHERE m.user_id = ").number(user.0);
            sql.raw(" AND m.room_id IN (");
            sql.list(part, |sql, room| {
                sql.number(room.0);
            })
            .raw(")");
            for row in sqlx::raw_sql(sql.finish()).fetch_all(self.pool()).await? {
                members.push(membership_from_row(&row)?);
            }
        }
        Ok(members)
    }

    /// Up to `each` members of every room, for titles and avatars.
    pub async fn people_of(&self, rooms: &[RoomId], each: u32) -> Result<Vec<(RoomId, User)>> {
        let mut people = Vec::new();
        for part in rooms.chunks(200) {
            let mut sql = Sql::default();
            for (place, room) in part.iter().enumerate() {
                sql.raw(if place == 0 { "(SELECT " } else { " UNION ALL (SELECT " });
                sql.raw(
                    "m.room_id, u.id, u.username, u.display_name, u.photo_url FROM members m \
                     JOIN users u ON u.id = m.user_id WHERE m.room_id = ",
                );
                sql.number(room.0).raw(" LIMIT ").number(each.into()).raw(")");
            }
            for row in sqlx::raw_sql(sql.finish()).fetch_all(self.pool()).await? {
                people.push((RoomId(row.try_get("room_id")?), user::from_row(&row)?));
            }
        }
        Ok(people)
    }

    /// The members of a room by name.
    pub async fn members(&self, room: RoomId, limit: u32) -> Result<Vec<MemberRow>> {
        let rows = sqlx::query(
            "SELECT u.id, u.username, u.display_name, u.photo_url, m.role, m.read_seq, m.joined_at \
             FROM members m JOIN users u ON u.id = m.user_id WHERE m.room_id = ? \
             ORDER BY COALESCE(u.display_name, u.username), u.id LIMIT ?",
        )
        .bind(room.0)
        .bind(limit)
        .fetch_all(self.pool())
        .await?;
        rows.iter()
            .map(|row| {
                Ok(MemberRow {
                    user: user::from_row(row)?,
                    role: encode::role_from_db(row.try_get("role")?),
                    read_seq: row.try_get("read_seq")?,
                    joined_at: row.try_get("joined_at")?,
                })
            })
            .collect()
    }

    /// Which of these folded usernames are members of the room.
    pub async fn members_called(&self, room: RoomId, names: &[String]) -> Result<Vec<UserId>> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let marks = vec!["?"; names.len()].join(",");
        let sql = format!(
            "SELECT u.id FROM users u JOIN members m ON m.user_id = u.id AND m.room_id = ? \
             WHERE u.username_key IN ({marks})"
        );
        let mut query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(room.0);
        for name in names {
            query = query.bind(name);
        }
        let ids: Vec<(u64,)> = query.fetch_all(self.pool()).await?;
        Ok(ids.into_iter().map(|(id,)| UserId(id)).collect())
    }

    /// Moves read markers forward, never back.
    pub async fn mark_read(&self, markers: &[(RoomId, UserId, Seq)]) -> Result<()> {
        for part in markers.chunks(200) {
            let mut sql = Sql::default();
            for (room, user, seq) in part {
                sql.raw("UPDATE members m JOIN heads h ON h.room_id = m.room_id SET m.read_ordinal = COALESCE(");
                sql.raw("(SELECT x.ordinal FROM messages x WHERE x.room_id = ").number(room.0);
                sql.raw(" AND x.seq <= ")
                    .number(*seq)
                    .raw(" ORDER BY x.seq DESC LIMIT 1), m.read_ordinal), ");
                sql.raw("m.read_seq = LEAST(h.head, ")
                    .number(*seq)
                    .raw(") WHERE m.room_id = ")
                    .number(room.0);
                sql.raw(" AND m.user_id = ")
                    .number(user.0)
                    .raw(" AND m.read_seq < ")
                    .number(*seq)
                    .raw("; ");
            }
            sqlx::raw_sql(sql.finish()).execute(self.pool()).await?;
        }
        Ok(())
    }

    /// Hides a room from a member until it has more than `seen` messages, at most the current
    /// number; `None` shows it. `false`: nothing changed, or they are no member.
    pub async fn set_hidden(&self, room: RoomId, user: UserId, seen: Option<u64>) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE members m JOIN heads h ON h.room_id = m.room_id \
             SET m.hidden_ordinal = LEAST(h.posts, ?) WHERE m.room_id = ? AND m.user_id = ? \
             AND NOT m.hidden_ordinal <=> LEAST(h.posts, ?)",
        )
        .bind(seen)
        .bind(room.0)
        .bind(user.0)
        .bind(seen)
        .execute(self.pool())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Memberships that began since then.
    pub async fn members_joined_since(
        &self,
        since: DateTime<Utc>,
    ) -> Result<Vec<(RoomId, UserId)>> {
        let rows: Vec<(u64, u64)> =
            sqlx::query_as("SELECT room_id, user_id FROM members WHERE joined_at >= ?")
                .bind(since)
                .fetch_all(self.pool())
                .await?;
        Ok(rows.into_iter().map(|(room, user)| (RoomId(room), UserId(user))).collect())
    }
}

fn membership_from_row(row: &MySqlRow) -> Result<Membership> {
    Ok(Membership {
        room: RoomId(row.try_get("room_id")?),
        head: row.try_get("head")?,
        visible_from: row.try_get("visible_from")?,
    })
}
