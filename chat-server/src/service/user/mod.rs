//! Users, as others see them.

mod cache;

use chat_domain::{id::UserId, limit::FOUND_USERS_MAX, user::User};

use super::{App, Error, Result};

pub(super) use cache::UserCache;

/// Users whose username or display name begins with `query`; none for an empty one.
pub(crate) async fn search(app: &App, query: &str) -> Result<Vec<User>> {
    if query.trim().is_empty() {
        return Ok(Vec::new());
    }
    // A whole address finds its owner; a part of one finds no user, so addresses stay private.
    if query.contains('@') {
        return Ok(app.store.find_user(query).await?.into_iter().collect());
    }
    Ok(app.store.search_users(query, FOUND_USERS_MAX).await?)
}

/// A user by id.
pub(crate) async fn get(app: &App, user: UserId) -> Result<User> {
    app.store.users_by_ids(&[user]).await?.pop().ok_or(Error::NotFound("person"))
}
