//! Members: their roles, and what each may do.

use crate::{
    id::{RoomId, Seq},
    room::RoomKind,
};

/// What a member may do. The order is the rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Reads and writes messages.
    Member,
    /// Also moderates.
    Moderator,
    /// Also manages roles and deletes the room.
    Owner,
}

/// A membership together with the room's head: it was valid at that head, and a later commit may
/// have ended it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    /// The room.
    pub room: RoomId,
    /// Number of its last change when this was read; 0 where that is not known.
    pub head: Seq,
    /// They see messages with a higher seq than this.
    pub visible_from: Seq,
}

impl Membership {
    /// A membership from a notification, not read from the store.
    #[must_use]
    pub fn unknown(room: RoomId) -> Self {
        Self { room, head: 0, visible_from: 0 }
    }
}

/// Something that a role may allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Invite others.
    Invite,
    /// Change name and topic.
    Rename,
    /// Delete messages of others.
    DeleteOthers,
    /// Leave the room.
    Leave,
    /// Hide the room from one's own list until the next message.
    Hide,
    /// Change roles.
    ChangeRoles,
    /// Delete the room.
    DeleteRoom,
}

/// Whether this role may do this in a room of this kind.
#[must_use]
pub fn may(role: Role, kind: RoomKind, action: Action) -> bool {
    use Action::{ChangeRoles, DeleteOthers, DeleteRoom, Hide, Invite, Leave, Rename};
    match (kind, action) {
        // Two users and their conversation: nobody ranks above the other.
        (RoomKind::Direct, action) => action == Hide,
        (_, Hide) => false,
        (_, Leave) | (RoomKind::Public, Invite) | (RoomKind::Group, Invite | Rename) => true,
        (_, Invite | Rename | DeleteOthers) => role >= Role::Moderator,
        (_, ChangeRoles | DeleteRoom) => role == Role::Owner,
    }
}

/// Whether `actor` may remove `target`: moderators and owners may remove members of a lower rank.
#[must_use]
pub fn may_remove(actor: Role, target: Role, kind: RoomKind) -> bool {
    kind != RoomKind::Direct && actor >= Role::Moderator && actor > target
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_direct_conversation_has_no_ranks() {
        for action in [Action::Invite, Action::Rename, Action::Leave, Action::DeleteRoom] {
            assert!(!may(Role::Owner, RoomKind::Direct, action));
        }
    }

    #[test]
    fn what_cannot_be_left_can_be_hidden() {
        for kind in [RoomKind::Public, RoomKind::Private, RoomKind::Group, RoomKind::Direct] {
            let (hide, leave) =
                (may(Role::Owner, kind, Action::Hide), may(Role::Owner, kind, Action::Leave));
            assert_ne!(hide, leave, "{kind:?}");
        }
    }

    #[test]
    fn rank_decides_in_private_rooms() {
        assert!(!may(Role::Member, RoomKind::Private, Action::Invite));
        assert!(may(Role::Moderator, RoomKind::Private, Action::Invite));
        assert!(!may(Role::Moderator, RoomKind::Private, Action::DeleteRoom));
        assert!(may(Role::Owner, RoomKind::Private, Action::DeleteRoom));
        assert!(may_remove(Role::Owner, Role::Moderator, RoomKind::Private));
        assert!(!may_remove(Role::Moderator, Role::Moderator, RoomKind::Private));
    }
}
