//! Messages: what may be in one, and how they change.

use chrono::{DateTime, Utc};

use crate::{
    Invalid,
    id::{ClientId, RoomId, Seq, UserId},
    limit,
    member::Role,
    user::is_handle_char,
};

/// A message, whole, at its last change.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// The room.
    pub room: RoomId,
    /// Place in the room, for ever.
    pub seq: Seq,
    /// Number of its last change.
    pub changed_seq: Seq,
    /// How many messages people had written in the room, this one included.
    pub ordinal: u64,
    /// Who wrote it, or did what it tells.
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
    /// What people reacted with.
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

/// A picture in a message.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Image {
    /// A path of ours, or an https address.
    pub url: String,
    /// Its id at its host.
    pub public_id: Option<String>,
    /// Width and height in pixels, where they are known.
    pub size: Option<(u32, u32)>,
}

/// One emoji and those who chose it, in order of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaction {
    /// The emoji.
    pub emoji: String,
    /// Who.
    pub users: Vec<UserId>,
}

/// What a system message tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SystemEvent {
    /// The room was made.
    Created,
    /// People came in.
    Joined(Vec<UserId>),
    /// Somebody left or was removed.
    Left(UserId),
    /// The room got another name.
    Renamed(String),
    /// The room got another topic; empty where it was taken away.
    TopicChanged(String),
    /// A member got another role.
    RoleChanged(UserId, Role),
    /// Everything up to here was purged.
    Purged(Seq),
}

/// A message that is about to be sent, and keeps the rules.
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
    // A character has at most four bytes: short texts need no count.
    if content.len() > limit::CONTENT_CHARS_MAX
        && content.chars().count() > limit::CONTENT_CHARS_MAX
    {
        let rule = format!("must be at most {} characters long", limit::CONTENT_CHARS_MAX);
        return Err(Invalid::new("content", rule));
    }
    if content.contains('\0') {
        return Err(Invalid::new("content", "must not hold the character U+0000"));
    }
    Ok(())
}

impl Image {
    /// A picture on this server (a path below `/api/uploads/`) or behind https.
    ///
    /// # Errors
    ///
    /// `imageUrl` or `publicId`, whichever is not allowed.
    pub fn parse(url: String, public_id: Option<String>) -> Result<Self, Invalid> {
        let plain = |text: &str| text.chars().all(|c| !c.is_control() && !c.is_whitespace());
        let wrong = || {
            Invalid::new(
                "imageUrl",
                "must be an upload's url, or an address beginning with https://",
            )
        };
        if url.len() > limit::URL_CHARS_MAX || !plain(&url) {
            return Err(wrong());
        }
        let ours =
            url.strip_prefix("/api/uploads/").is_some_and(|id| !id.is_empty() && !id.contains('/'));
        let host = url.strip_prefix("https://").and_then(|rest| rest.split(['/', '?', '#']).next());
        let theirs = host.is_some_and(|host| !host.is_empty() && !host.contains('@'));
        if !ours && !theirs {
            return Err(wrong());
        }
        if public_id.as_ref().is_some_and(|id| id.len() > limit::PUBLIC_ID_CHARS_MAX || !plain(id))
        {
            let rule = format!("must be at most {} plain characters", limit::PUBLIC_ID_CHARS_MAX);
            return Err(Invalid::new("publicId", rule));
        }
        Ok(Self { url, public_id, size: None })
    }
}

/// The handles that a text mentions, `@name`, each once, in order, without those in code.
#[must_use]
pub fn mentioned_handles(content: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    if !content.contains('@') {
        return found;
    }
    let mut in_code = false;
    for (position, c) in content.char_indices() {
        match c {
            '`' => in_code = !in_code,
            '@' if !in_code && !is_inside_word(content, position) => {
                let name: String =
                    content[position + 1..].chars().take_while(|c| is_handle_char(*c)).collect();
                // The dot that ends a sentence is not part of the name.
                let name = crate::user::fold(name.trim_end_matches(['.', '-']));
                if !name.is_empty() && !found.contains(&name) && found.len() < limit::MENTIONS_MAX {
                    found.push(name);
                }
            }
            _ => {}
        }
    }
    found
}

fn is_inside_word(content: &str, position: usize) -> bool {
    content[..position].chars().next_back().is_some_and(|c| is_handle_char(c) && c.is_ascii())
}

