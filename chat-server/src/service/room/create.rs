//! Making rooms.

use chat_contract::wire::{self, Id, RoomChange};
use chat_domain::{
    Invalid,
    id::{RoomId, UserId},
    member::Role,
    room::{self, History, RoomKind},
    user::User,
};
use chrono::{DateTime, Utc};

use super::{get, member::find_people, notify_devices};
use crate::{
    mysql::{self, room::NewRoom},
    service::{App, Error, Result},
};

/// What somebody wants to make.
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

/// Makes a room, or finds the direct room that is there. `true`: it was made.
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
        let [other] = others.as_slice() else {
            return Err(
                Invalid::new("members", "must name exactly one person for a direct room").into()
            );
        };
        let (id, created) = direct(app, user, other.id, now).await?;
        if !created {
            // Whoever starts it anew wants to see it.
            if app.store.set_hidden(id, user, None).await? {
                notify_devices(app, user, id, RoomChange::Shown);
            }
        }
        return Ok((id, created));
    }
    let name = match (creating.kind, creating.name.as_deref()) {
        (RoomKind::Group, None) => None,
        (_, None) => return Err(Invalid::new("name", "is needed for this kind of room").into()),
        (_, Some(name)) => Some(room::room_name(name)?),
    };
    let topic = creating.topic.as_deref().map(room::topic).transpose()?.flatten();
    let new = NewRoom {
        id: RoomId::new(now, crate::random::number()),
        kind: creating.kind,
        history: creating.history,
        name,
        topic,
        alias: alias(app, user, &others).await?,
        direct_key: None,
        created_by: user,
        created_at: now,
        members: members(user, &others, Role::Member),
    };
    app.store.create_room(&new).await?;
    app.hub.invite(new.id, new.members.iter().map(|(user, _)| *user));
    Ok((new.id, true))
}

/// The direct room of two people; made where there is none. `true`: it was made.
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
    let new = NewRoom {
        id: RoomId::new(now, crate::random::number()),
        kind: RoomKind::Direct,
        history: History::All,
        name: None,
        topic: None,
        alias: alias(app, user, &others).await?,
        direct_key: Some(key),
        created_by: user,
        created_at: now,
        members: members(user, &others, Role::Owner),
    };
    match app.store.create_room(&new).await {
        Ok(()) => {
            app.hub.invite(new.id, new.members.iter().map(|(user, _)| *user));
            Ok((new.id, true))
        }
        // The other one was quicker.
        Err(mysql::Error::Taken(key_name)) if key_name == "rooms_direct" => {
            let id = app.store.direct_room(key).await?.ok_or(Error::NotFound("room"))?;
            Ok((id, false))
        }
        Err(error) => Err(error.into()),
    }
}

fn members(user: UserId, others: &[User], role: Role) -> Vec<(UserId, Role)> {
    let mut members = vec![(user, Role::Owner)];
    members.extend(others.iter().filter(|other| other.id != user).map(|other| (other.id, role)));
    members
}

async fn alias(app: &App, user: UserId, others: &[User]) -> Result<String> {
    let me = app.store.users_by_ids(&[user]).await?;
    let names = me.iter().chain(others).map(|user| user.username.as_str());
    Ok(room::alias(names, (crate::random::number() & 0xffff) as u16))
}
