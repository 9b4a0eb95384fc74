//! Creating a room: its first members, and their roles.

use chrono::{DateTime, Utc};

use crate::{
    id::{RoomId, UserId},
    member::Role,
    room::{NewRoomTerms, RoomAbout, RoomKind, direct_key, unique_name},
    user::User,
};

/// A room to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRoom {
    /// Its kind, name and the like.
    pub about: RoomAbout,
    /// The user who creates it.
    pub created_by: UserId,
    /// The unique key of a direct room; `None` for other rooms.
    pub direct_key: Option<[u8; 16]>,
    /// The first members, each once, the creator first.
    pub members: Vec<(UserId, Role)>,
}

impl NewRoom {
    /// A room that `creator` owns, with the others as members. In a direct room the other user is
    /// an owner, too; without another user, it is the creator's room with themselves.
    #[must_use]
    pub fn new(
        id: RoomId,
        terms: NewRoomTerms,
        alias: String,
        creator: UserId,
        others: &[User],
        now: DateTime<Utc>,
    ) -> Self {
        let NewRoomTerms { kind, history, name, topic } = terms;
        let is_direct = kind == RoomKind::Direct;
        let role = if is_direct { Role::Owner } else { Role::Member };
        let mut members = vec![(creator, Role::Owner)];
        for other in others {
            if members.iter().all(|(member, _)| *member != other.id) {
                members.push((other.id, role));
            }
        }
        let other = others.first().map_or(creator, |other| other.id);
        let direct_key = is_direct.then(|| direct_key(creator, other));
        let about = RoomAbout { id, kind, history, name, topic, alias, created_at: now };
        Self { about, created_by: creator, direct_key, members }
    }

    /// The unique form of its name, as [`unique_name`].
    #[must_use]
    pub fn unique_name(&self) -> Option<String> {
        unique_name(self.about.kind, self.about.name.as_deref()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::History;

    fn user(id: u64) -> User {
        let username = format!("user{id}");
        User { id: UserId(id), username, display_name: None, photo_url: None }
    }

    fn made(terms: NewRoomTerms, others: &[User]) -> NewRoom {
        let now = DateTime::UNIX_EPOCH;
        NewRoom::new(RoomId(1), terms, "alias".into(), UserId(5), others, now)
    }

    #[test]
    fn whoever_makes_a_room_owns_it_and_nobody_is_in_it_twice() {
        let terms = NewRoomTerms::parse(RoomKind::Public, History::All, Some("Tea"), None).unwrap();
        let room = made(terms, &[user(7), user(5), user(7)]);
        assert_eq!(room.members, [(UserId(5), Role::Owner), (UserId(7), Role::Member)]);
        assert_eq!((room.direct_key, room.unique_name().as_deref()), (None, Some("tea")));

        let direct = made(NewRoomTerms::direct(), &[user(7)]);
        assert_eq!(direct.members, [(UserId(5), Role::Owner), (UserId(7), Role::Owner)]);
        assert_eq!(direct.direct_key, Some(direct_key(UserId(5), UserId(7))));
        let alone = made(NewRoomTerms::direct(), &[user(5)]);
        assert_eq!(alone.members, [(UserId(5), Role::Owner)]);
        assert_eq!(alone.direct_key, Some(direct_key(UserId(5), UserId(5))));
    }
}
