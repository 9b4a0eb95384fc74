//! Why a spec cannot be fulfilled.

/// Why the spec cannot be fulfilled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A Secret is not there.
    #[error(
        "spec.{field} names the Secret {secret}, which does not exist in namespace {namespace}"
    )]
    NoSecret {
        /// The field of the spec.
        field: &'static str,
        /// The Secret.
        secret: String,
        /// Where it should be.
        namespace: String,
    },
    /// A Secret lacks a key.
    #[error("the Secret {secret} of spec.{field} has no key {key}; it has {has}")]
    NoKey {
        /// The field of the spec.
        field: &'static str,
        /// The Secret.
        secret: String,
        /// The key.
        key: String,
        /// The keys that are there.
        has: String,
    },
    /// A value of a Secret is not text.
    #[error("the key {key} of the Secret {secret} is empty or not text")]
    NotText {
        /// The Secret.
        secret: String,
        /// The key.
        key: String,
    },
    /// The servers would not start with these settings.
    #[error("{0}")]
    Settings(String),
}

impl Refusal {
    /// One word for it.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::NoSecret { .. } => "SecretMissing",
            Self::NoKey { .. } | Self::NotText { .. } => "SecretKeyMissing",
            Self::Settings(_) => "SettingsRefused",
        }
    }
}
