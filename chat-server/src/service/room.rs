//! Rooms: making them, listing them, coming in and going.

use std::collections::HashMap;

use chat_contract::wire::{self, Id, RoomChange, RoomChangedEvent};
use chat_domain::{
    Invalid,
    id::{RoomId, UserId},
    limit,
    member::{self, Action, Role},
    room::{self, History, RoomKind},
    user::User,
};
use chrono::{DateTime, Utc};

use super::{Error, Result};
use crate::{
    app::App,
    commit::Change,
    deliver::Ephemeral,
    mysql::{
        self,
        room::{NewRoom, RoomRow},
    },
    wire::{
        draft_to_wire, history_to_wire, kind_to_wire, message_to_wire, role_to_wire, user_to_wire,
    },
};

/// People shown with a room in a list.
const PEOPLE: u32 = 9;
/// Public rooms in one answer.
const PUBLIC_MAX: u32 = 200;

/// What somebody wants to make.
#[derive(Debug, Clone)]
pub struct Creating {
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
pub async fn create(
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
                tell_devices(app, user, id, RoomChange::Shown);
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
pub async fn direct(
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

/// People by username, address or id, each once; an error names the first one who is not there.
pub async fn find_people(app: &App, names: &[String]) -> Result<Vec<User>> {
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

/// All rooms of a person, the last active first.
pub async fn list(app: &App, user: UserId) -> Result<Vec<wire::Room>> {
    app.soft.flush_of(&app.store, user).await?;
    let rows = app.store.rooms(user).await?;
    let mut rooms = present(app, user, rows).await?;
    rooms.sort_by_key(|room| {
        std::cmp::Reverse(
            room.last_message.as_ref().map_or(room.created_at, |message| message.created_at),
        )
    });
    Ok(rooms)
}

/// One room as a person sees it: a member, or anybody if it is public.
pub async fn get(app: &App, user: UserId, room: RoomId) -> Result<wire::Room> {
    app.soft.flush_of(&app.store, user).await?;
    let row = app.store.room(room, user).await?.ok_or(Error::NotFound("room"))?;
    if row.role.is_none() && row.kind != RoomKind::Public {
        // Who is not in it does not learn that it is there.
        return Err(Error::NotFound("room"));
    }
    present(app, user, vec![row]).await?.pop().ok_or(Error::NotFound("room"))
}

/// A room with its members.
pub async fn detail(app: &App, user: UserId, room: RoomId) -> Result<wire::RoomDetail> {
    let view = get(app, user, room).await?;
    let members = app.store.members(room, limit::LISTED_MEMBERS_MAX).await?;
    let members = members
        .iter()
        .map(|member| wire::Member {
            user: user_to_wire(&member.user),
            role: role_to_wire(member.role),
            read_seq: member.read_seq,
            joined_at: member.joined_at,
        })
        .collect();
    Ok(wire::RoomDetail { room: view, members })
}

/// Public rooms whose name holds `query`.
pub async fn public(app: &App, user: UserId, query: &str) -> Result<Vec<wire::PublicRoom>> {
    let rooms = app.store.public_rooms(user, query, PUBLIC_MAX).await?;
    Ok(rooms
        .into_iter()
        .map(|(row, active_at)| wire::PublicRoom {
            id: Id(row.id.0),
            name: row.name.unwrap_or_default(),
            topic: row.topic,
            member_count: row.member_count,
            joined: row.role.is_some(),
            active_at,
        })
        .collect())
}

/// Changes name or topic.
pub async fn change(
    app: &App,
    user: UserId,
    room: RoomId,
    name: Option<String>,
    topic: Option<String>,
    now: DateTime<Utc>,
) -> Result<wire::Room> {
    let name = name.as_deref().map(room::room_name).transpose()?;
    let topic = topic.as_deref().map(room::topic).transpose()?;
    if let Some(name) = name {
        app.committer.commit(room, user, Change::Rename { name }, now).await?;
    }
    if let Some(topic) = topic {
        app.committer.commit(room, user, Change::SetTopic(topic), now).await?;
    }
    get(app, user, room).await
}

/// Deletes a room.
pub async fn delete(app: &App, user: UserId, room: RoomId, now: DateTime<Utc>) -> Result<()> {
    app.committer.commit(room, user, Change::DeleteRoom, now).await?;
    Ok(())
}

/// Comes into a public room; to be in it already is no error.
pub async fn join(app: &App, user: UserId, room: RoomId, now: DateTime<Utc>) -> Result<wire::Room> {
    let row = app.store.room(room, user).await?.ok_or(Error::NotFound("room"))?;
    if row.role.is_none() {
        app.committer.commit(room, user, Change::Join(vec![user]), now).await?;
    }
    get(app, user, room).await
}

/// Goes.
pub async fn leave(app: &App, user: UserId, room: RoomId, now: DateTime<Utc>) -> Result<()> {
    app.committer.commit(room, user, Change::Leave(user), now).await?;
    Ok(())
}

/// Takes a direct room off one's own list, or puts it back there; to be so already is no error.
/// The next message of anybody brings it back, too, and nobody else notices. `seen`: how many
/// messages it had when they chose to hide it; one that came since keeps it on the list. `None`
/// shows it.
pub async fn set_hidden(
    app: &App,
    user: UserId,
    room: RoomId,
    seen: Option<u64>,
) -> Result<wire::Room> {
    let row = app.store.room(room, user).await?.ok_or(Error::NotFound("room"))?;
    let role = row.role.ok_or(Error::NotFound("room"))?;
    if !member::may(role, row.kind, Action::Hide) {
        let why = "only a direct conversation can be hidden; leave this room instead";
        return Err(Error::Forbidden(why.to_owned()));
    }
    let changed = app.store.set_hidden(room, user, seen).await?;
    let view = get(app, user, room).await?;
    if changed {
        let change = if view.hidden { RoomChange::Hidden } else { RoomChange::Shown };
        tell_devices(app, user, room, change);
    }
    Ok(view)
}

fn tell_devices(app: &App, user: UserId, room: RoomId, change: RoomChange) {
    let event = RoomChangedEvent { room_id: Id(room.0), change };
    app.hub.to_user(user, Ephemeral::RoomChanged, &event, None);
}

/// Adds people.
pub async fn add_members(
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

/// Gives a member another role.
pub async fn set_role(
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
pub async fn remove_member(
    app: &App,
    user: UserId,
    room: RoomId,
    member: UserId,
    now: DateTime<Utc>,
) -> Result<()> {
    app.committer.commit(room, user, Change::Leave(member), now).await?;
    Ok(())
}

async fn present(app: &App, user: UserId, rows: Vec<RoomRow>) -> Result<Vec<wire::Room>> {
    let ids: Vec<RoomId> = rows.iter().map(|row| row.id).collect();
    let mut people: HashMap<RoomId, Vec<wire::User>> = HashMap::new();
    for (room, person) in app.store.people_of(&ids, PEOPLE).await? {
        if person.id != user {
            people.entry(room).or_default().push(user_to_wire(&person));
        }
    }
    // Whoever would come in later would not see it either.
    let shown = |row: &&RoomRow| row.role.is_some() || row.history == History::All;
    let visible: Vec<_> = rows.iter().filter(shown).map(|row| (row.id, row.visible_from)).collect();
    let last = app.store.last_messages(&visible).await?;
    let mut last: HashMap<RoomId, wire::Message> =
        last.iter().map(|message| (message.room, message_to_wire(message))).collect();
    Ok(rows
        .into_iter()
        .map(|row| wire::Room {
            id: Id(row.id.0),
            kind: kind_to_wire(row.kind),
            name: row.name,
            topic: row.topic,
            alias: row.alias,
            history: history_to_wire(row.history),
            head: row.head,
            posts: row.posts,
            member_count: row.member_count,
            people: people.remove(&row.id).unwrap_or_default(),
            my_role: row.role.map(role_to_wire),
            read_seq: row.read_seq,
            unread: row.posts.saturating_sub(row.read_ordinal),
            mentions: row.mentions,
            hidden: row.hidden,
            draft: row.draft.as_ref().map(|draft| draft_to_wire(row.id, draft)),
            last_message: last.remove(&row.id),
            created_at: row.created_at,
        })
        .collect())
}
