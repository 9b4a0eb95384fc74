//! Drafts: unsent text in the composer.

use chrono::{DateTime, Utc};

use crate::{Invalid, id::Seq, message::check_length};

/// The draft of one user in one room. Of two, the later one counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Markdown, as long as a message may be; it may be empty.
    pub content: String,
    /// The message that it answers.
    pub reply_to: Option<Seq>,
    /// When it last changed.
    pub changed_at: DateTime<Utc>,
}

impl Draft {
    /// A valid draft. Spaces alone are no text.
    ///
    /// # Errors
    ///
    /// `content` where it is longer than [`crate::limit::CONTENT_CHARS_MAX`] or holds
    /// U+0000.
    pub fn parse(
        content: String,
        reply_to: Option<Seq>,
        now: DateTime<Utc>,
    ) -> Result<Self, Invalid> {
        check_length(&content)?;
        let content = if content.trim().is_empty() { String::new() } else { content };
        Ok(Self { content, reply_to, changed_at: now })
    }

    /// Whether it is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.content.is_empty() && self.reply_to.is_none()
    }

    /// The later of two.
    #[must_use]
    pub fn later(self, other: Self) -> Self {
        if other.changed_at >= self.changed_at { other } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(content: &str, second: i64) -> Draft {
        let at = DateTime::from_timestamp(second, 0).unwrap();
        Draft::parse(content.to_owned(), None, at).unwrap()
    }

    #[test]
    fn spaces_are_nothing_and_a_reply_without_words_is_something() {
        assert!(draft(" \n ", 1).is_empty());
        assert!(!Draft { reply_to: Some(1), ..draft("", 1) }.is_empty());
        assert_eq!(draft("half a ", 1).content, "half a ", "what is typed next follows the space");
    }

    #[test]
    fn the_later_one_counts_whichever_came_first() {
        let (old, new) = (draft("old", 1), draft("new", 2));
        assert_eq!(old.clone().later(new.clone()), new);
        assert_eq!(new.clone().later(old), new);
        assert_eq!(new.later(draft("same time", 2)).content, "same time");
    }
}
