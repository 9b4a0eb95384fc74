//! What all reconciliations share, and how a step of one fails.

use std::collections::BTreeMap;

use kube::{Client, runtime::events::Recorder};
use tokio::sync::Mutex;

use super::metrics::Metrics;
use crate::{
    apply,
    observe::{self, Cache},
    status,
};

/// What all reconciliations share.
pub(super) struct Context {
    /// The API.
    pub(super) client: Client,
    /// Child objects as the watches report them.
    pub(super) cache: Cache,
    /// Publishes events.
    pub(super) recorder: Recorder,
    /// All metrics.
    pub(super) metrics: Metrics,
    /// Failures since the last success, by namespace and name of a `ChatCluster`.
    pub(super) failures: Mutex<BTreeMap<String, u32>>,
}

/// A step that failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// The state could not be read.
    #[error("observe: {0}")]
    Observe(#[from] observe::Error),
    /// An object could not be written.
    #[error("apply: {0}")]
    Apply(#[from] apply::Error),
    /// The status could not be written.
    #[error("status: {0}")]
    Status(#[from] status::Error),
}

impl Error {
    /// The step's name, as in metrics.
    #[must_use]
    pub(super) fn step(&self) -> &'static str {
        match self {
            Self::Observe(_) => "observe",
            Self::Apply(_) => "apply",
            Self::Status(_) => "status",
        }
    }

    /// The reason in conditions.
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::Apply(apply::Error::Foreign(_)) => "NameTaken",
            Self::Apply(_) => "NotApplied",
            Self::Observe(_) | Self::Status(_) => "APIUnavailable",
        }
    }
}
