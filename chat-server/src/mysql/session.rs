//! Sessions.

use std::{collections::HashMap, time::Duration};

use chat_domain::{
    account::{Session, SessionLife},
    id::{SessionId, UserId},
};
use chrono::{DateTime, Utc};
use sqlx::{
    Row,
    mysql::{MySqlConnection, MySqlRow},
};

use super::{Error, Result, Store, account::set_password, sql::Sql};

/// A row as a session.
fn from_row(row: &MySqlRow) -> Result<Session> {
    Ok(Session {
        id: SessionId(row.try_get("id")?),
        user: UserId(row.try_get("user_id")?),
        user_agent: row.try_get("user_agent")?,
        address: row.try_get("address")?,
        created_at: row.try_get("created_at")?,
        used_at: row.try_get("used_at")?,
        expires_at: row.try_get("expires_at")?,
    })
}

/// An ended session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndedSession {
    /// Which.
    pub id: SessionId,
    /// Whose.
    pub user: UserId,
    /// SHA-256 of its token.
    pub token_hash: [u8; 32],
}

/// Which of a user's sessions.
#[derive(Debug, Clone, Copy)]
pub enum Which {
    /// This one.
    One(SessionId),
    /// All but this one.
    Others(SessionId),
}

impl Store {
    /// Inserts a session, if the checked password is still the current one: a sign-in with the old
    /// one during a change must fail.
    pub async fn insert_session(
        &self,
        session: &Session,
        token_hash: &[u8; 32],
        password_hash: &str,
    ) -> Result<bool> {
        let mut tx = self.pool().begin().await?;
        let valid: Option<u64> = sqlx::query_scalar(
            "SELECT id FROM users WHERE id = ? AND password_hash = ? LOCK IN SHARE MODE",
        )
        .bind(session.user.0)
        .bind(password_hash)
        .fetch_optional(&mut *tx)
        .await?;
        if valid.is_none() {
            return Ok(false);
        }
        sqlx::query(
            "INSERT INTO sessions (id, token_hash, user_id, user_agent, address, created_at, \
             used_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(session.id.0)
        .bind(&token_hash[..])
        .bind(session.user.0)
        .bind(&session.user_agent)
        .bind(&session.address)
        .bind(session.created_at)
        .bind(session.used_at)
        .bind(session.expires_at)
        .execute(&mut *tx)
        .await
        .map_err(Error::from_insert)?;
        tx.commit().await?;
        Ok(true)
    }

    /// The session of a token, unless it ended.
    pub async fn find_session(
        &self,
        token_hash: &[u8; 32],
        now: DateTime<Utc>,
    ) -> Result<Option<Session>> {
        let row = sqlx::query(
            "SELECT id, user_id, user_agent, address, created_at, used_at, expires_at \
             FROM sessions WHERE token_hash = ? AND revoked_at IS NULL AND expires_at > ?",
        )
        .bind(&token_hash[..])
        .bind(now)
        .fetch_optional(self.pool())
        .await?;
        row.as_ref().map(from_row).transpose()
    }

    /// The sessions of a user, the last used first.
    pub async fn sessions_of(&self, user: UserId, now: DateTime<Utc>) -> Result<Vec<Session>> {
        let rows = sqlx::query(
            "SELECT id, user_id, user_agent, address, created_at, used_at, expires_at \
             FROM sessions WHERE user_id = ? AND revoked_at IS NULL AND expires_at > ? \
             ORDER BY used_at DESC, id DESC LIMIT 200",
        )
        .bind(user.0)
        .bind(now)
        .fetch_all(self.pool())
        .await?;
        rows.iter().map(from_row).collect()
    }

    /// Stores a use, and extends the session.
    pub async fn use_session(
        &self,
        session: SessionId,
        used_at: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<()> {
        sqlx::query(
            "UPDATE sessions SET used_at = ?, expires_at = ? \
             WHERE id = ? AND revoked_at IS NULL AND used_at < ?",
        )
        .bind(used_at)
        .bind(expires_at)
        .bind(session.0)
        .bind(used_at)
        .execute(self.pool())
        .await?;
        Ok(())
    }

    /// Stores a use of each of these, and extends them. Ended ones stay ended.
    pub async fn use_sessions(
        &self,
        sessions: &[SessionId],
        used_at: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<()> {
        for part in sessions.chunks(1_000) {
            let mut sql = Sql::default();
            sql.raw("UPDATE sessions SET used_at = ").time(used_at);
            sql.raw(", expires_at = ").time(expires_at);
            sql.raw(" WHERE revoked_at IS NULL AND expires_at > ").time(used_at);
            sql.raw(" AND used_at < ").time(used_at).raw(" AND id IN (");
            sql.list(part, |sql, session| {
                sql.number(session.0);
            })
            .raw(")");
            sqlx::raw_sql(sql.finish()).execute(self.pool()).await?;
        }
        Ok(())
    }

    /// Last use and expiry of those of these sessions that have not ended.
    pub async fn lives_of_sessions(
        &self,
        sessions: &[SessionId],
        now: DateTime<Utc>,
    ) -> Result<HashMap<SessionId, SessionLife>> {
        let mut lives = HashMap::with_capacity(sessions.len());
        for part in sessions.chunks(1_000) {
            let mut sql = Sql::default();
            sql.raw("SELECT id, used_at, expires_at FROM sessions WHERE revoked_at IS NULL ");
            sql.raw("AND expires_at > ").time(now).raw(" AND id IN (");
            sql.list(part, |sql, session| {
                sql.number(session.0);
            })
            .raw(")");
            for row in sqlx::raw_sql(sql.finish()).fetch_all(self.pool()).await? {
                let life = SessionLife {
                    used_at: row.try_get("used_at")?,
                    expires_at: row.try_get("expires_at")?,
                };
                lives.insert(SessionId(row.try_get("id")?), life);
            }
        }
        Ok(lives)
    }

    /// Ends sessions of a user; returns them.
    pub async fn end_sessions(&self, user: UserId, which: Which) -> Result<Vec<EndedSession>> {
        let mut tx = self.pool().begin().await?;
        let ended = end(&mut tx, user, which).await?;
        tx.commit().await?;
        Ok(ended)
    }

    /// Changes a password and ends all sessions but one, both or neither. `None` where the checked
    /// password is no longer the current one.
    pub async fn change_password(
        &self,
        user: UserId,
        old_hash: &str,
        new_hash: &str,
        keep: SessionId,
    ) -> Result<Option<Vec<EndedSession>>> {
        let mut tx = self.pool().begin().await?;
        if !set_password(&mut tx, user, old_hash, new_hash).await? {
            return Ok(None);
        }
        let ended = end(&mut tx, user, Which::Others(keep)).await?;
        tx.commit().await?;
        Ok(Some(ended))
    }

    /// Recently ended sessions, by the clock of the store.
    pub async fn sessions_ended_within(&self, while_ago: Duration) -> Result<Vec<EndedSession>> {
        let rows: Vec<(u64, u64, Vec<u8>)> = sqlx::query_as(
            "SELECT id, user_id, token_hash FROM sessions \
             WHERE revoked_at > UTC_TIMESTAMP(6) - INTERVAL ? SECOND",
        )
        .bind(while_ago.as_secs())
        .fetch_all(self.pool())
        .await?;
        rows.into_iter().map(ended).collect()
    }

    /// Deletes some of the sessions that ended long ago; returns how many.
    pub async fn forget_sessions(&self, long_ago: Duration) -> Result<u64> {
        const REVOKED: &str = "DELETE FROM sessions WHERE revoked_at < \
                               UTC_TIMESTAMP(6) - INTERVAL ? SECOND LIMIT 1000";
        const EXPIRED: &str = "DELETE FROM sessions WHERE expires_at < \
                               UTC_TIMESTAMP(6) - INTERVAL ? SECOND LIMIT 1000";
        let mut forgotten = 0;
        for sql in [REVOKED, EXPIRED] {
            let done = sqlx::query(sql).bind(long_ago.as_secs()).execute(self.pool()).await?;
            forgotten += done.rows_affected();
        }
        Ok(forgotten)
    }
}

async fn end(
    connection: &mut MySqlConnection,
    user: UserId,
    which: Which,
) -> Result<Vec<EndedSession>> {
    let (sql, session) = match which {
        Which::One(session) => (
            "SELECT id, user_id, token_hash FROM sessions \
             WHERE user_id = ? AND revoked_at IS NULL AND id = ? FOR UPDATE",
            session,
        ),
        Which::Others(session) => (
            "SELECT id, user_id, token_hash FROM sessions \
             WHERE user_id = ? AND revoked_at IS NULL AND id <> ? FOR UPDATE",
            session,
        ),
    };
    let rows: Vec<(u64, u64, Vec<u8>)> =
        sqlx::query_as(sql).bind(user.0).bind(session.0).fetch_all(&mut *connection).await?;
    let sessions: Vec<EndedSession> = rows.into_iter().map(ended).collect::<Result<_>>()?;
    for session in &sessions {
        // The clock of the store, which all servers use for ended sessions.
        sqlx::query("UPDATE sessions SET revoked_at = UTC_TIMESTAMP(6) WHERE id = ?")
            .bind(session.id.0)
            .execute(&mut *connection)
            .await?;
    }
    Ok(sessions)
}

fn ended((id, user, token_hash): (u64, u64, Vec<u8>)) -> Result<EndedSession> {
    let wrong =
        |_| Error::Inconsistent { table: "sessions", column: "token_hash", id: id.to_string() };
    let token_hash = token_hash.try_into().map_err(wrong)?;
    Ok(EndedSession { id: SessionId(id), user: UserId(user), token_hash })
}
