//! SQL as text, only for the committer: it sends several statements of varying sizes in one round
//! trip, for which prepared statements cost too much.
//!
//! Invariant: values enter as numbers or as hexadecimal digits, so no value can become SQL.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};

/// Statements under construction.
#[derive(Default)]
pub(super) struct Sql(String);

impl Sql {
    /// A literal of the program.
    pub(super) fn raw(&mut self, text: &'static str) -> &mut Self {
        self.0.push_str(text);
        self
    }

    /// A number.
    pub(super) fn number(&mut self, value: u64) -> &mut Self {
        let _ = write!(self.0, "{value}");
        self
    }

    /// A number or NULL.
    pub(super) fn optional_number(&mut self, value: Option<u64>) -> &mut Self {
        match value {
            Some(value) => self.number(value),
            None => self.raw("NULL"),
        }
    }

    /// Bytes, for a BINARY column.
    pub(super) fn bytes(&mut self, value: &[u8]) -> &mut Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        self.0.reserve(value.len() * 2 + 3);
        self.0.push_str("x'");
        for byte in value {
            self.0.push(char::from(DIGITS[usize::from(byte >> 4)]));
            self.0.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
        self.0.push('\'');
        self
    }

    /// Text, for a utf8mb4 or JSON column.
    pub(super) fn text(&mut self, value: &str) -> &mut Self {
        self.raw("_utf8mb4 ").bytes(value.as_bytes())
    }

    /// Text or NULL.
    pub(super) fn optional_text(&mut self, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.text(value),
            None => self.raw("NULL"),
        }
    }

    /// A time, for a DATETIME(6) column.
    pub(super) fn time(&mut self, value: DateTime<Utc>) -> &mut Self {
        let _ = write!(self.0, "'{}'", value.format("%Y-%m-%d %H:%M:%S%.6f"));
        self
    }

    /// A time or NULL.
    pub(super) fn optional_time(&mut self, value: Option<DateTime<Utc>>) -> &mut Self {
        match value {
            Some(value) => self.time(value),
            None => self.raw("NULL"),
        }
    }

    /// Each item as `write` puts it, with commas between.
    pub(super) fn list<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) -> &mut Self {
        for (place, item) in items.into_iter().enumerate() {
            if place > 0 {
                self.0.push(',');
            }
            write(self, item);
        }
        self
    }

    /// The text, for the driver.
    pub(super) fn finish(self) -> sqlx::AssertSqlSafe<String> {
        sqlx::AssertSqlSafe(self.0)
    }
}

/// `%`, `_` and `\` as themselves in a `LIKE` pattern.
pub(super) fn escape_like(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_become_sql() {
        let mut sql = Sql::default();
        sql.raw("SELECT ").text("'; DROP TABLE users; -- \\");
        let text = sql.0;
        assert!(text.starts_with("SELECT _utf8mb4 x'"));
        assert!(
            text["SELECT _utf8mb4 x'".len()..]
                .trim_end_matches('\'')
                .bytes()
                .all(|b| b.is_ascii_hexdigit())
        );
    }

    #[test]
    fn patterns_hold_no_wildcards_of_others() {
        assert_eq!(escape_like(r"a_b%\"), r"a\_b\%\\");
    }
}
