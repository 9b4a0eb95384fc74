//! Users, as others see them.

use chat_contract::wire::Id;
use chat_domain::{
    id::UserId,
    user::{User, fold},
};
use chrono::{DateTime, Utc};
use sqlx::{MySql, QueryBuilder, Row, mysql::MySqlRow};

use super::{Result, Store, sql::escape_like};

/// Names in one statement. Lists are filled up to a power of two, so that the server prepares a
/// handful of statements and not one for each length.
const CHUNK: usize = 256;

/// A row as a user.
pub(super) fn from_row(row: &MySqlRow) -> Result<User> {
    Ok(User {
        id: UserId(row.try_get("id")?),
        username: row.try_get("username")?,
        display_name: row.try_get("display_name")?,
        photo_url: row.try_get("photo_url")?,
    })
}

impl Store {
    /// These users, in no order; unknown ids are omitted.
    pub async fn users_by_ids(&self, ids: &[UserId]) -> Result<Vec<User>> {
        let ids: Vec<u64> = ids.iter().map(|id| id.0).collect();
        let mut users = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(CHUNK) {
            users.extend(self.users_where("id", chunk).await?.into_iter().map(|found| found.user));
        }
        Ok(users)
    }

    /// The user of this username, email or id.
    pub async fn find_user(&self, name: &str) -> Result<Option<User>> {
        Ok(self.find_users(&[name.to_owned()]).await?.pop().flatten())
    }

    /// The user of each name: a username, an email or an id; `None` for unknown ones.
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
        let is = |found: &FoundUser, name: &str, key: &str| {
            Ok(Id(found.user.id.0)) == name.trim().parse()
                || found.username_key == key
                || found.email_key == key
        };
        let find = |(name, key): (&String, &String)| {
            found.iter().find(|found| is(found, name, key)).map(|found| found.user.clone())
        };
        Ok(names.iter().zip(&keys).map(find).collect())
    }

    /// Users whose username or display name begins with `query`.
    pub async fn search_users(&self, query: &str, limit: u32) -> Result<Vec<User>> {
        // Each half reads a short range of its index, however many users there are.
        let rows = sqlx::query(
            "(SELECT id, username, display_name, photo_url FROM users \
              WHERE username_key LIKE ? ORDER BY username_key LIMIT ?) UNION \
             (SELECT id, username, display_name, photo_url FROM users \
              WHERE display_name LIKE ? ORDER BY display_name LIMIT ?) LIMIT ?",
        )
        .bind(begins_with(&fold(query)))
        .bind(limit)
        .bind(begins_with(query.trim()))
        .bind(limit)
        .bind(limit)
        .fetch_all(self.pool())
        .await?;
        rows.iter().map(from_row).collect()
    }

    /// Stores when these users were last seen.
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

    /// When these users were last seen; those who never were are omitted.
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

    async fn users_where<T>(&self, column: &'static str, values: &[T]) -> Result<Vec<FoundUser>>
    where
        T: Clone + sqlx::Type<MySql> + for<'q> sqlx::Encode<'q, MySql> + Send + Sync + 'static,
    {
        let mut sql = QueryBuilder::<MySql>::new(
            "SELECT id, username, display_name, photo_url, username_key, email_key \
             FROM users WHERE ",
        );
        sql.push(column).push(" IN (");
        push_list(&mut sql, values);
        let found = |row: &MySqlRow| {
            Ok(FoundUser {
                user: from_row(row)?,
                username_key: row.try_get("username_key")?,
                email_key: row.try_get("email_key")?,
            })
        };
        sql.build().fetch_all(self.pool()).await?.iter().map(found).collect()
    }
}

/// A user and the folded names that they are found by.
struct FoundUser {
    user: User,
    username_key: String,
    email_key: String,
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

/// A `LIKE` pattern for values that begin with `text`.
fn begins_with(text: &str) -> String {
    format!("{}%", escape_like(text))
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
}
