//! Values of the Secrets that the spec refers to.

use std::collections::BTreeMap;

use super::Rejection;
use crate::observe::SecretData;

/// The Secrets that the spec refers to.
pub(super) struct Secrets<'a> {
    pub(super) namespace: &'a str,
    pub(super) known: &'a BTreeMap<String, Option<SecretData>>,
}

impl Secrets<'_> {
    /// All values of one; `field` is the field of the spec that names it.
    pub(super) fn get(&self, field: &'static str, secret: &str) -> Result<&SecretData, Rejection> {
        self.known.get(secret).and_then(Option::as_ref).ok_or_else(|| Rejection::NoSecret {
            field,
            secret: secret.to_owned(),
            namespace: self.namespace.to_owned(),
        })
    }

    /// One value as text, without line ends at its end.
    pub(super) fn value(
        &self,
        field: &'static str,
        secret: &str,
        key: &str,
    ) -> Result<String, Rejection> {
        let data = self.get(field, secret)?;
        let value = data.get(key).ok_or_else(|| Rejection::NoKey {
            field,
            secret: secret.to_owned(),
            key: key.to_owned(),
            has: if data.is_empty() {
                "none".to_owned()
            } else {
                data.keys().cloned().collect::<Vec<_>>().join(", ")
            },
        })?;
        // `echo` adds a line end.
        let text = std::str::from_utf8(value).unwrap_or_default().trim_end_matches(['\r', '\n']);
        if text.is_empty() {
            return Err(Rejection::NotText { secret: secret.to_owned(), key: key.to_owned() });
        }
        Ok(text.to_owned())
    }
}
