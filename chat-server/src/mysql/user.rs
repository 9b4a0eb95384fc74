//! People.

use chat_contract::wire::Id;
use chat_domain::{
    account::{Account, Locale},
    id::UserId,
    user::{Email, User, Username, fold},
};
use chrono::{DateTime, Utc};
use sqlx::{FromRow, MySql, QueryBuilder, mysql::MySqlConnection};

use super::{Error, Result, Store};

/// Names in one statement. Lists are filled up to a power of two, so that the server prepares a
/// handful of statements and not one for each length.
const CHUNK: usize = 256;
const ACCOUNT: &str = "SELECT id, username, display_name, photo_url, email, locale, admin, \
                       created_at FROM users WHERE id = ?";

#[derive(FromRow)]
struct UserRow {
    id: u64,
    username: String,
    display_name: Option<String>,
    photo_url: Option<String>,
}

#[derive(FromRow)]
struct AccountRow {
    #[sqlx(flatten)]
    user: UserRow,
    email: String,
    locale: String,
    admin: bool,
    created_at: DateTime<Utc>,
}

impl From<UserRow> for User {
    fn from(row: UserRow) -> Self {
        let UserRow { id, username, display_name, photo_url } = row;
        Self { id: UserId(id), username, display_name, photo_url }
    }
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        let AccountRow { user, email, locale, admin, created_at } = row;
        let locale = if locale == "ja" { Locale::Ja } else { Locale::En };
        Self { user: user.into(), email, locale, admin, created_at }
    }
}

/// A person to be written down.
#[derive(Debug, Clone, Copy)]
pub struct NewUser<'a> {
    /// Who.
    pub id: UserId,
    /// Their handle.
    pub username: &'a Username,
    /// Their address.
    pub email: &'a Email,
    /// See `service::password`.
    pub password_hash: &'a str,
    /// The language of their page.
    pub locale: Locale,
    /// May they use the administration.
    pub admin: bool,
    /// When.
    pub now: DateTime<Utc>,
}

/// What changes about a person; what is `None` stays.
#[derive(Debug, Default)]
pub struct UserChange {
    /// New handle.
    pub username: Option<Username>,
    /// New address.
    pub email: Option<Email>,
    /// New name to show.
    pub display_name: Option<String>,
    /// New language of the page.
    pub locale: Option<Locale>,
}

fn locale_to_db(locale: Locale) -> &'static str {
    match locale {
        Locale::En => "en",
        Locale::Ja => "ja",
    }
}

impl Store {
    /// These people, in no order; ids of nobody are left out.
    pub async fn users_by_ids(&self, ids: &[UserId]) -> Result<Vec<User>> {
        let ids: Vec<u64> = ids.iter().map(|id| id.0).collect();
        let mut users = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(CHUNK) {
            users.extend(self.users_where("id", chunk).await?.into_iter().map(User::from));
        }
        Ok(users)
    }

    /// The person of this username, email or id.
    pub async fn find_user(&self, name: &str) -> Result<Option<User>> {
        Ok(self.find_users(&[name.to_owned()]).await?.pop().flatten())
    }

    /// The person of each name: a username, an email or an id. `None` where there is nobody.
    pub async fn find_users(&self, names: &[String]) -> Result<Vec<Option<User>>> {
        let by_id: Vec<u64> =
            names.iter().filter_map(|n| n.trim().parse().ok()).map(|id: Id| id.0).collect();
        let keys: Vec<String> = names.iter().map(|name| fold(name)).collect();
        let (emails, usernames): (Vec<String>, Vec<String>) =
            keys.iter().cloned().partition(|key| key.contains('@'));
        let mut found = Vec::new();
        for chunk in by_id.chunks(CHUNK) {
            found.extend(self.users_where("id", chunk).await?);
        }
        for chunk in usernames.chunks(CHUNK) {
            found.extend(self.users_where("username_key", chunk).await?);
        }
        for chunk in emails.chunks(CHUNK) {
            found.extend(self.users_where("email_key", chunk).await?);
        }
        let is = |row: &FoundRow, name: &str, key: &str| {
            Ok(Id(row.user.id)) == name.trim().parse()
                || row.username_key == key
                || row.email_key == key
        };
        let find = |(name, key): (&String, &String)| {
            found.iter().find(|row| is(row, name, key)).map(User::from)
        };
        Ok(names.iter().zip(&keys).map(find).collect())
    }

    /// People whose username or name to show begins with `query`.
    pub async fn search_users(&self, query: &str, limit: u32) -> Result<Vec<User>> {
        // Each half reads a short range of its index, however many people there are.
        let rows: Vec<UserRow> = sqlx::query_as(
            "(SELECT id, username, display_name, photo_url FROM users \
              WHERE username_key LIKE ? ORDER BY username_key LIMIT ?) UNION \
             (SELECT id, username, display_name, photo_url FROM users \
              WHERE display_name LIKE ? ORDER BY display_name LIMIT ?) LIMIT ?",
        )
        .bind(prefix(&fold(query)))
        .bind(limit)
        .bind(prefix(query.trim()))
        .bind(limit)
        .bind(limit)
        .fetch_all(self.pool())
        .await?;
        Ok(rows.into_iter().map(User::from).collect())
    }

