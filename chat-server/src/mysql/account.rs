//! Accounts: credentials and profiles.

use chat_domain::{
    account::{Account, Locale},
    id::UserId,
    user::{Email, Username, fold},
};
use chrono::{DateTime, Utc};
use sqlx::{
    Row,
    mysql::{MySqlConnection, MySqlRow},
};

use super::{
    Error, Result, Store,
    encode::{locale_from_db, locale_to_db},
    user,
};

const ACCOUNT: &str = "SELECT id, username, display_name, photo_url, email, locale, admin, \
                       created_at FROM users WHERE id = ?";

/// A user to insert.
#[derive(Debug, Clone, Copy)]
pub struct NewUser<'a> {
    /// Who.
    pub id: UserId,
    /// Their username.
    pub username: &'a Username,
    /// Their address.
    pub email: &'a Email,
    /// See `service::account::password`.
    pub password_hash: &'a str,
    /// The language of their page.
    pub locale: Locale,
    /// Whether they are an administrator.
    pub admin: bool,
    /// When.
    pub now: DateTime<Utc>,
}

/// Changes of a user; `None` leaves a field as it is.
#[derive(Debug, Default)]
pub struct UserChange {
    /// New username.
    pub username: Option<Username>,
    /// New address.
    pub email: Option<Email>,
    /// New display name.
    pub display_name: Option<String>,
    /// New language of the page.
    pub locale: Option<Locale>,
}

/// A row as an account.
fn from_row(row: &MySqlRow) -> Result<Account> {
    Ok(Account {
        user: user::from_row(row)?,
        email: row.try_get("email")?,
        locale: locale_from_db(row.try_get("locale")?),
        admin: row.try_get("admin")?,
        created_at: row.try_get("created_at")?,
    })
}

impl Store {
    /// The account of a user.
    pub async fn account(&self, user: UserId) -> Result<Option<Account>> {
        let row = sqlx::query(ACCOUNT).bind(user.0).fetch_optional(self.pool()).await?;
        row.as_ref().map(from_row).transpose()
    }

    /// The user with `login`, a username or an email, and the hash of their password.
    pub async fn password_of_login(&self, login: &str) -> Result<Option<(UserId, String)>> {
        let sql = if login.contains('@') {
            "SELECT id, password_hash FROM users WHERE email_key = ?"
        } else {
            "SELECT id, password_hash FROM users WHERE username_key = ?"
        };
        let row: Option<(u64, String)> =
            sqlx::query_as(sql).bind(fold(login)).fetch_optional(self.pool()).await?;
        Ok(row.map(|(id, hash)| (UserId(id), hash)))
    }

    /// The hash of a user's password.
    pub async fn password(&self, user: UserId) -> Result<Option<String>> {
        let sql = "SELECT password_hash FROM users WHERE id = ?";
        Ok(sqlx::query_scalar(sql).bind(user.0).fetch_optional(self.pool()).await?)
    }

    /// Inserts a user. Taken names are `Error::Taken`.
    pub async fn insert_user(&self, user: &NewUser<'_>) -> Result<()> {
        sqlx::query(
            "INSERT INTO users (id, username, username_key, email, email_key, password_hash, \
             locale, admin, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(user.id.0)
        .bind(user.username.as_str())
        .bind(user.username.key())
        .bind(user.email.as_str())
        .bind(user.email.key())
        .bind(user.password_hash)
        .bind(locale_to_db(user.locale))
        .bind(user.admin)
        .bind(user.now)
        .execute(self.pool())
        .await
        .map_err(Error::from_insert)?;
        Ok(())
    }

    /// Updates the given fields, in one statement. Taken names are `Error::Taken`.
    pub async fn change_user(&self, user: UserId, change: &UserChange) -> Result<()> {
        let UserChange { username, email, display_name, locale } = change;
        sqlx::query(
            "UPDATE users JOIN store ON store.id = 1 SET username = COALESCE(?, username), \
             username_key = COALESCE(?, username_key), email = COALESCE(?, email), \
             email_key = COALESCE(?, email_key), display_name = COALESCE(?, display_name), \
             locale = COALESCE(?, locale), profiles = profiles + 1 WHERE users.id = ?",
        )
        .bind(username.as_ref().map(Username::as_str))
        .bind(username.as_ref().map(Username::key))
        .bind(email.as_ref().map(Email::as_str))
        .bind(email.as_ref().map(Email::key))
        .bind(display_name)
        .bind(locale.map(locale_to_db))
        .bind(user.0)
        .execute(self.pool())
        .await
        .map_err(Error::from_insert)?;
        Ok(())
    }

    /// Replaces `old` by another hash of the same password; `true`: it was still the current one.
    pub async fn rehash_password(&self, user: UserId, old: &str, new: &str) -> Result<bool> {
        let mut connection = self.pool().acquire().await?;
        set_password(&mut connection, user, old, new).await
    }

    /// Some of the accounts that were imported with a bare SHA-256 of their password.
    pub async fn imported_passwords(&self) -> Result<Vec<(UserId, String)>> {
        let rows: Vec<(u64, String)> = sqlx::query_as(
            "SELECT id, password_hash FROM users WHERE password_hash LIKE 'sha256:%' \
             AND password_hash NOT LIKE 'sha256:$%' LIMIT 100",
        )
        .fetch_all(self.pool())
        .await?;
        Ok(rows.into_iter().map(|(id, hash)| (UserId(id), hash)).collect())
    }

    /// Sets or removes the photo.
    pub async fn set_photo(&self, user: UserId, url: Option<&str>) -> Result<()> {
        sqlx::query(
            "UPDATE users JOIN store ON store.id = 1 SET photo_url = ?, profiles = profiles + 1 \
             WHERE users.id = ?",
        )
        .bind(url)
        .bind(user.0)
        .execute(self.pool())
        .await?;
        Ok(())
    }
}

/// Replaces the hash of a user's password if it is still `old`; `true`: it was.
pub(super) async fn set_password(
    connection: &mut MySqlConnection,
    user: UserId,
    old: &str,
    new: &str,
) -> Result<bool> {
    let done = sqlx::query("UPDATE users SET password_hash = ? WHERE id = ? AND password_hash = ?")
        .bind(new)
        .bind(user.0)
        .bind(old)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}
