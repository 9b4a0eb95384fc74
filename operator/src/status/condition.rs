//! The types of conditions, and the state of one.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

/// The type of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Everything is as the spec asks.
    Ready,
    /// Clients can chat.
    Available,
    /// Something is being changed.
    Progressing,
    /// Something is wrong.
    Degraded,
    /// The database schema is up to date.
    MigrationsApplied,
    /// MySQL answers the servers.
    StoreAvailable,
    /// Redis answers the servers.
    BrokerAvailable,
    /// The storage of uploads answers the servers.
    UploadsAvailable,
    /// The load balancer, Ingress and Gateways report that they serve.
    Exposed,
    /// The operator changes nothing.
    Paused,
}

impl Kind {
    /// All types, in the order of the status.
    pub(crate) const ALL: [Self; 10] = [
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

    /// The `type` in the status.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
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

/// The state of one condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct State {
    /// `True`, `False` or `Unknown`.
    pub(crate) status: &'static str,
    /// The reason, one CamelCase word.
    pub(crate) reason: String,
    /// A sentence for people.
    pub(crate) message: String,
}

impl State {
    /// `True`.
    #[must_use]
    pub(crate) fn yes(reason: &str, message: impl Into<String>) -> Self {
        Self { status: "True", reason: reason.to_owned(), message: message.into() }
    }

    /// `False`.
    #[must_use]
    pub(crate) fn no(reason: &str, message: impl Into<String>) -> Self {
        Self { status: "False", reason: reason.to_owned(), message: message.into() }
    }

    /// `Unknown`: nothing was reported yet.
    #[must_use]
    pub(crate) fn unknown() -> Self {
        let message = "not known yet".to_owned();
        Self { status: "Unknown", reason: "NotKnownYet".to_owned(), message }
    }

    /// The state that a condition has.
    #[must_use]
    pub(crate) fn of(reported: &Condition) -> Self {
        let status = match reported.status.as_str() {
            "True" => "True",
            "False" => "False",
            _ => "Unknown",
        };
        Self { status, reason: reported.reason.clone(), message: reported.message.clone() }
    }

    /// Whether the status is `True`.
    #[must_use]
    pub(crate) fn is_yes(&self) -> bool {
        self.status == "True"
    }
}
