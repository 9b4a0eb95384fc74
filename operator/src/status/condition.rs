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
    MysqlReady,
    /// Redis answers the servers.
    RedisReady,
    /// The storage of uploads answers the servers.
    UploadsReady,
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
        Self::MysqlReady,
        Self::RedisReady,
        Self::UploadsReady,
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
            Self::MysqlReady => "MySQLReady",
            Self::RedisReady => "RedisReady",
            Self::UploadsReady => "UploadsReady",
            Self::Exposed => "Exposed",
            Self::Paused => "Paused",
        }
    }
}

/// Types that were renamed after the fields of the spec, with their names in version 0.1, for which
/// scripts may wait. The status has both until version 0.3, which drops the old ones.
pub(crate) const DEPRECATED: [(Kind, &str); 3] = [
    (Kind::MysqlReady, "StoreAvailable"),
    (Kind::RedisReady, "BrokerAvailable"),
    (Kind::UploadsReady, "UploadsAvailable"),
];

/// The condition of a type, as it was reported last; by its old name where an older operator did.
pub(crate) fn reported(conditions: &[Condition], kind: Kind) -> Option<&Condition> {
    let of = |name: &str| conditions.iter().find(|condition| condition.type_ == name);
    let old_name =
        || DEPRECATED.iter().find(|(renamed, _)| *renamed == kind).map(|(_, name)| *name);
    of(kind.name()).or_else(|| of(old_name()?))
}

/// The conditions, and each renamed one once more by its old name.
pub(crate) fn with_deprecated(mut conditions: Vec<Condition>) -> Vec<Condition> {
    for (kind, name) in DEPRECATED {
        let renamed = conditions.iter().find(|condition| condition.type_ == kind.name());
        let old = renamed.map(|renamed| Condition { type_: name.to_owned(), ..renamed.clone() });
        conditions.extend(old);
    }
    conditions
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn condition(kind: &str, status: &str) -> Condition {
        serde_json::from_value(json!({
            "type": kind, "status": status, "reason": "R", "message": "m",
            "lastTransitionTime": "2026-01-01T00:00:00Z",
        }))
        .unwrap()
    }

    #[test]
    fn a_renamed_condition_is_found_by_both_names() {
        let (new, old) = (condition("MySQLReady", "True"), condition("StoreAvailable", "False"));
        let both = [condition("RedisReady", "True"), old.clone(), new.clone()];
        assert_eq!(reported(&both, Kind::MysqlReady), Some(&new));
        assert_eq!(reported(&both[..2], Kind::MysqlReady), Some(&old), "an older operator's");
        assert_eq!(reported(&both[..1], Kind::MysqlReady), None);
        assert_eq!(reported(&both[1..], Kind::RedisReady), None);
    }

    #[test]
    fn the_status_has_renamed_conditions_by_both_names() {
        let conditions = vec![condition("Ready", "True"), condition("UploadsReady", "False")];
        let all = with_deprecated(conditions.clone());
        assert_eq!(all[..2], conditions);
        assert_eq!(all[2..], [condition("UploadsAvailable", "False")]);
    }

    #[test]
    fn a_state_is_read_as_it_was_reported() {
        for (status, is_yes) in [("True", true), ("False", false), ("Unknown", false)] {
            let state = State::of(&condition("Ready", status));
            assert_eq!((state.status, state.is_yes()), (status, is_yes));
            assert_eq!((state.reason.as_str(), state.message.as_str()), ("R", "m"));
        }
    }
}
