//! Rooms.

use crate::{Invalid, id::UserId, limit, user::single_line};

/// What sort of room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RoomKind {
    /// Everybody finds it and may join.
    Public,
    /// By invitation, with a name of its own.
    Private,
    /// Several people; the name is optional.
    Group,
    /// Two people, or one with themselves.
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

/// The name of a room.
pub fn room_name(text: &str) -> Result<String, Invalid> {
    single_line("name", text, limit::ROOM_NAME_CHARS_MAX)
}

/// What a room is for; empty is none.
pub fn topic(text: &str) -> Result<Option<String>, Invalid> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    single_line("topic", text, limit::TOPIC_CHARS_MAX).map(Some)
}

/// What makes the conversation of two people the only one: both ids, the lower one first.
#[must_use]
pub fn direct_key(a: UserId, b: UserId) -> [u8; 16] {
    let (low, high) = (a.0.min(b.0), a.0.max(b.0));
    let mut key = [0; 16];
    key[..8].copy_from_slice(&low.to_be_bytes());
    key[8..].copy_from_slice(&high.to_be_bytes());
    key
}

/// The room's name for people who read logs: `chat_<name>_<name>_####`, at most four names.
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
