//! Members: joining, leaving, roles.

use super::{
    Batch, Head, Member, NewMember, Proposal, Rejected,
    batch::{Changed, allow},
};
use crate::{
    id::UserId,
    member::{self, Action, Role},
    message::SystemEvent,
    room::{History, RoomKind},
};

impl Batch {
    pub(super) fn join_by_oneself(
        &mut self,
        ask: &Proposal<'_>,
        head: Head,
        users: &[UserId],
    ) -> Changed {
        if users != [ask.actor] {
            return Err(Rejected::NotMember);
        }
        if head.kind != RoomKind::Public {
            return Err(Rejected::NoRoom);
        }
        self.join(ask, users)
    }

    pub(super) fn join(&mut self, ask: &Proposal<'_>, users: &[UserId]) -> Changed {
        let head = self.head(ask.room)?;
        if head.kind == RoomKind::Direct {
            return Err(Rejected::Forbidden("a direct conversation is between two; make a group"));
        }
        let mut new: Vec<UserId> = Vec::new();
        for user in users {
            if !self.loaded.members.contains_key(&(ask.room, *user)) && !new.contains(user) {
                new.push(*user);
            }
        }
        if new.is_empty() {
            return Err(Rejected::Conflict("they are members already"));
        }
        let role = Role::Member;
        let visible_from = if head.history == History::SinceJoined { head.head } else { 0 };
        if let Some(roster) = self.loaded.rosters.get_mut(&ask.room) {
            roster.extend(new.iter().map(|user| (*user, role)));
        }
        for user in &new {
            self.loaded.members.insert((ask.room, *user), Member { role, visible_from });
            self.plan.joins.push(NewMember {
                room: ask.room,
                user: *user,
                role,
                visible_from,
                read_seq: head.head,
                read_ordinal: head.posts,
                joined_at: ask.now,
            });
        }
        Ok(self.add_system(ask, SystemEvent::Joined(new)))
    }

    pub(super) fn leave(
        &mut self,
        ask: &Proposal<'_>,
        user: UserId,
        role: Role,
        kind: RoomKind,
    ) -> Changed {
        let target = self.member(ask.room, user).ok_or(Rejected::NotMember)?.role;
        if user == ask.actor {
            let why = "a direct conversation cannot be left; hide it instead";
            allow(role, kind, Action::Leave, why)?;
        } else if !member::may_remove(role, target, kind) {
            return Err(Rejected::Forbidden("your role may not remove this person"));
        }
        self.loaded.members.remove(&(ask.room, user));
        // Undoes earlier changes of this member in the batch; leaves are written before joins.
        self.plan.joins.retain(|join| (join.room, join.user) != (ask.room, user));
        self.plan.roles.retain(|(room, who, _)| (*room, *who) != (ask.room, user));
        self.plan.leaves.push((ask.room, user));
        if let Some(roster) = self.loaded.rosters.get_mut(&ask.room) {
            roster.retain(|(who, _)| *who != user);
            self.hand_over(ask);
        }
        Ok(self.add_system(ask, SystemEvent::Left(user)))
    }

    /// When the last owner leaves, another member becomes the owner, or nobody could manage the
    /// room: the earliest one of the highest role.
    fn hand_over(&mut self, ask: &Proposal<'_>) {
        let roster = self.loaded.rosters.entry(ask.room).or_default();
        let Some(heir) = roster.iter_mut().rev().max_by_key(|(_, role)| *role) else { return };
        let (user, role) = (heir.0, std::mem::replace(&mut heir.1, Role::Owner));
        if role == Role::Owner {
            return;
        }
        if let Some(member) = self.loaded.members.get_mut(&(ask.room, user)) {
            member.role = Role::Owner;
        }
        self.plan.roles.push((ask.room, user, Role::Owner));
        self.add_system(ask, SystemEvent::RoleChanged(user, Role::Owner));
    }

    pub(super) fn set_role(
        &mut self,
        ask: &Proposal<'_>,
        user: UserId,
        new: Role,
        role: Role,
        kind: RoomKind,
    ) -> Changed {
        allow(role, kind, Action::ChangeRoles, "only an owner may change roles")?;
        let key = (ask.room, user);
        let member = self.loaded.members.get_mut(&key).ok_or(Rejected::NotMember)?;
        if member.role == new {
            return Err(Rejected::Conflict("they have this role already"));
        }
        // The roster is loaded whenever an owner may leave; an owner made in this batch was made so
        // by one who still is.
        if let Some(roster) = self.loaded.rosters.get_mut(&ask.room) {
            let owners = roster.iter().filter(|(_, role)| *role == Role::Owner).count();
            if member.role == Role::Owner && owners == 1 {
                let why = "you are the only owner; make somebody else an owner first";
                return Err(Rejected::Conflict(why));
            }
            let them = roster.iter_mut().filter(|(who, _)| *who == user);
            them.for_each(|(_, role)| *role = new);
        }
        member.role = new;
        self.plan.roles.push((ask.room, user, new));
        Ok(self.add_system(ask, SystemEvent::RoleChanged(user, new)))
    }
}
