//! Creating rooms.

use chat_contract::wire::{self, Id, RoomChange};
use chat_domain::{
    change::NewRoom,
    id::{RoomId, UserId},
    room::{self, History, NewRoomTerms, RoomKind},
    user::User,
};
use chrono::{DateTime, Utc};

use super::{get, member::find_people, notify_devices};
use crate::{
    mysql,
    service::{App, Error, Result},
};

/// A room to create.
#[derive(Debug, Clone)]
pub(crate) struct Creating {
    /// What sort of room.
    pub kind: RoomKind,
    /// Its name.
    pub name: Option<String>,
    /// What it is for.
    pub topic: Option<String>,
    /// Whom to add: usernames, addresses or ids.
    pub members: Vec<String>,
    /// What later members see.
    pub history: History,
}

/// Creates a room, or finds the existing direct room. `true`: it was created.
pub(crate) async fn create(
    app: &App,
    user: UserId,
    creating: Creating,
    now: DateTime<Utc>,
) -> Result<(wire::Room, bool)> {
    let (id, created) = create_id(app, user, creating, now).await?;
    Ok((get(app, user, id).await?, created))
}

async fn create_id(
    app: &App,
    user: UserId,
    creating: Creating,
    now: DateTime<Utc>,
) -> Result<(RoomId, bool)> {
    let others = find_people(app, &creating.members).await?;
    if creating.kind == RoomKind::Direct {
        let other = room::direct_partner(&others)?;
        let (id, created) = direct(app, user, other.id, now).await?;
        if !created {
            // A user who starts it again wants to see it.
            if app.store.set_hidden(id, user, None).await? {
                notify_devices(app, user, id, RoomChange::Shown);
            }
        }
        return Ok((id, created));
    }
    let Creating { kind, history, name, topic, .. } = creating;
    let terms = NewRoomTerms::parse(kind, history, name.as_deref(), topic.as_deref())?;
    let new = new_room(app, user, terms, &others, now).await?;
    app.committer.create(&new).await?;
    Ok((new.about.id, true))
}

/// The direct room of two users; created where there is none. `true`: it was created.
pub(crate) async fn direct(
    app: &App,
    user: UserId,
    other: UserId,
    now: DateTime<Utc>,
) -> Result<(RoomId, bool)> {
    let key = room::direct_key(user, other);
    if let Some(id) = app.store.direct_room(key).await? {
        return Ok((id, false));
    }
    let others = app.store.users_by_ids(&[other]).await?;
    if others.is_empty() {
        return Err(Error::UserNotFound(Id(other.0).to_string()));
    }
    let new = new_room(app, user, NewRoomTerms::direct(), &others, now).await?;
    match app.committer.create(&new).await {
        Ok(()) => Ok((new.about.id, true)),
        // A concurrent request was first.
        Err(mysql::Error::Taken(key_name)) if key_name == "rooms_direct" => {
            let id = app.store.direct_room(key).await?.ok_or(Error::NotFound("room"))?;
            Ok((id, false))
        }
        Err(error) => Err(error.into()),
    }
}

async fn new_room(
    app: &App,
    user: UserId,
    terms: NewRoomTerms,
    others: &[User],
    now: DateTime<Utc>,
) -> Result<NewRoom> {
    let me = app.store.users_by_ids(&[user]).await?;
    let names = me.iter().chain(others).map(|user| user.username.as_str());
    let alias = room::alias(names, (crate::random::number() & 0xffff) as u16);
    let id = RoomId::new(now, crate::random::number());
    Ok(NewRoom::new(id, terms, alias, user, others, now))
}
