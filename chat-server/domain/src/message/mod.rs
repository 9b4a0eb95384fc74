//! Messages: their content, and how they change.

mod image;
mod mention;
mod reaction;

use chrono::{DateTime, Utc};

pub use self::{
    image::Image,
    mention::mentioned_handles,
    reaction::{Reaction, TooManyReactions, emoji, react},
};
use crate::{
    Invalid,
    id::{ClientId, RoomId, Seq, UserId},
    limit,
    member::Role,
};

/// A whole message, as of its last change.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// The room.
    pub room: RoomId,
    /// Place in the room, for ever.
    pub seq: Seq,
    /// Number of its last change.
    pub changed_seq: Seq,
    /// How many messages users had written in the room, this one included.
    pub ordinal: u64,
    /// Who wrote it, or whose action a system message reports.
    pub sender: UserId,
    /// The sender's id for it; system messages have none.
    pub client_id: Option<ClientId>,
    /// Markdown; empty in a tombstone.
    pub content: String,
    /// The message that this one answers.
    pub reply_to: Option<Seq>,
    /// Its picture.
    pub image: Option<Image>,
    /// Whom it mentions.
    pub mentions: Vec<UserId>,
    /// What users reacted with.
    pub reactions: Vec<Reaction>,
    /// What happened, where this is a system message.
    pub system: Option<SystemEvent>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When its text last changed.
    pub edited_at: Option<DateTime<Utc>>,
    /// When it was deleted.
    pub deleted_at: Option<DateTime<Utc>>,
}

impl Message {
    /// A new empty message: `seq` is its place and its last change.
    #[must_use]
    pub fn new(
        room: RoomId,
        seq: Seq,
        ordinal: u64,
        sender: UserId,
        created_at: DateTime<Utc>,
    ) -> Self {
        Self {
            room,
            seq,
            changed_seq: seq,
            ordinal,
            sender,
            client_id: None,
            content: String::new(),
            reply_to: None,
            image: None,
            mentions: Vec::new(),
            reactions: Vec::new(),
            system: None,
            created_at,
            edited_at: None,
            deleted_at: None,
        }
    }

    /// What is left of it when it is deleted: its place, and what it answered.
    pub(crate) fn tombstone(&self, deleted_at: DateTime<Utc>) -> Self {
        let Self { room, seq, changed_seq, ordinal, sender, client_id, reply_to, .. } = *self;
        Self {
            changed_seq,
            client_id,
            reply_to,
            edited_at: self.edited_at,
            deleted_at: Some(deleted_at),
            ..Self::new(room, seq, ordinal, sender, self.created_at)
        }
    }
}

/// What a system message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SystemEvent {
    /// The room was created.
    Created,
    /// Users joined.
    Joined(Vec<UserId>),
    /// A member left or was removed.
    Left(UserId),
    /// The room got another name.
    Renamed(String),
    /// The room got another topic; empty: it was removed.
    TopicChanged(String),
    /// A member got another role.
    RoleChanged(UserId, Role),
    /// Everything up to here was purged.
    Purged(Seq),
}

/// A valid message to send.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NewMessage {
    /// The sender's id for it, unique for them in the room for ever.
    pub client_id: ClientId,
    /// Markdown; may be empty where there is a picture.
    pub content: String,
    /// The place of the message that it answers, in the same room.
    pub reply_to: Option<Seq>,
    /// Its picture.
    pub image: Option<Image>,
}

impl NewMessage {
    /// A message with text, a picture, or both.
    ///
    /// # Errors
    ///
    /// `content` where there is neither, where the text is longer than
    /// [`limit::CONTENT_CHARS_MAX`], or where it holds U+0000.
    pub fn parse(
        client_id: ClientId,
        content: String,
        reply_to: Option<Seq>,
        image: Option<Image>,
    ) -> Result<Self, Invalid> {
        if content.trim().is_empty() && image.is_none() {
            return Err(Invalid::new("content", "must hold text, or the message a picture"));
        }
        check_length(&content)?;
        Ok(Self { client_id, content, reply_to, image })
    }
}

/// The new text of a message.
///
/// # Errors
///
/// `content`, as for [`NewMessage::parse`].
pub fn edited_content(content: String, has_image: bool) -> Result<String, Invalid> {
    if content.trim().is_empty() && !has_image {
        return Err(Invalid::new("content", "must not be empty; delete the message instead"));
    }
    check_length(&content)?;
    Ok(content)
}

pub(crate) fn check_length(content: &str) -> Result<(), Invalid> {
    if content.chars().nth(limit::CONTENT_CHARS_MAX).is_some() {
        let rule = format!("must be at most {} characters long", limit::CONTENT_CHARS_MAX);
        return Err(Invalid::new("content", rule));
    }
    if content.contains('\0') {
        return Err(Invalid::new("content", "must not hold the character U+0000"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(content: &str) -> Result<NewMessage, Invalid> {
        NewMessage::parse(ClientId::nil(), content.to_owned(), None, None)
    }

    #[test]
    fn a_message_has_something_in_it_and_an_end() {
        assert!(message("hello").is_ok());
        assert!(message(&"字".repeat(limit::CONTENT_CHARS_MAX)).is_ok());
        assert_eq!(message("  \n ").unwrap_err().field, "content");
        assert_eq!(
            message(&"x".repeat(limit::CONTENT_CHARS_MAX + 1)).unwrap_err().field,
            "content"
        );
        assert!(message("a\0b").is_err());
    }

    #[test]
    fn an_edit_leaves_text_or_a_picture() {
        let edited = |content: &str, has_image| edited_content(content.to_owned(), has_image);
        assert_eq!(edited("tea", false).unwrap(), "tea");
        assert_eq!(edited(" \n", true).unwrap(), " \n");
        assert_eq!(edited(" \n", false).unwrap_err().field, "content");
        assert!(edited(&"x".repeat(limit::CONTENT_CHARS_MAX + 1), true).is_err());
    }
}
