//! Why a spec is rejected.

/// Why the spec cannot be fulfilled; each says what the user has to change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// A Secret does not exist.
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
        /// The existing keys.
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
    /// The Secret with generated credentials lacks a key: somebody changed it.
    #[error("the Secret {secret} has no key {key}; put it back, the managed stores need it")]
    CredentialsIncomplete {
        /// The Secret.
        secret: String,
        /// The key.
        key: &'static str,
    },
    /// The Secret with generated credentials was deleted, and data that depends on it exists.
    #[error(
        "the Secret {secret} is gone, and other passwords would not open what was made with those \
         in it; put it back, or delete, with all that is kept there: {kept}"
    )]
    CredentialsLost {
        /// The Secret.
        secret: String,
        /// What depends on its passwords.
        kept: String,
    },
    /// The system gives no random numbers for the named Secret.
    #[error("the Secret {0} cannot be generated: the system gives no random numbers")]
    NoRandomness(String),
}

impl Rejection {
    /// The reason in conditions.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::NoSecret { .. } => "SecretMissing",
            Self::NoKey { .. } | Self::NotText { .. } => "SecretKeyMissing",
            Self::Settings(_) => "SettingsRefused",
            Self::CredentialsIncomplete { .. }
            | Self::CredentialsLost { .. }
            | Self::NoRandomness(_) => "CredentialsBroken",
        }
    }
}
