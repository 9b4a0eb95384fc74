//! Rooms: kinds, names, and creation.

use chrono::{DateTime, Utc};

use crate::{
    Invalid,
    id::{RoomId, UserId},
    limit,
    user::{User, fold, single_line},
};

/// What sort of room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RoomKind {
    /// Every user can find and join it.
    Public,
    /// By invitation, with a name of its own.
    Private,
    /// Several users; the name is optional.
    Group,
    /// Two users, or one with themselves.
    Direct,
}

/// What those who join later see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum History {
    /// Everything.
    All,
    /// From their joining on.
    SinceJoined,
}

/// Properties of a room that are the same for all users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomAbout {
    /// Its id, for ever.
    pub id: RoomId,
    /// What sort of room.
    pub kind: RoomKind,
    /// What later members see.
    pub history: History,
    /// Its name; groups may have none, direct rooms have none.
    pub name: Option<String>,
    /// What it is for.
    pub topic: Option<String>,
    /// Its name in logs.
    pub alias: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// Valid properties of a room to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRoomTerms {
    pub(crate) kind: RoomKind,
    pub(crate) history: History,
    pub(crate) name: Option<String>,
    pub(crate) topic: Option<String>,
}

impl NewRoomTerms {
    /// A room of this kind, with name and topic as typed. A group may have no name. A direct room
    /// never has a name or a topic, and always shows its whole history.
    ///
    /// # Errors
    ///
    /// `name` where the kind needs one and there is none, or where it breaks the rules of
    /// [`room_name`]; `topic` where it breaks those of [`topic`].
    pub fn parse(
        kind: RoomKind,
        history: History,
        name: Option<&str>,
        topic: Option<&str>,
    ) -> Result<Self, Invalid> {
        let name = match (kind, name) {
            (RoomKind::Direct, _) => return Ok(Self::direct()),
            (RoomKind::Group, None) => None,
            (_, None) => return Err(Invalid::new("name", "is needed for this kind of room")),
            (_, Some(name)) => Some(room_name(name)?),
        };
        let topic = topic.map(self::topic).transpose()?.flatten();
        Ok(Self { kind, history, name, topic })
    }

    /// A direct room.
    #[must_use]
    pub fn direct() -> Self {
        Self { kind: RoomKind::Direct, history: History::All, name: None, topic: None }
    }
}

/// The one other user of a direct room to create.
///
/// # Errors
///
/// `members` where there is not exactly one.
pub fn direct_partner(named: &[User]) -> Result<&User, Invalid> {
    match named {
        [other] => Ok(other),
        _ => Err(Invalid::new("members", "must name exactly one person for a direct room")),
    }
}

/// The unique form of a name; `None` where it need not be unique: only public rooms are found by
/// name.
#[must_use]
pub fn unique_name(kind: RoomKind, name: &str) -> Option<String> {
    (kind == RoomKind::Public).then(|| fold(name))
}

/// The name of a room: one line of 1 to [`limit::ROOM_NAME_CHARS_MAX`] characters.
///
/// # Errors
///
/// `name` where it is not.
pub fn room_name(text: &str) -> Result<String, Invalid> {
    single_line("name", text, limit::ROOM_NAME_CHARS_MAX)
}

/// What a room is for: one line of at most [`limit::TOPIC_CHARS_MAX`] characters; empty is none.
///
/// # Errors
///
/// `topic` where it is longer, or more than one line.
pub fn topic(text: &str) -> Result<Option<String>, Invalid> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    single_line("topic", text, limit::TOPIC_CHARS_MAX).map(Some)
}

/// The unique key of a direct room: the ids of both users, the lower one first.
#[must_use]
pub fn direct_key(a: UserId, b: UserId) -> [u8; 16] {
    let (low, high) = (a.0.min(b.0), a.0.max(b.0));
    let mut key = [0; 16];
    key[..8].copy_from_slice(&low.to_be_bytes());
    key[8..].copy_from_slice(&high.to_be_bytes());
    key
}

/// The room's name in logs: `chat_<name>_<name>_####`, at most four names.
#[must_use]
pub fn alias<'a>(usernames: impl IntoIterator<Item = &'a str>, number: u16) -> String {
    let mut alias = String::from("chat");
    for name in usernames.into_iter().take(4) {
        alias.push('_');
        alias.push_str(name);
    }
    format!("{alias}_{:04}", number % 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(id: u64) -> User {
        let username = format!("user{id}");
        User { id: UserId(id), username, display_name: None, photo_url: None }
    }

    #[test]
    fn a_room_has_a_name_where_its_kind_needs_one() {
        let parse = |kind, name| NewRoomTerms::parse(kind, History::All, name, Some(" "));
        for kind in [RoomKind::Public, RoomKind::Private] {
            assert_eq!(parse(kind, None).unwrap_err().field, "name");
            assert_eq!(parse(kind, Some(" ")).unwrap_err().field, "name");
            assert_eq!(parse(kind, Some(" tea ")).unwrap().name.as_deref(), Some("tea"));
        }
        let group = parse(RoomKind::Group, None).unwrap();
        assert_eq!((group.name, group.topic), (None, None));
        assert_eq!(parse(RoomKind::Direct, Some("tea")).unwrap(), NewRoomTerms::direct());
        let long = "x".repeat(limit::TOPIC_CHARS_MAX + 1);
        let parsed = NewRoomTerms::parse(RoomKind::Group, History::All, None, Some(&long));
        assert_eq!(parsed.unwrap_err().field, "topic");
    }

    #[test]
    fn a_direct_room_is_made_with_one_person() {
        assert_eq!(direct_partner(&[user(7)]).unwrap().id, UserId(7));
        for named in [&[][..], &[user(7), user(8)]] {
            assert_eq!(direct_partner(named).unwrap_err().field, "members");
        }
    }

    #[test]
    fn only_public_names_are_unique() {
        assert_eq!(unique_name(RoomKind::Public, "\u{ff34}ea"), Some("tea".into()));
        for kind in [RoomKind::Private, RoomKind::Group] {
            assert_eq!(unique_name(kind, "tea"), None);
        }
    }

    #[test]
    fn both_sides_of_a_conversation_have_the_same_key() {
        assert_eq!(direct_key(UserId(1), UserId(2)), direct_key(UserId(2), UserId(1)));
        assert_ne!(direct_key(UserId(1), UserId(2)), direct_key(UserId(1), UserId(3)));
    }

    #[test]
    fn aliases_follow_the_pattern() {
        assert_eq!(alias(["ann", "bob", "cem"], 7), "chat_ann_bob_cem_0007");
    }
}
