use proptest::prelude::*;

use super::*;

fn draft(content: &str) -> Result<Draft, Invalid> {
    Draft::parse(ClientId::nil(), content.to_owned(), None, None)
}

#[test]
fn a_message_has_something_in_it_and_an_end() {
    assert!(draft("hello").is_ok());
    assert!(draft(&"字".repeat(limit::CONTENT_CHARS_MAX)).is_ok());
    assert_eq!(draft("  \n ").unwrap_err().field, "content");
    assert_eq!(draft(&"x".repeat(limit::CONTENT_CHARS_MAX + 1)).unwrap_err().field, "content");
    assert!(draft("a\0b").is_err());
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