/// One emoji, checked by shape: short, and nothing that text is made of.
///
/// # Errors
///
/// `emoji` where it is not one.
pub fn emoji(text: &str) -> Result<String, Invalid> {
    let fits = !text.is_empty() && text.len() <= limit::EMOJI_BYTES_MAX;
    let is_part = |c: char| {
        matches!(c,
            '\u{200d}' | '\u{fe0f}' | '\u{20e3}' | '#' | '*' | '0'..='9'
            | '\u{a9}' | '\u{ae}' | '\u{203c}'..='\u{3299}'
            | '\u{1f000}'..='\u{1faff}' | '\u{e0020}'..='\u{e007f}')
    };
    let is_kana_or_kanji = |c: char| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{2e80}'..='\u{2fdf}');
    let has_picture = text.chars().any(|c| !c.is_ascii() && !matches!(c, '\u{200d}' | '\u{fe0f}'));
    if fits && has_picture && text.chars().all(|c| is_part(c) && !is_kana_or_kanji(c)) {
        Ok(text.to_owned())
    } else {
        Err(Invalid::new("emoji", "must be one emoji"))
    }
}

/// Why a reaction could not be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the message has as many reactions as it may have")]
pub struct TooManyReactions;

/// Adds or takes away a reaction. `Ok(false)`: it was so already, and nothing changes.
///
/// # Errors
///
/// The message has [`limit::REACTION_KINDS_MAX`] different emoji, and this would be another one,
/// or [`limit::REACTIONS_MAX`] reactions in all.
pub fn react(
    reactions: &mut Vec<Reaction>,
    emoji: &str,
    user: UserId,
    on: bool,
) -> Result<bool, TooManyReactions> {
    let place = reactions.iter().position(|r| r.emoji == emoji);
    match (place, on) {
        (None, false) => Ok(false),
        (Some(at), false) => {
            let users = &mut reactions[at].users;
            let before = users.len();
            users.retain(|u| *u != user);
            let changed = users.len() < before;
            if users.is_empty() {
                reactions.remove(at);
            }
            Ok(changed)
        }
        (Some(at), true) if reactions[at].users.contains(&user) => Ok(false),
        (place, true) => {
            let all: usize = reactions.iter().map(|r| r.users.len()).sum();
            if all >= limit::REACTIONS_MAX
                || (place.is_none() && reactions.len() >= limit::REACTION_KINDS_MAX)
            {
                return Err(TooManyReactions);
            }
            match place {
                Some(at) => reactions[at].users.push(user),
                None => reactions.push(Reaction { emoji: emoji.to_owned(), users: vec![user] }),
            }
            Ok(true)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
    fn pictures_come_from_here_or_over_https() {
        let parse = |url: &str| Image::parse(url.to_owned(), None);
        for good in ["https://img.example/a.png", "/api/uploads/01kc2v9x8m3tq"] {
            assert!(parse(good).is_ok(), "{good}");
        }
        for bad in [
            "http://img.example/a.png",
            "javascript:alert(1)",
            "https://",
            "https://user@host/",
            "/api/uploads/",
            "/api/uploads/../me",
            "//evil.example/a",
            "https://a b",
            "data:image/png;base64,AAAA",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn mentions_are_words_of_their_own_and_not_code() {
        let text = "@Ann and @bob. mail a@b.co `@code` 、@愛子さん @ann";
        assert_eq!(mentioned_handles(text), ["ann", "bob", "愛子さん"]);
    }

    #[test]
    fn emoji_are_pictures() {
        for good in ["👍", "❤️", "👩‍👩‍👧", "🇯🇵", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"]
        {
            assert!(emoji(good).is_ok(), "{good}");
        }
        for bad in ["", "a", "12", "<b>", "あ", "👍 👍", &"👍".repeat(30)] {
            assert!(emoji(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn reactions_have_a_limit() {
        let mut reactions = Vec::new();
        for user in 0..limit::REACTIONS_MAX as u64 {
            assert_eq!(react(&mut reactions, "👍", UserId(user), true), Ok(true));
        }
        assert_eq!(react(&mut reactions, "👍", UserId(9_999), true), Err(TooManyReactions));
        assert_eq!(react(&mut reactions, "👍", UserId(0), false), Ok(true));
        assert_eq!(react(&mut reactions, "👍", UserId(9_999), true), Ok(true));
    }

    proptest! {
        /// A reaction that is put and taken leaves everything as it was; one put twice counts once.
        #[test]
        fn reactions_are_sets(steps in prop::collection::vec((0..4_u64, 0..3_usize, any::<bool>()), 0..60)) {
            let emoji = ["👍", "🎉", "❤️"];
            let mut reactions = Vec::new();
            let mut model = std::collections::BTreeSet::new();
            for (user, e, on) in steps {
                let changed = react(&mut reactions, emoji[e], UserId(user), on).unwrap();
                let expected = if on { model.insert((e, user)) } else { model.remove(&(e, user)) };
                prop_assert_eq!(changed, expected);
            }
            let counted: usize = reactions.iter().map(|r| r.users.len()).sum();
            prop_assert_eq!(counted, model.len());
            prop_assert!(reactions.iter().all(|r| !r.users.is_empty()));
        }

        #[test]
        fn looking_for_mentions_never_fails_badly(text in ".*") {
            prop_assert!(mentioned_handles(&text).len() <= limit::MENTIONS_MAX);
        }
    }
}
