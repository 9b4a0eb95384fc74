//! A command as it arrived.

use serde_json::value::RawValue;
use socketioxide_core::Value;

use crate::service::{Error, Result};

/// Maximum bytes of a command, as of an HTTP body: 8,000 emoji, each written as two escapes, and
/// their framing.
pub(super) const COMMAND_BYTES_MAX: usize = 128 * 1024;

/// A command that waits for its turn. The content of one that is too large is dropped: it uses no
/// memory, and is rejected with an error in its turn.
pub(super) struct Packet(Option<Value>);

impl Packet {
    pub(super) fn new(value: Value) -> Self {
        Self((bytes(&value) <= COMMAND_BYTES_MAX).then_some(value))
    }

    /// Name and first argument of an event packet, `["name", argument, ...]`.
    pub(super) fn parse(&self) -> Result<(String, &RawValue)> {
        let Some(value) = &self.0 else {
            let kilobytes = COMMAND_BYTES_MAX / 1024;
            return Err(Error::TooLarge(format!("the command is larger than {kilobytes} kB")));
        };
        let Value::Str(text, binaries) = value else {
            return Err(Error::Shape("commands are text, not binary".to_owned()));
        };
        if binaries.as_ref().is_some_and(|list| !list.is_empty()) {
            return Err(Error::Shape("commands take no binary attachments".to_owned()));
        }
        let parts: Vec<&RawValue> = serde_json::from_str(text)
            .map_err(|error| Error::Shape(format!("the packet is not an event: {error}")))?;
        let name = parts.first().and_then(|part| serde_json::from_str(part.get()).ok());
        let name: String = name.ok_or_else(|| Error::Shape("the event has no name".to_owned()))?;
        let data = parts
            .get(1)
            .copied()
            .ok_or_else(|| Error::Shape(format!("the command {name} needs an object")))?;
        Ok((name, data))
    }
}

fn bytes(value: &Value) -> usize {
    match value {
        Value::Str(text, attached) => {
            text.len() + attached.iter().flatten().map(bytes::Bytes::len).sum::<usize>()
        }
        Value::Bytes(bytes) => bytes.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(text: &str) -> Packet {
        Packet::new(Value::Str(text.to_owned().into(), None))
    }

    #[test]
    fn garbage_is_refused_in_words() {
        for text in ["", "[]", "{}", "[1]", "[\"sendMessage\"]", "[null,{}]"] {
            assert!(matches!(packet(text).parse(), Err(Error::Shape(_))), "{text}");
        }
        let good = packet("[\"typing\",{\"a\":1}]");
        let (name, data) = good.parse().unwrap();
        assert_eq!((name.as_str(), data.get()), ("typing", "{\"a\":1}"));
    }

    #[test]
    fn of_a_command_that_is_too_large_nothing_is_kept() {
        let large = packet(&format!("[\"typing\",\"{}\"]", "x".repeat(COMMAND_BYTES_MAX)));
        assert!(large.0.is_none());
        assert!(matches!(large.parse(), Err(Error::TooLarge(_))));
        let attached = vec![bytes::Bytes::from(vec![0; COMMAND_BYTES_MAX])].into();
        assert!(Packet::new(Value::Str("[\"typing\",{}]".into(), Some(attached))).0.is_none());
    }
}
