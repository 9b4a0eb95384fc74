//! Ids as strings.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Crockford's base 32 in lower case: no `i`, `l`, `o`, `u`, and it sorts like the number.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// 13 digits of 5 bits hold 64 bits.
const DIGITS: usize = 13;

/// A 64-bit id of a user, a room, a session or an upload.
/// On the wire: 13 characters of Crockford's base 32, lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(pub u64);

/// The text is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id")]
pub struct NotAnId;

impl Id {
    fn digits(self) -> [u8; DIGITS] {
        let mut out = [0; DIGITS];
        let mut rest = self.0;
        for slot in out.iter_mut().rev() {
            *slot = ALPHABET[(rest & 31) as usize];
            rest >>= 5;
        }
        out
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // In one piece: a page of messages has hundreds of ids.
        f.write_str(str::from_utf8(&self.digits()).map_err(|_| fmt::Error)?)
    }
}

impl FromStr for Id {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        if text.len() != DIGITS {
            return Err(NotAnId);
        }
        text.bytes()
            .try_fold(0_u64, |value, byte| {
                let digit = ALPHABET.iter().position(|a| *a == byte)?;
                value.checked_mul(32)?.checked_add(digit as u64)
            })
            .map(Self)
            .ok_or(NotAnId)
    }
}

/// The id of a message: its room and its place in it, `<room>-<seq>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId {
    /// The room that holds the message.
    pub room: Id,
    /// The place of the message in the room, from 1.
    pub seq: u64,
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.room, self.seq)
    }
}

impl FromStr for MessageId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let (room, seq) = text.split_once('-').ok_or(NotAnId)?;
        // `parse` would take "+5" and "05" too, and one message has one name.
        if seq.starts_with(['+', '0']) {
            return Err(NotAnId);
        }
        Ok(Self { room: room.parse()?, seq: seq.parse().map_err(|_| NotAnId)? })
    }
}

macro_rules! string_on_the_wire {
    ($type:ty, $example:literal) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }

        impl utoipa::PartialSchema for $type {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .examples([$example])
                    .into()
            }
        }

        impl utoipa::ToSchema for $type {}
    };
}

string_on_the_wire!(Id, "01kc2v9x8m3tq");
string_on_the_wire!(MessageId, "01kc2v9x8m3tq-42");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_survive_the_way_over_the_wire() {
        for value in [0, 1, 31, 32, 1 << 40, u64::MAX] {
            let text = Id(value).to_string();
            assert_eq!(text.len(), DIGITS);
            assert_eq!(text.parse(), Ok(Id(value)));
        }
        let id = MessageId { room: Id(7), seq: 42 };
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn what_is_not_an_id_is_refused() {
        for text in ["", "0", "zzzzzzzzzzzzz", "0000000000iii", "00000000000001", "000000000000A"] {
            assert_eq!(text.parse::<Id>(), Err(NotAnId), "{text}");
        }
        for text in ["0000000000007", "0000000000007-", "0000000000007-01", "0000000000007--1"] {
            assert_eq!(text.parse::<MessageId>(), Err(NotAnId), "{text}");
        }
    }
}
