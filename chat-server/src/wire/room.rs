//! Rooms and roles.

use chat_contract::wire;
use chat_domain::{
    member::Role,
    room::{History, RoomKind},
};

/// A kind for the wire.
#[must_use]
pub(crate) fn kind_to_wire(kind: RoomKind) -> wire::RoomKind {
    match kind {
        RoomKind::Public => wire::RoomKind::Public,
        RoomKind::Private => wire::RoomKind::Private,
        RoomKind::Group => wire::RoomKind::Group,
        RoomKind::Direct => wire::RoomKind::Direct,
    }
}

/// A kind from the wire.
#[must_use]
pub(crate) fn kind_from_wire(kind: wire::RoomKind) -> RoomKind {
    match kind {
        wire::RoomKind::Public => RoomKind::Public,
        wire::RoomKind::Private => RoomKind::Private,
        wire::RoomKind::Group => RoomKind::Group,
        wire::RoomKind::Direct => RoomKind::Direct,
    }
}

/// A role for the wire.
#[must_use]
pub(crate) fn role_to_wire(role: Role) -> wire::Role {
    match role {
        Role::Member => wire::Role::Member,
        Role::Moderator => wire::Role::Moderator,
        Role::Owner => wire::Role::Owner,
    }
}

/// A role from the wire.
#[must_use]
pub(crate) fn role_from_wire(role: wire::Role) -> Role {
    match role {
        wire::Role::Member => Role::Member,
        wire::Role::Moderator => Role::Moderator,
        wire::Role::Owner => Role::Owner,
    }
}

/// What later members see, for the wire.
#[must_use]
pub(crate) fn history_to_wire(history: History) -> wire::HistoryVisibility {
    match history {
        History::All => wire::HistoryVisibility::All,
        History::SinceJoined => wire::HistoryVisibility::SinceJoined,
    }
}

/// What later members see, from the wire.
#[must_use]
pub(crate) fn history_from_wire(history: wire::HistoryVisibility) -> History {
    match history {
        wire::HistoryVisibility::All => History::All,
        wire::HistoryVisibility::SinceJoined => History::SinceJoined,
    }
}
