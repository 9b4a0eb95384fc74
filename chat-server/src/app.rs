//! What every edge receives: cheap to clone, made once in `run`.

use std::sync::Arc;

use chat_contract::config::ServerConfig;
use parking_lot::Mutex;

use crate::{
    commit::Committer,
    deliver::Hub,
    files::{Files, picture::Studio},
    guard::{EndedSessions, Hasher, Limits},
    lifecycle::Lifecycle,
    metrics::Metrics,
    mysql::Store,
    mysql::store::Identity,
    people::People,
    redis::{Cache, Redis},
    soft::Soft,
    tls::Tls,
    trace::Sampling,
};

/// The parts of one running server.
pub type App = Arc<Parts>;

/// See [`App`].
pub struct Parts {
    /// What the server was told.
    pub config: ServerConfig,
    /// All metrics.
    pub metrics: Metrics,
    /// From the first signal to the end.
    pub lifecycle: Lifecycle,
    /// The truth.
    pub store: Store,
    /// Why the truth did not answer a moment ago; nothing where it did.
    pub store_trouble: Mutex<Option<String>>,
    /// Who this store is.
    pub identity: Identity,
    /// Hints and caches.
    pub redis: Redis,
    /// The one way in which a room changes.
    pub committer: Committer,
    /// Everybody connected here.
    pub hub: Hub,
    /// Read markers and drafts that are not in the store yet.
    pub soft: Soft,
    /// What was committed a short while ago.
    pub cache: Cache,
    /// How people look.
    pub people: People,
    /// Uploaded files.
    pub files: Files,
    /// Decodes pictures.
    pub studio: Studio,
    /// Hashes passwords.
    pub hasher: Hasher,
    /// How often one may do what.
    pub limits: Limits,
    /// Which requests are traced.
    pub sampling: Sampling,
    /// What HTTPS is spoken with; nothing where it is plain HTTP.
    pub tls: Option<Tls>,
    /// Sessions that ended a short while ago.
    pub ended: EndedSessions,
}