    /// The account of a person.
    pub async fn account(&self, user: UserId) -> Result<Option<Account>> {
        let row: Option<AccountRow> =
            sqlx::query_as(ACCOUNT).bind(user.0).fetch_optional(self.pool()).await?;
        Ok(row.map(Account::from))
    }

    /// Who signs in with `login`, a username or an email, and their password's hash.
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

    /// The hash of a person's password.
    pub async fn password(&self, user: UserId) -> Result<Option<String>> {
        let sql = "SELECT password_hash FROM users WHERE id = ?";
        Ok(sqlx::query_scalar(sql).bind(user.0).fetch_optional(self.pool()).await?)
    }

    /// Writes a person down. Taken names are `Error::Taken`.
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

    /// Changes what is given, in one statement. Taken names are `Error::Taken`.
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

    /// Puts another hash of the same password in the place of `old`; was it still there.
    pub async fn rehash_password(&self, user: UserId, old: &str, new: &str) -> Result<bool> {
        let mut connection = self.pool().acquire().await?;
        set_password(&mut connection, user, old, new).await
    }

    /// Accounts that were imported with a bare SHA-256 of their password, some of them.
    pub async fn imported_passwords(&self) -> Result<Vec<(UserId, String)>> {
        let rows: Vec<(u64, String)> = sqlx::query_as(
            "SELECT id, password_hash FROM users WHERE password_hash LIKE 'sha256:%' \
             AND password_hash NOT LIKE 'sha256:$%' LIMIT 100",
        )
        .fetch_all(self.pool())
        .await?;
        Ok(rows.into_iter().map(|(id, hash)| (UserId(id), hash)).collect())
    }

    /// Sets or takes away the photo.
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

    /// Remembers that these people were here.
    pub async fn touch_seen(&self, seen: &[(UserId, DateTime<Utc>)]) -> Result<()> {
        for (user, at) in seen {
            sqlx::query(
                "UPDATE users SET seen_at = GREATEST(COALESCE(seen_at, ?), ?) WHERE id = ?",
            )
            .bind(at)
            .bind(at)
            .bind(user.0)
            .execute(self.pool())
            .await?;
        }
        Ok(())
    }

    /// When these people were last here; those who never were are left out.
    pub async fn seen_at(&self, users: &[UserId]) -> Result<Vec<(UserId, DateTime<Utc>)>> {
        let mut seen = Vec::with_capacity(users.len());
        for chunk in users.chunks(CHUNK) {
            let mut sql = QueryBuilder::<MySql>::new(
                "SELECT id, seen_at FROM users WHERE seen_at IS NOT NULL AND id IN (",
            );
            let ids: Vec<u64> = chunk.iter().map(|user| user.0).collect();
            push_list(&mut sql, &ids);
            let rows: Vec<(u64, DateTime<Utc>)> =
                sql.build_query_as().fetch_all(self.pool()).await?;
            seen.extend(rows.into_iter().map(|(id, at)| (UserId(id), at)));
        }
        Ok(seen)
    }

    async fn users_where<T>(&self, column: &'static str, values: &[T]) -> Result<Vec<FoundRow>>
    where
        T: Clone + sqlx::Type<MySql> + for<'q> sqlx::Encode<'q, MySql> + Send + Sync + 'static,
    {
        let mut sql = QueryBuilder::<MySql>::new(
            "SELECT id, username, display_name, photo_url, username_key, email_key \
             FROM users WHERE ",
        );
        sql.push(column).push(" IN (");
        push_list(&mut sql, values);
        Ok(sql.build_query_as().fetch_all(self.pool()).await?)
    }
}

/// Replaces the hash of a person's password where it is still `old`; was it.
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

#[derive(FromRow)]
struct FoundRow {
    #[sqlx(flatten)]
    user: UserRow,
    username_key: String,
    email_key: String,
}

impl From<FoundRow> for User {
    fn from(row: FoundRow) -> Self {
        row.user.into()
    }
}

impl From<&FoundRow> for User {
    fn from(row: &FoundRow) -> Self {
        let UserRow { id, username, display_name, photo_url } = &row.user;
        Self {
            id: UserId(*id),
            username: username.clone(),
            display_name: display_name.clone(),
            photo_url: photo_url.clone(),
        }
    }
}

/// `?, ?, ?)`, with the last value repeated up to the next power of two.
fn push_list<T>(sql: &mut QueryBuilder<MySql>, values: &[T])
where
    T: Clone + sqlx::Type<MySql> + for<'q> sqlx::Encode<'q, MySql> + Send + 'static,
{
    let mut list = sql.separated(", ");
    let filler = values.last().into_iter().cycle().take(values.len().next_power_of_two());
    for value in values.iter().chain(filler.skip(values.len())) {
        list.push_bind(value.clone());
    }
    sql.push(")");
}

/// A `LIKE` pattern for what begins with `text`.
fn prefix(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 1);
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_filled_up_to_powers_of_two() {
        for (length, marks) in [(1, 1), (2, 2), (3, 4), (5, 8), (256, 256)] {
            let mut sql = QueryBuilder::<MySql>::new("");
            push_list(&mut sql, &vec![7_u64; length]);
            assert_eq!(sql.sql().as_str().matches('?').count(), marks);
        }
    }

    #[test]
    fn patterns_hold_no_wildcards_of_others() {
        assert_eq!(prefix("a_b%"), "a\\_b\\%%");
    }
}
