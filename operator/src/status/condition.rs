//! The conditions: what each is about, and what may be said of it.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

/// What a condition is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// All is as the spec asks.
    Ready,
    /// People can chat.
    Available,
    /// Something is being changed.
    Progressing,
    /// Something is wrong.
    Degraded,
    /// The store's schema is up to date.
    MigrationsApplied,
    /// MySQL answers.
    StoreAvailable,
    /// Redis answers.
    BrokerAvailable,
    /// Pictures can be stored and fetched.
    UploadsAvailable,
    /// Those who open the ways in from outside have taken them up.
    Exposed,
    /// The operator changes nothing.
    Paused,
}

impl Kind {
    /// All, in the order in which they are told.
    pub const ALL: [Self; 10] = [
        Self::Ready,
        Self::Available,
        Self::Progressing,
        Self::Degraded,
        Self::MigrationsApplied,
        Self::StoreAvailable,
        Self::BrokerAvailable,
        Self::UploadsAvailable,
        Self::Exposed,
        Self::Paused,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ready => "Ready",
            Self::Available => "Available",
            Self::Progressing => "Progressing",
            Self::Degraded => "Degraded",
            Self::MigrationsApplied => "MigrationsApplied",
            Self::StoreAvailable => "StoreAvailable",
            Self::BrokerAvailable => "BrokerAvailable",
            Self::UploadsAvailable => "UploadsAvailable",
            Self::Exposed => "Exposed",
            Self::Paused => "Paused",
        }
    }
}

/// How a condition stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// `True`, `False` or `Unknown`.
    pub status: &'static str,
    /// One word.
    pub reason: String,
    /// A sentence.
    pub message: String,
}

impl State {
    /// It is so.
    #[must_use]
    pub fn yes(reason: &str, message: impl Into<String>) -> Self {
        Self { status: "True", reason: reason.to_owned(), message: message.into() }
    }

    /// It is not so.
    #[must_use]
    pub fn no(reason: &str, message: impl Into<String>) -> Self {
        Self { status: "False", reason: reason.to_owned(), message: message.into() }
    }

    /// Nobody knows yet.
    #[must_use]
    pub fn unknown() -> Self {
        let message = "not known yet".to_owned();
        Self { status: "Unknown", reason: "NotKnownYet".to_owned(), message }
    }

    /// As it was told.
    #[must_use]
    pub fn of(told: &Condition) -> Self {
        let status = match told.status.as_str() {
            "True" => "True",
            "False" => "False",
            _ => "Unknown",
        };
        Self { status, reason: told.reason.clone(), message: told.message.clone() }
    }

    /// Is it so.
    #[must_use]
    pub fn is_yes(&self) -> bool {
        self.status == "True"
    }
}
