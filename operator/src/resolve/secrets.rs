//! The Secrets that people made.

use std::collections::BTreeMap;

use super::Refusal;
use crate::observed::SecretData;

/// The Secrets that the spec refers to.
pub(super) struct Secrets<'a> {
    pub(super) namespace: &'a str,
    pub(super) known: &'a BTreeMap<String, Option<SecretData>>,
}

impl Secrets<'_> {
    /// All values of one; `field` of the spec names it.
    pub(super) fn get(&self, field: &'static str, secret: &str) -> Result<&SecretData, Refusal> {
        self.known.get(secret).and_then(Option::as_ref).ok_or_else(|| Refusal::NoSecret {
            field,
            secret: secret.to_owned(),
            namespace: self.namespace.to_owned(),
        })
    }

    /// One value, which is text.
    pub(super) fn value(
        &self,
        field: &'static str,
        secret: &str,
        key: &str,
    ) -> Result<String, Refusal> {
        let data = self.get(field, secret)?;
        let value = data.get(key).ok_or_else(|| Refusal::NoKey {
            field,
            secret: secret.to_owned(),
            key: key.to_owned(),
            has: if data.is_empty() {
                "none".to_owned()
            } else {
                data.keys().cloned().collect::<Vec<_>>().join(", ")
            },
        })?;
        // A line end at the end is what `echo` put there.
        let text = std::str::from_utf8(value).unwrap_or_default().trim_end_matches(['\r', '\n']);
        if text.is_empty() {
            return Err(Refusal::NotText { secret: secret.to_owned(), key: key.to_owned() });
        }
        Ok(text.to_owned())
    }
}
