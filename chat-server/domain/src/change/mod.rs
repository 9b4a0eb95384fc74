//! Changes of a room, and how they are decided.
//!
//! A batch of changes is decided in three steps, none of which does any I/O. [`wanted`] lists the
//! state that is needed; the store locks the rooms and returns [`Loaded`]; and a [`Batch`] decides
//! the changes one after the other, each on top of the previous ones, and ends with the [`Plan`] of
//! what to write.
//!
//! Invariant: the outcome does not depend on how changes are split into batches, each effective
//! change takes the next numbers of its room, and no number is skipped.

mod batch;
mod create;
mod member;
mod message;
mod optimistic;
mod plan;
mod room;

pub use batch::{Batch, Decided, Proposal, RoomChanges, RoomStates, wanted};
pub use create::NewRoom;
pub use optimistic::OptimisticHeads;
pub use plan::{Head, Loaded, Member, NewHead, NewMember, Plan, Title, Wanted};

use crate::{
    id::{Seq, UserId},
    member::Role,
    message::{Message, NewMessage},
};

/// A change of a room.
///
/// Each may be rejected with [`Rejected::NoRoom`] and, unless it says otherwise, with
/// [`Rejected::NotMember`] where the actor is not a member of the room. Each variant lists its
/// other rejections.
#[derive(Debug, Clone)]
pub enum Change {
    /// A new message. A retry with the same client id is the same message: the answer is the first
    /// row, and nothing changes.
    ///
    /// [`Rejected::ClientIdReused`] where the client id was used for other content,
    /// [`Rejected::NoMessage`] where the sender cannot see the message that this one answers.
    Post {
        /// The message.
        message: NewMessage,
        /// Members whom it mentions; looked up before.
        mentions: Vec<UserId>,
    },
    /// New text for a message of one's own. The text that is there already changes nothing.
    ///
    /// [`Rejected::NoMessage`], [`Rejected::Forbidden`] for the message of somebody else or of
    /// the system, [`Rejected::Conflict`] for a deleted one, [`Rejected::Invalid`] for a text
    /// that breaks the rules.
    Edit {
        /// Its place in the room.
        seq: Seq,
        /// The new text (Markdown).
        content: String,
        /// Members whom it mentions now.
        mentions: Vec<UserId>,
    },
    /// Replaces a message by a tombstone. A deleted one stays as it is.
    ///
    /// [`Rejected::NoMessage`], [`Rejected::Forbidden`] for a system message, and for that of
    /// somebody else where the role does not allow it.
    Delete {
        /// Its place in the room.
        seq: Seq,
    },
    /// Adds or removes a reaction. Repeating either changes nothing.
    ///
    /// [`Rejected::NoMessage`], [`Rejected::Forbidden`] for a system message,
    /// [`Rejected::Conflict`] for a deleted one, [`Rejected::TooManyReactions`].
    React {
        /// The place of the message in the room.
        seq: Seq,
        /// One emoji.
        emoji: String,
        /// `true`: add; `false`: remove.
        on: bool,
    },
    /// Users join: oneself a public room, or others by invitation.
    ///
    /// [`Rejected::NoRoom`] for oneself where the room is not public, [`Rejected::NotMember`] for
    /// others where one is not in it oneself, [`Rejected::Forbidden`] where the role does not
    /// allow to invite or the room is a direct conversation, [`Rejected::Conflict`] where all of
    /// them are members already.
    Join(Vec<UserId>),
    /// A member leaves or is removed. When the last owner leaves, another member becomes the owner,
    /// which takes a separate number before that of the leave.
    ///
    /// [`Rejected::NotMember`] where they are not in it, [`Rejected::Forbidden`] where the room
    /// cannot be left or the role does not allow to remove them.
    Leave(UserId),
    /// A member gets another role.
    ///
    /// [`Rejected::NotMember`] where they are not in it, [`Rejected::Forbidden`] for all but
    /// owners, [`Rejected::Conflict`] where they have that role or are the only owner.
    SetRole(UserId, Role),
    /// The room gets another name, another topic, or both: all of it or nothing. Each of the two
    /// takes a number and makes a row of its own; what is so already takes none.
    ///
    /// [`Rejected::Forbidden`] where the role does not allow it, and [`Rejected::NameTaken`],
    /// which only the store knows.
    Update {
        /// The new name; `None` leaves it as it is.
        name: Option<String>,
        /// The new topic, `Some(None)` for no topic any more; `None` leaves it as it is.
        topic: Option<Option<String>>,
    },
    /// Deletes the room with its content. [`Rejected::Forbidden`] for all but owners.
    DeleteRoom,
    /// Hides everything up to here, by the server itself. It is never rejected with
    /// [`Rejected::NotMember`].
    Purge {
        /// The last place; one beyond the head counts as the head.
        up_to: Seq,
    },
}

impl Change {
    /// Its kind, as a label of metrics.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Post { .. } => "post",
            Self::Edit { .. } => "edit",
            Self::Delete { .. } => "delete",
            Self::React { .. } => "react",
            Self::Join(_) => "join",
            Self::Leave(_) => "leave",
            Self::SetRole(..) => "role",
            Self::Update { name: Some(_), .. } => "rename",
            Self::Update { .. } => "topic",
            Self::DeleteRoom => "deleteRoom",
            Self::Purge { .. } => "purge",
        }
    }
}

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub enum Rejected {
    /// There is no such room, or the actor may not know of it.
    #[error("no such room")]
    NoRoom,
    /// The actor, or the user whom the change is about, is not a member.
    #[error("not a member")]
    NotMember,
    /// There is no such message, or the actor cannot see it.
    #[error("no such message")]
    NoMessage,
    /// The role does not allow it; says what.
    #[error("{0}")]
    Forbidden(&'static str),
    /// Conflict with the current state; says which.
    #[error("{0}")]
    Conflict(&'static str),
    /// A value breaks a rule.
    #[error(transparent)]
    Invalid(#[from] crate::Invalid),
    /// The client id was used for another message.
    #[error("client id used for another message")]
    ClientIdReused,
    /// The message has the maximum of reactions.
    #[error("too many reactions")]
    TooManyReactions,
    /// There is a public room of this name.
    #[error("there is a public room of this name")]
    NameTaken,
    /// The store is unavailable or too slow, or the queue of changes is full. As far as is known
    /// nothing was done; the same change may be retried.
    #[error("the store is unavailable or too slow")]
    Unavailable,
}

impl Rejected {
    /// The reason, as a label of metrics.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Self::NoRoom | Self::NoMessage => "notFound",
            Self::NotMember => "notMember",
            Self::Forbidden(_) => "forbidden",
            Self::Conflict(_) | Self::NameTaken => "conflict",
            Self::Invalid(_) | Self::TooManyReactions => "invalid",
            Self::ClientIdReused => "clientIdReused",
            Self::Unavailable => "unavailable",
        }
    }
}

/// Result of a change: the last row that it inserted or updated, or the existing one where nothing
/// changed. `None` for the deletion of a room, and where there is no such row.
pub type Answer = Result<Option<Message>, Rejected>;

#[cfg(test)]
mod tests;
