//! Rooms: listing, changing and hiding them.

mod access;
mod create;
pub(crate) mod member;
mod size;
mod typing;

use std::collections::HashMap;

use chat_contract::wire::{self, Id, RoomChange, RoomChangedEvent};
use chat_domain::{
    change::Change,
    id::{RoomId, UserId},
    limit,
    member::{Action, may},
    room::{self, History, RoomKind},
};
use chrono::{DateTime, Utc};

use super::{App, Error, Result};
use crate::{
    deliver::Ephemeral,
    mysql::room::RoomRow,
    wire::{
        draft_to_wire, history_to_wire, kind_to_wire, message_to_wire, role_to_wire, user_to_wire,
    },
};

pub(crate) use access::Actor;
pub(super) use access::{check_member, clamp_to_head};
pub(super) use create::direct;
pub(crate) use create::{Creating, create};
pub(super) use size::{Sizes, size};
pub(crate) use typing::typing;

/// Users shown with a room in a list.
const PEOPLE: u32 = 9;
/// Public rooms in one answer.
const PUBLIC_MAX: u32 = 200;

/// All rooms of a user, the last active first.
pub(crate) async fn list(app: &App, user: UserId) -> Result<Vec<wire::Room>> {
    app.soft_state.flush_of(&app.store, user).await?;
    let rows = app.store.rooms(user).await?;
    let mut rooms = present(app, user, rows).await?;
    rooms.sort_by_key(|room| {
        std::cmp::Reverse(
            room.last_message.as_ref().map_or(room.created_at, |message| message.created_at),
        )
    });
    Ok(rooms)
}

/// One room as a user sees it: a member, or anybody if it is public.
pub(crate) async fn get(app: &App, user: UserId, room: RoomId) -> Result<wire::Room> {
    app.soft_state.flush_of(&app.store, user).await?;
    let row = app.store.room(room, user).await?.ok_or(Error::NotFound("room"))?;
    if row.role.is_none() && row.about.kind != RoomKind::Public {
        // Others do not learn that it exists.
        return Err(Error::NotFound("room"));
    }
    present(app, user, vec![row]).await?.pop().ok_or(Error::NotFound("room"))
}

/// A room with its members.
pub(crate) async fn detail(app: &App, user: UserId, room: RoomId) -> Result<wire::RoomDetail> {
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
pub(crate) async fn public(app: &App, user: UserId, query: &str) -> Result<Vec<wire::PublicRoom>> {
    let rooms = app.store.public_rooms(user, query, PUBLIC_MAX).await?;
    Ok(rooms
        .into_iter()
        .map(|(row, active_at)| wire::PublicRoom {
            id: Id(row.about.id.0),
            name: row.about.name.unwrap_or_default(),
            topic: row.about.topic,
            member_count: row.member_count,
            joined: row.role.is_some(),
            active_at,
        })
        .collect())
}

/// Changes name, topic, or both together.
pub(crate) async fn change(
    app: &App,
    user: UserId,
    room: RoomId,
    name: Option<String>,
    topic: Option<String>,
    now: DateTime<Utc>,
) -> Result<wire::Room> {
    let name = name.as_deref().map(room::room_name).transpose()?;
    let topic = topic.as_deref().map(room::topic).transpose()?;
    if name.is_some() || topic.is_some() {
        app.committer.commit(room, user, Change::Update { name, topic }, now).await?;
    }
    get(app, user, room).await
}

/// Deletes a room.
pub(crate) async fn delete(
    app: &App,
    user: UserId,
    room: RoomId,
    now: DateTime<Utc>,
) -> Result<()> {
    app.committer.commit(room, user, Change::DeleteRoom, now).await?;
    Ok(())
}

/// Hides a direct room from one's own list, or shows it again; no change is no error. The next
/// message of any member shows it again, too, and nobody else notices. `seen`: number of messages
/// when the user chose to hide it; a later message keeps it on the list. `None` shows it.
pub(crate) async fn set_hidden(
    app: &App,
    user: UserId,
    room: RoomId,
    seen: Option<u64>,
) -> Result<wire::Room> {
    let row = app.store.room(room, user).await?.ok_or(Error::NotFound("room"))?;
    let role = row.role.ok_or(Error::NotFound("room"))?;
    if !may(role, row.about.kind, Action::Hide) {
        let why = "only a direct conversation can be hidden; leave this room instead";
        return Err(Error::Forbidden(why.to_owned()));
    }
    let changed = app.store.set_hidden(room, user, seen).await?;
    let view = get(app, user, room).await?;
    if changed {
        let change = if view.hidden { RoomChange::Hidden } else { RoomChange::Shown };
        notify_devices(app, user, room, change);
    }
    Ok(view)
}

fn notify_devices(app: &App, user: UserId, room: RoomId, change: RoomChange) {
    let event = RoomChangedEvent { room_id: Id(room.0), change };
    app.hub.to_user(user, Ephemeral::RoomChanged, &event, None);
}

async fn present(app: &App, user: UserId, rows: Vec<RoomRow>) -> Result<Vec<wire::Room>> {
    let ids: Vec<RoomId> = rows.iter().map(|row| row.about.id).collect();
    let mut people: HashMap<RoomId, Vec<wire::User>> = HashMap::new();
    for (room, person) in app.store.people_of(&ids, PEOPLE).await? {
        if person.id != user {
            people.entry(room).or_default().push(user_to_wire(&person));
        }
    }
    // Later members would not see it either.
    let shown = |row: &&RoomRow| row.role.is_some() || row.about.history == History::All;
    let visible: Vec<_> =
        rows.iter().filter(shown).map(|row| (row.about.id, row.visible_from)).collect();
    let last = app.store.last_messages(&visible).await?;
    let mut last: HashMap<RoomId, wire::Message> =
        last.iter().map(|message| (message.room, message_to_wire(message))).collect();
    Ok(rows
        .into_iter()
        .map(|row| wire::Room {
            id: Id(row.about.id.0),
            kind: kind_to_wire(row.about.kind),
            history: history_to_wire(row.about.history),
            head: row.head,
            posts: row.posts,
            member_count: row.member_count,
            people: people.remove(&row.about.id).unwrap_or_default(),
            my_role: row.role.map(role_to_wire),
            read_seq: row.read_seq,
            unread: row.posts.saturating_sub(row.read_ordinal),
            mentions: row.mentions,
            hidden: row.hidden,
            draft: row.draft.as_ref().map(|draft| draft_to_wire(row.about.id, draft)),
            last_message: last.remove(&row.about.id),
            name: row.about.name,
            topic: row.about.topic,
            alias: row.about.alias,
            created_at: row.about.created_at,
        })
        .collect())
}
