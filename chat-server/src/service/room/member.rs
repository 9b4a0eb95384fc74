//! Members of a room: joining, leaving, adding and removing others.

use chat_contract::wire;
use chat_domain::{
    Invalid,
    change::Change,
    id::{RoomId, UserId},
    limit,
    member::Role,
    user::User,
};
use chrono::{DateTime, Utc};

use super::{detail, get};
use crate::service::{App, Error, Result};

/// Joins a public room; being a member already is no error.
pub(crate) async fn join(
    app: &App,
    user: UserId,
    room: RoomId,
    now: DateTime<Utc>,
) -> Result<wire::Room> {
    let row = app.store.room(room, user).await?.ok_or(Error::NotFound("room"))?;
    if row.role.is_none() {
        app.committer.commit(room, user, Change::Join(vec![user]), now).await?;
    }
    get(app, user, room).await
}

/// Leaves a room.
pub(crate) async fn leave(app: &App, user: UserId, room: RoomId, now: DateTime<Utc>) -> Result<()> {
    app.committer.commit(room, user, Change::Leave(user), now).await?;
    Ok(())
}

/// Adds members.
pub(crate) async fn add(
    app: &App,
    user: UserId,
    room: RoomId,
    names: &[String],
    now: DateTime<Utc>,
) -> Result<wire::RoomDetail> {
    let people = find_people(app, names).await?;
    if people.is_empty() {
        return Err(Invalid::new("members", "must name somebody").into());
    }
    let ids = people.iter().map(|person| person.id).collect();
    app.committer.commit(room, user, Change::Join(ids), now).await?;
    detail(app, user, room).await
}

/// Changes a member's role.
pub(crate) async fn set_role(
    app: &App,
    user: UserId,
    room: RoomId,
    member: UserId,
    role: Role,
    now: DateTime<Utc>,
) -> Result<wire::RoomDetail> {
    app.committer.commit(room, user, Change::SetRole(member, role), now).await?;
    detail(app, user, room).await
}

/// Removes a member.
pub(crate) async fn remove(
    app: &App,
    user: UserId,
    room: RoomId,
    member: UserId,
    now: DateTime<Utc>,
) -> Result<()> {
    app.committer.commit(room, user, Change::Leave(member), now).await?;
    Ok(())
}

/// Users by username, address or id, each once; an error names the first unknown one.
pub(super) async fn find_people(app: &App, names: &[String]) -> Result<Vec<User>> {
    if names.len() > limit::ADD_MEMBERS_MAX {
        let rule = format!("must name at most {} people", limit::ADD_MEMBERS_MAX);
        return Err(Invalid::new("members", rule).into());
    }
    let found = app.store.find_users(names).await?;
    let mut people: Vec<User> = Vec::with_capacity(found.len());
    for (name, user) in names.iter().zip(found) {
        let user = user.ok_or_else(|| Error::UserNotFound(name.clone()))?;
        if !people.iter().any(|other| other.id == user.id) {
            people.push(user);
        }
    }
    Ok(people)
}
