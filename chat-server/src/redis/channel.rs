//! Names of the channels on which servers notify each other.
//!
//! The partition of a channel's topic is its hash tag, so that a cluster spreads the channels and
//! one command can name many of them.

use chat_domain::id::{RoomId, UserId};

/// Number of hash tags, over which the channels are spread.
pub(super) const PARTITIONS: u64 = 64;

/// A channel's name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Channel(String);

impl Channel {
    /// The channel of a room.
    #[must_use]
    pub(crate) fn room(room: RoomId) -> Self {
        Self(format!("{{p{}}}:room:{}", room.0 % PARTITIONS, room.0))
    }

    /// The channel of a user's devices.
    #[must_use]
    pub(crate) fn user(user: UserId) -> Self {
        Self(format!("{{p{}}}:user:{}", user.0 % PARTITIONS, user.0))
    }

    /// The channel of a user's presence.
    #[must_use]
    pub(crate) fn presence(user: UserId) -> Self {
        Self(format!("{{p{}}}:presence:{}", user.0 % PARTITIONS, user.0))
    }

    /// The echo channel of a server, on which it receives its own messages.
    pub(super) fn echo(partition: u64, server: u32) -> Self {
        Self(format!("{{p{partition}}}:echo:{server}"))
    }

    /// The name in Redis.
    pub(super) fn name(&self) -> &str {
        &self.0
    }

    pub(super) fn into_name(self) -> String {
        self.0
    }

    fn partition(&self) -> &str {
        self.0.split('}').next().unwrap_or_default()
    }
}

/// The topic of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Topic {
    /// A room.
    Room(RoomId),
    /// A user's devices.
    User(UserId),
    /// A user's presence.
    Presence(UserId),
}

impl Topic {
    /// The topic of a channel of this name.
    pub(super) fn of(channel: &str) -> Option<Self> {
        let (_, rest) = channel.split_once("}:")?;
        let (kind, id) = rest.split_once(':')?;
        let id = id.parse().ok()?;
        match kind {
            "room" => Some(Self::Room(RoomId(id))),
            "user" => Some(Self::User(UserId(id))),
            "presence" => Some(Self::Presence(UserId(id))),
            _ => None,
        }
    }
}

/// One command may name channels of one hash slot only.
pub(super) fn by_partition(mut channels: Vec<Channel>) -> Vec<Vec<String>> {
    channels.sort_unstable_by(|a, b| a.partition().cmp(b.partition()));
    channels
        .chunk_by(|a, b| a.partition() == b.partition())
        .map(|group| group.iter().map(|channel| channel.0.clone()).collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_say_what_they_are_about() {
        assert_eq!(Topic::of(Channel::room(RoomId(77)).name()), Some(Topic::Room(RoomId(77))));
        assert_eq!(Topic::of(Channel::user(UserId(5)).name()), Some(Topic::User(UserId(5))));
        assert_eq!(Topic::of("something else"), None);
    }

    #[test]
    fn one_command_names_channels_of_one_slot() {
        let channels: Vec<_> = (0..300).map(|id| Channel::room(RoomId(id))).collect();
        let groups = by_partition(channels);
        assert_eq!(groups.len() as u64, PARTITIONS);
        assert_eq!(groups.iter().map(Vec::len).sum::<usize>(), 300);
        let tag = |name: &String| name.split('}').next().map(str::to_owned);
        assert!(groups.iter().all(|group| group.iter().all(|name| tag(name) == tag(&group[0]))));
    }
}
