//! Whom a text mentions.

use crate::{limit, user::is_handle_char};

/// The usernames that a text mentions, `@name`, each once, in order, without those in code.
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn mentions_are_words_of_their_own_and_not_code() {
        let text = "@Ann and @bob. mail a@b.co `@code` 、@愛子さん @ann";
        assert_eq!(mentioned_handles(text), ["ann", "bob", "愛子さん"]);
    }

    #[test]
    fn the_first_mentions_of_many_count() {
        let names: Vec<_> = (0..limit::MENTIONS_MAX + 5).map(|n| format!("user{n}")).collect();
        let text = format!("@{}", names.join(" @"));
        assert_eq!(mentioned_handles(&text), names[..limit::MENTIONS_MAX]);
    }

    proptest! {
        #[test]
        fn looking_for_mentions_never_fails_badly(text in ".*") {
            prop_assert!(mentioned_handles(&text).len() <= limit::MENTIONS_MAX);
        }
    }
}
