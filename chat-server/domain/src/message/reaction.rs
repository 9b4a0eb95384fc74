//! Reactions to messages.

use crate::{Invalid, id::UserId, limit};

/// One emoji and the users who reacted with it, in order of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaction {
    /// The emoji.
    pub emoji: String,
    /// Who.
    pub users: Vec<UserId>,
}

/// One emoji, validated by shape: short, and no letters.
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

/// Adds or removes a reaction. `Ok(false)`: nothing changed.
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
        /// Adding and removing a reaction changes nothing; adding it twice counts once.
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
    }
}
