//! Members: their roles, and what each may do.

use crate::{
    id::{RoomId, Seq},
    room::RoomKind,
};

/// What a member may do. The order is the rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Reads and writes.
    Member,
    /// Also keeps order.
    Moderator,
    /// Also owns.
    Owner,
}

/// That somebody is a member of a room, together with the room's head: so far is it true, and
/// whatever is committed later may have ended it.
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
    /// One that was heard of, and not read.
    #[must_use]
    pub fn unknown(room: RoomId) -> Self {
        Self { room, head: 0, visible_from: 0 }
    }
}

/// Something that a role may allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Bring others in.
    Invite,
    /// Change name and topic.
    Rename,
    /// Delete what others wrote.
    DeleteOthers,
    /// Leave by oneself.
    Leave,
    /// Take the room off one's own list, until somebody posts.
    Hide,
    /// Change roles.
    ChangeRoles,
    /// Delete the room.
    DeleteRoom,
}

/// May somebody of this role do this in a room of this kind.
#[must_use]
pub fn may(role: Role, kind: RoomKind, action: Action) -> bool {
    use Action::{ChangeRoles, DeleteOthers, DeleteRoom, Hide, Invite, Leave, Rename};
    match (kind, action) {
        // Two people and their conversation: nobody ranks above the other.
        (RoomKind::Direct, action) => action == Hide,
        (_, Hide) => false,
        (_, Leave) | (RoomKind::Public, Invite) | (RoomKind::Group, Invite | Rename) => true,
        (_, Invite | Rename | DeleteOthers) => role >= Role::Moderator,
        (_, ChangeRoles | DeleteRoom) => role == Role::Owner,
    }
}

/// May `actor` remove `target`: whoever keeps order, from below their own rank.
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
