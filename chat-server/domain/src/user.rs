//! Users: their names, addresses and passwords.

use unicode_normalization::UnicodeNormalization;

use crate::{Invalid, id::UserId, limit};

/// A user as others see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Who.
    pub id: UserId,
    /// Their username.
    pub username: String,
    /// Their display name, if set.
    pub display_name: Option<String>,
    /// Path of their photo.
    pub photo_url: Option<String>,
}

/// A valid username.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Username(String);

impl Username {
    /// Letters of any script, digits, `.`, `_` and `-`, so that `@name` in a text has an end.
    ///
    /// # Errors
    ///
    /// `username` for other characters, or where it is not [`limit::USERNAME_CHARS`] long.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let name: String = text.trim().nfc().collect();
        let chars = name.chars().count();
        if !limit::USERNAME_CHARS.contains(&chars) {
            return Err(Invalid::new("username", "must be 2 to 32 characters long"));
        }
        if !name.chars().all(is_handle_char) {
            let rule = "may hold letters, digits, '.', '_' and '-' only";
            return Err(Invalid::new("username", rule));
        }
        Ok(Self(name))
    }

    /// As it was entered.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which it is unique.
    #[must_use]
    pub fn key(&self) -> String {
        fold(&self.0)
    }
}

/// Whether a username may contain `c`.
#[must_use]
pub fn is_handle_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '_' | '-')
}

/// The form in which names and addresses are compared: compatibility forms and case are equal.
#[must_use]
pub fn fold(text: &str) -> String {
    text.trim().nfkc().flat_map(char::to_lowercase).collect()
}

/// An address of the shape `local@domain`. Only a mail can show whether it exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Accepts addresses that mail supports.
    ///
    /// # Errors
    ///
    /// `email` for anything else.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let wrong = || Invalid::new("email", "must be an address like name@example.org");
        let (local, domain) = text.rsplit_once('@').ok_or_else(wrong)?;
        let plain = |c: char| !c.is_whitespace() && !c.is_control();
        let whole = !local.is_empty()
            && domain.contains('.')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && !domain.contains("..")
            && text.chars().all(plain)
            && domain.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-'))
            && text.len() <= limit::EMAIL_CHARS_MAX;
        if whole { Ok(Self(text.to_owned())) } else { Err(wrong()) }
    }

    /// As it was entered.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which it is unique.
    #[must_use]
    pub fn key(&self) -> String {
        fold(&self.0)
    }
}

/// Whether a text may be the password of any account: imported ones may have short ones.
#[must_use]
pub fn may_be_password(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= *limit::PASSWORD_CHARS.end()
}

/// A new password, validated by length. It is never printed.
pub struct Password(String);

impl Password {
    /// Accepts any characters; only the length matters (NIST SP 800-63B, 5.1.1.2).
    ///
    /// # Errors
    ///
    /// `field` where it is not [`limit::PASSWORD_CHARS`] long.
    pub fn parse(field: &'static str, text: String) -> Result<Self, Invalid> {
        if limit::PASSWORD_CHARS.contains(&text.chars().count()) {
            Ok(Self(text))
        } else {
            Err(Invalid::new(field, "must be 10 to 256 characters long"))
        }
    }

    /// The text, only for hashing.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// A display name: one line of 1 to [`limit::DISPLAY_NAME_CHARS_MAX`] characters.
///
/// # Errors
///
/// `displayName` where it is not.
pub fn display_name(text: &str) -> Result<String, Invalid> {
    single_line("displayName", text, limit::DISPLAY_NAME_CHARS_MAX)
}

/// Text of one line, not empty.
pub(crate) fn single_line(
    field: &'static str,
    text: &str,
    chars_max: usize,
) -> Result<String, Invalid> {
    let text: String = text.trim().nfc().collect();
    if text.is_empty() || text.chars().count() > chars_max {
        return Err(Invalid::new(field, format!("must be 1 to {chars_max} characters long")));
    }
    if text.chars().any(char::is_control) {
        return Err(Invalid::new(field, "must be one line of text"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_that_look_alike_are_the_same() {
        let key = |name| Username::parse(name).unwrap().key();
        assert_eq!(key("Aiko"), key("aiko"));
        assert_eq!(key("ｱｲｺ"), key("アイコ"));
    }

    #[test]
    fn what_is_not_a_name_is_refused() {
        for name in ["", "a", "two words", "semi;colon", "a@b", &"x".repeat(33)] {
            assert!(Username::parse(name).is_err(), "{name}");
        }
    }

    #[test]
    fn names_are_kept_as_entered_and_compared_without_case() {
        let name = Username::parse(" Aiko ").unwrap();
        assert_eq!((name.as_str(), name.key().as_str()), ("Aiko", "aiko"));
        let email = Email::parse(" Aiko@Example.org ").unwrap();
        assert_eq!(email.as_str(), "Aiko@Example.org");
        assert_eq!(email.key(), "aiko@example.org");
    }

    #[test]
    fn a_display_name_is_one_line_with_an_end() {
        assert_eq!(display_name(" Aiko T. ").unwrap(), "Aiko T.");
        let max = "字".repeat(limit::DISPLAY_NAME_CHARS_MAX);
        assert_eq!(display_name(&max).unwrap(), max);
        for wrong in ["", "  ", "two\nlines", &format!("{max}字")] {
            assert_eq!(display_name(wrong).unwrap_err().field, "displayName");
        }
    }

    #[test]
    fn a_password_is_ruled_by_its_length() {
        let password = |text: &str| Password::parse("password", text.to_owned());
        let (min, max) = limit::PASSWORD_CHARS.into_inner();
        for length in [min, max] {
            let text = "字".repeat(length);
            assert_eq!(password(&text).ok().unwrap().reveal(), text);
            assert!(may_be_password(&text));
        }
        for length in [min - 1, max + 1] {
            assert_eq!(password(&"x".repeat(length)).err().unwrap().field, "password");
        }
        // Of an account that was imported.
        assert!(may_be_password("x"));
        assert!(!may_be_password("") && !may_be_password(&"x".repeat(max + 1)));
    }

    #[test]
    fn addresses() {
        for good in ["a@b.co", "名前@例え.jp", "a.b+c@d-e.example"] {
            assert!(Email::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "a", "a@b", "@b.co", "a@.co", "a@b..co", "a b@c.de", "a@b.co\n.x"] {
            assert!(Email::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn parsing_never_fails_badly(text in ".*") {
            let _ = Username::parse(&text).map(|name| name.key());
            let _ = Email::parse(&text).map(|email| email.key());
        }

        #[test]
        fn folding_twice_changes_nothing_more(text in "[a-zA-Zäöü亜-熙ァ-ヴ]{2,20}") {
            prop_assert_eq!(fold(&fold(&text)), fold(&text));
        }
    }
}
